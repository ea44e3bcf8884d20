"""``train`` of an autoencoder: the original program's loop, its error curve, and what it shows of itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import tensorboard as watching
from indeependence.commands.shared.facts import say
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import asked, taken
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    import numpy as np

    from indeependence.data.datasets import Dataset
    from indeependence.data.examples import Examples
    from indeependence.experiment.costs import Clock
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder
    from indeependence.models.autoencoder.online import Pace, Step
    from indeependence.report.pictures.screen import Screen
    from indeependence.report.tensorboard import Board

SAMPLE = 500  # examples that layers are measured on
LIMIT = 1000  # examples, if --limit does not say
SAVED = 100  # examples between two writings of the model's file, and between two lines on the running error


def train_autoencoder(choice: dict[str, Any]) -> None:
    """Learns example by example as ``choice`` says, and tells the running error."""
    from indeependence.data.selection import Part, Source
    from indeependence.experiment.costs import Clock
    from indeependence.files.container import columns_of
    from indeependence.files.lock import sole_writer_of
    from indeependence.report.tensorboard import board

    clock = Clock.start()
    dataset = taken(Source, choice).load(columns_of(choice["model"]) if choice["load"] else None)
    choice = {**choice, "limit": choice["limit"] or LIMIT}
    fresh = None if choice["load"] else _model(dataset, choice)  # before any folder is made: it may be refused
    with board(choice["tensorboard"]) as events:
        with limited_threads(choice["threads"] or 1), screens(choice) as shown:
            with sole_writer_of(choice["model"], existing=choice["load"]):
                model = fresh or _model(dataset, choice)
                steps, cpu = _run(model, taken(Part, choice).of(dataset), choice, shown, events)
                model.save(choice["model"])
        told = _reported(model, dataset, steps, {**choice, "cpu": cpu}, clock, events)
    if not choice["as_json"]:
        told.pop("running_errors")  # printed on the way
    say(told, as_json=choice["as_json"])


def _reported(
    model: LabelledAutoencoder,
    dataset: Dataset,
    steps: list[Step],
    choice: dict[str, Any],
    clock: Clock,
    events: Board | None,
) -> dict[str, Any]:
    """What there is to say of the run, once its error curve and its report are written."""
    from indeependence.data.selection import Part
    from indeependence.experiment.training_report import report
    from indeependence.report.pictures.online import write_running_error

    cpu, errors = choice.pop("cpu"), [step.error for step in steps]
    labels, predicted = [step.label for step in steps], [step.predicted for step in steps]
    folder = write_running_error(choice["output"], errors, labels, predicted)
    measured = _measured(model, taken(Part, choice).of(dataset).take(SAMPLE))
    facts = _facts(model, errors, {**choice, "output": folder}, cpu, measured)
    return report(model, dataset, clock, facts, asked(choice), choice["output"], errors=errors, board=events)


def _measured(model: LabelledAutoencoder, examples: Examples) -> list[dict[str, float]]:
    """Entropy, reconstruction error and residue of each layer on some examples."""
    from indeependence.models.autoencoder.layout import whole_rows
    from indeependence.models.autoencoder.measures import layer_measures

    inputs, labels = examples.arrays()
    rows = whole_rows(model.autoencoder.layout, model.quantised(inputs), model.targets(labels))
    return [vars(layer) for layer in layer_measures(model.autoencoder.tied, rows)]


def _model(dataset: Dataset, choice: dict[str, Any]) -> LabelledAutoencoder:
    from indeependence.data.selection import Part
    from indeependence.models.autoencoder.grammar import fitting_text
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder

    if choice["load"]:
        model = LabelledAutoencoder.load(choice["model"])
        model.coeff = choice["coeff"]
        return model
    entries = dataset.x_train[0].size + len(dataset.classes)
    layers = fitting_text(entries) if choice["layers"] == "auto" else choice["layers"]
    options = {"frozen": False, "solver": choice["solver"], "rate": choice["rate"]}
    model = LabelledAutoencoder(
        dataset.classes.tolist(), layers, coeff=choice["coeff"], random_state=choice["seed"], **options
    )
    skip = choice["skip"] if choice["boot_skip"] is None else choice["boot_skip"]
    sample = replace(taken(Part, choice), skip=skip, limit=choice["boot_limit"]).of(dataset)
    model.columns = dataset.columns
    return model.bootstrap(*sample.arrays())


def _run(
    model: LabelledAutoencoder,
    examples: Examples,
    choice: dict[str, Any],
    shown: list[Screen],
    events: Board | None,
) -> tuple[list[Step], float]:
    """What came of each example, and the seconds of the processor that it took."""
    from indeependence.models.autoencoder.online import run

    steps: list[Step] = []
    began = time.process_time()
    pairs = ((inputs[0], labels[0].item()) for inputs, labels in examples.batches(1))
    pictures = (inputs[0] for inputs, _ in examples.batches(1))
    with progress(quiet=choice["quiet"]) as watch:
        for step in run(model, pairs, _pace(choice)):
            steps.append(step)
            watch("learning", step.number, len(examples))
            if shown:
                _show(model, next(pictures), [one.error for one in steps], shown)
            if events is not None:
                _write(events, model, examples, step)
            if step.number % SAVED == 0:
                model.save(choice["model"])
                if not choice["as_json"]:
                    click.echo(f"{step.number:8} examples  running error {step.error:.4f}")
    return steps, time.process_time() - began


def _write(events: Board, model: LabelledAutoencoder, examples: Examples, step: Step) -> None:
    """The running error every ten examples, and how the model stands every hundred."""
    if step.number % 10 == 0:
        events.scalars({"running_error": step.error}, step.number)
    if step.number % SAVED == 0:
        picture = examples.part(step.number - 1, step.number).arrays()[0][0]
        watching.after_step(events, model, picture, step.number)


def _pace(choice: dict[str, Any]) -> Pace:
    from indeependence.models.autoencoder.online import Pace

    learn = choice["infer"] if choice["solver"] == "adam" else 1
    return Pace(choice["eval"], choice["inference"], choice["infer"], learn)


def _show(model: LabelledAutoencoder, picture: np.ndarray, errors: list[float], shown: list[Screen]) -> None:
    """A frame of what went in and what the top code makes of it, to all screens."""
    from indeependence.encoder.quantise import as_bytes
    from indeependence.report.pictures.online import frame

    whole = model.quantised(picture[None])
    again, _ = model.autoencoder.decode(model.autoencoder.encode(whole))
    seen = [as_bytes(again[0]).reshape(model.shape), whole[0]]
    decoded, original = (one if one.ndim > 1 else one[None] for one in seen)
    for screen in shown:
        screen(frame(original, decoded, errors))


@contextmanager
def screens(choice: dict[str, Any]) -> Iterator[list[Screen]]:
    """Where frames go: a window, a film or pictures, or nowhere; closed at the end."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        found = []
        if choice["show"] or choice["record"]:
            from indeependence.report.pictures.screen import recording, window

            found += [stack.enter_context(window())] if choice["show"] else []
            found += [stack.enter_context(recording(choice["record"]))] if choice["record"] else []
        yield found


def _facts(
    model: LabelledAutoencoder, errors: list[float], choice: dict[str, Any], cpu: float, measured: list[dict]
) -> dict[str, Any]:
    """What there is to say of the run, in plain JSON types."""

    return {
        "model": str(choice["model"]),
        "kind": "autoencoder",
        "model_sha256": model.moments_.fingerprint,
        "layers": model.encoder_.layers_text,
        "sums": "exact" if model.coeff is None else f"moving average, coefficient {model.coeff:g}",
        "examples": len(errors),
        "learned_now": len(errors),
        "running_error": errors[-1],
        "running_errors": {str(n): errors[n - 1] for n in range(SAVED, len(errors) + 1, SAVED)},
        "cpu_seconds_per_example": cpu / len(errors),
        "drift": model.autoencoder.drift,
        "layer_entropy_bits": [layer["entropy"] for layer in measured],
        "layer_reconstruction_error": [layer["reconstruction"] for layer in measured],
        "layer_residue": [layer["residue"] for layer in measured],
        "stored_examples": 0,
        "statistics_bytes": model.moments_.nbytes,
        "seed": choice["seed"],
        "error_curve": str(Path(choice["output"])),
    }

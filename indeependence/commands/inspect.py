"""``inspect``: what a model's file, or a file of binary codes, holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands import options
from indeependence.commands.help import command, option, section

if TYPE_CHECKING:
    from indeependence.classifier import ContinualClassifier
    from indeependence.commands.models import Model
    from indeependence.contexts.classifier import ContextualClassifier
    from indeependence.encoder.stack import Encoder
    from indeependence.predictor import Predictor


@command()
@click.argument("file", type=click.Path(path_type=Path))
@section(
    "Model",
    option(
        "--held-out",
        type=click.Path(path_type=Path),
        metavar="OTHER",
        help="A model of the same encoder: also tell the error on what it has learned, from its sums.",
    ),
)
@options.output_options
def inspect(file: Path, held_out: Path | None, as_json: bool, quiet: bool) -> None:
    """Tell what a model's FILE holds: classes, counts, bytes, fingerprints, encoder.

    \b
    Examples:
      python cli.py inspect artifacts/model.safetensors
      python cli.py inspect mine.safetensors --held-out theirs.safetensors
    """
    from indeependence.classifier import ContinualClassifier
    from indeependence.contexts.classifier import ContextualClassifier
    from indeependence.model_file import WEIGHTS, kind_of
    from indeependence.predictor import read_predictor

    kind = kind_of(file)
    if held_out is None and kind == "autoencoder":
        facts = autoencoder_facts(file)
    elif held_out is None and kind == WEIGHTS:
        facts = predictor_facts(file, read_predictor(file))
    elif held_out is None and kind == "sdr":
        facts = sdr_facts(file)
    elif held_out is None and kind == "contexts":
        facts = contexts_facts(file, ContextualClassifier.load(file))
    else:
        model = ContinualClassifier.load(file)
        facts = facts_of(file, model)
    if held_out is not None:
        facts["held_out_squared_error"] = _held_out_error(model, held_out)
    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_facts(facts)


def facts_of(path: Path, model: Model) -> dict[str, Any]:
    """What there is to say of a model and its file, in plain JSON types."""
    from indeependence.contexts.classifier import ContextualClassifier

    return contexts_facts(path, model) if isinstance(model, ContextualClassifier) else classifier_facts(path, model)


def classifier_facts(path: Path, model: ContinualClassifier) -> dict[str, Any]:
    """What there is to say of a model with one set of sums."""
    from indeependence.moments.storage import stored_bytes

    encoder, sums, ledger = model.encoder_, model.moments_, model.ledger_
    return {
        "model": str(path),
        "model_sha256": sums.fingerprint,
        "encoder_sha256": encoder.fingerprint,
        **_front(encoder),
        "layers": encoder.layers_text,
        "input_shape": list(encoder.shape),
        "code_units": encoder.units,
        "examples": encoder.examples(sums.count),
        "copies_of_each": encoder.copies if encoder.copies > 1 else None,
        "classes": [
            {"label": label, "examples": encoder.examples(int(count))}
            for label, count in zip(sums.labels, sums.counts, strict=True)
        ],
        "dropped_examples": encoder.examples(sums.dropped) or None,
        "stored_examples": 0,
        "statistics_bytes": stored_bytes(sums),
        "ledger": ledger.kind,
        "tasks": {str(task): encoder.examples(part.count) for task, part in ledger.parts.items()}
        if ledger.kind == "task"
        else None,
        "ledger_bytes": sum(map(stored_bytes, ledger.parts.values())),
        "file_bytes": path.stat().st_size,
    }


def contexts_facts(path: Path, model: ContextualClassifier) -> dict[str, Any]:
    """What there is to say of a model with contexts."""
    from indeependence.contexts.context import Open

    encoder, contexts = model.encoder_, model.moments_
    return {
        "model": str(path),
        "kind": "contexts",
        "model_sha256": contexts.fingerprint,
        "encoder_sha256": encoder.fingerprint,
        "layers": encoder.layers_text,
        "input_shape": list(encoder.shape),
        "code_units": encoder.units,
        "examples": contexts.count,
        "told_apart_by": model.contexts,
        "contexts": [
            {
                "context": number,
                "open": isinstance(part, Open),
                "examples": part.inputs.count,
                "labels": list(part.labels),
                "bytes": part.nbytes,
                "sha256": part.fingerprint,
            }
            for number, part in enumerate(contexts.parts, 1)
        ],
        "stored_examples": 0,
        "statistics_bytes": contexts.nbytes,
        "file_bytes": path.stat().st_size,
    }


def autoencoder_facts(path: Path) -> dict[str, Any]:
    """What there is to say of an autoencoder, in plain JSON types."""
    from indeependence.autoencoder.model import Autoencoder
    from indeependence.moments.average import Average
    from indeependence.moments.storage import stored_bytes

    model = Autoencoder.load(path)
    averaged = isinstance(model.sums, Average)
    return {
        "model": str(path),
        "kind": "autoencoder",
        "model_sha256": model.sums.fingerprint,
        "encoder_sha256": model.tied.encoder.fingerprint,
        "layers": model.tied.encoder.layers_text,
        "input_shape": model.options["shape"],
        "target_size": model.layout.target_size,
        "code_units": model.tied.encoder.units,
        "examples": None if averaged else model.sums.count,
        "sums": "moving average" if averaged else "exact",
        "drift": model.drift,
        "stored_examples": 0,
        "statistics_bytes": stored_bytes(model.sums),
        "file_bytes": path.stat().st_size,
    }


def predictor_facts(path: Path, predictor: Predictor) -> dict[str, Any]:
    """What there is to say of weights exported to ``path``, in plain JSON types."""
    from indeependence.model_file import WEIGHTS

    return {
        "model": str(path),
        "kind": WEIGHTS,
        "weights_sha256": predictor.fingerprint,
        "encoder_sha256": predictor.encoder.fingerprint,
        **_front(predictor.encoder),
        "layers": predictor.encoder.layers_text,
        "input_shape": list(predictor.encoder.shape),
        "code_units": predictor.encoder.units,
        "labels": list(predictor.labels),
        "temperature": predictor.weights.temperature,
        "epsilon": predictor.privacy.epsilon if predictor.privacy else None,
        "delta": predictor.privacy.delta if predictor.privacy else None,
        "stored_examples": 0,
        "statistics_bytes": 0,
        "file_bytes": sum(file.stat().st_size for file in (path.rglob("*") if path.is_dir() else [path])),
    }


def sdr_facts(path: Path) -> dict[str, Any]:
    """What there is to say of a file of binary codes, in plain JSON types."""
    import numpy as np

    from indeependence.sparse.sdr import density
    from indeependence.sparse.sdr_file import read_sdr

    held = read_sdr(path)
    classes, counts = np.unique([] if held.labels is None else held.labels, return_counts=True)
    return {
        "file": str(path),
        "kind": "sdr",
        "codes": len(held.codes),
        "units": held.codes.units,
        "density": density(held.codes),
        "classes": [
            {"label": label, "examples": count} for label, count in zip(classes.tolist(), counts.tolist(), strict=True)
        ],
        "file_bytes": path.stat().st_size,
        **{f"made_with_{name}": value for name, value in held.about.items() if name != "units"},
    }


def _front(encoder: Encoder) -> dict[str, str]:
    """What there is to say of a Keras model in front of the layers, if there is one."""
    front = encoder.front
    return {"keras_encoder": front.name, "keras_encoder_sha256": front.fingerprint} if front else {}


def print_facts(facts: dict[str, Any]) -> None:
    """Prints one fact a line, for people."""
    from indeependence.report.units import readable_bytes

    shown = dict(facts)
    if "classes" in facts:
        classes = ", ".join(f"{entry['label']} ({entry['examples']:,})" for entry in facts["classes"])
        shown["classes"] = classes or "none yet"
    if "contexts" in facts:
        told = (f"{c['context']} ({c['examples']:,}, {'open' if c['open'] else 'closed'})" for c in facts["contexts"])
        shown["contexts"] = ", ".join(told) or "none yet"
    if "tasks" in facts:
        tasks = ", ".join(f"{task} ({count:,})" for task, count in (facts["tasks"] or {}).items())
        shown["tasks"] = tasks or None
    for name, value in shown.items():
        if value is None:
            continue
        if name.endswith("bytes"):
            value = readable_bytes(value)
        if name == "drift" or name.startswith("layer_"):
            value = ", ".join(f"{share:.4f}" for share in value)
        if name == "labels":
            value = ", ".join(map(str, value))
        if name == "input_shape":
            value = "x".join(map(str, value))
        click.echo(
            f"{name.replace('_', ' '):28}{value:.4g}"
            if isinstance(value, float)
            else f"{name.replace('_', ' '):28}{value}"
        )


def _held_out_error(model: Any, other: Path) -> float:
    from indeependence.errors import InputError
    from indeependence.model_file import read_model
    from indeependence.moments.solvers import held_out_error

    moments = read_model(other).ledger.total
    if moments.encoder != model.moments_.encoder:
        raise InputError(f"expected two models of one encoder, got another in {other}: bootstrap once, share that file")
    return held_out_error(model.weights, moments)

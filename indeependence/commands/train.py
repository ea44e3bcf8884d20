"""``bootstrap`` and ``train``: a model's file is made, and goes on learning tomorrow where it stopped today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands import options
from indeependence.commands.machine import limited_threads
from indeependence.commands.progress import progress
from indeependence.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from indeependence.autoencoder.labelled import LabelledAutoencoder
    from indeependence.classifier import ContinualClassifier
    from indeependence.data.datasets import Dataset
    from indeependence.data.examples import Examples


@click.command()
@options.data_options
@options.part_options
@options.encoder_options
@options.model_option
@options.work_options
@options.output_options
def bootstrap(**choice: Any) -> None:
    """Fit an encoder on a sample and write a model that has learned nothing yet.

    \b
    Example:
      python cli.py bootstrap --data digits --classes 0,1 --model digits.safetensors
    """
    dataset = load_data(choice)
    examples = training_part(dataset, choice)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        watch("bootstrapping the encoder", 0, 0)
        model = _new_model(choice).bootstrap(examples.arrays()[0])
        save_model(model, choice["model"])
    _tell(model, choice)


@click.command()
@options.data_options
@options.part_options
@click.option("--tasks", type=click.IntRange(1), help="Learn the classes in that many tasks, one after another.")
@options.encoder_options
@options.solver_options
@click.option("--load", is_flag=True, help="Go on from --model and update it; without it, start afresh.")
@options.model_option
@click.option(
    "--kind",
    type=click.Choice(["classifier", "autoencoder"]),
    help="Classifier; autoencoder if one of the options for it is given (--average to --record).",
)
@options.running_options
@options.work_options
@options.output_options
@click.pass_context
def train(ctx: click.Context, **choice: Any) -> None:
    """Learn examples into a model's file; with --load, besides all that it has learned before.

    An autoencoder is learned example by example, as by the original program: infer the label, score it, collect,
    learn. Its --layers auto are 400,250,150, and its --limit is 1000 if not given.

    \b
    Examples:
      python cli.py train --data digits --classes 0,1
      python cli.py train --data digits --classes 2,3 --load
      python cli.py train --kind autoencoder --data mnist --layers 100
    """
    if chosen_kind(ctx) == "autoencoder":
        from indeependence.commands.train_autoencoder import train_autoencoder

        average = choice["average"] or _given(ctx, "coeff")
        train_autoencoder({**choice, "coeff": choice["coeff"] if average else None})
        return
    dataset = load_data(choice)
    examples = training_part(dataset, choice)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        model = _loaded_model(choice) if choice["load"] else _new_model(choice)
        _learn(model, _tasks(examples, choice["tasks"]), watch)
        save_model(model, choice["model"])
        watch("testing", 0, 0)
        accuracy = _accuracy_on_learned(model, dataset)
    _tell(model, choice, learned=len(examples), accuracy=accuracy)


OF_AUTOENCODERS = (
    *("average", "coeff", "eval", "rate", "boot_skip", "boot_limit", "infer", "inference", "solver"),
    *("output", "show", "record"),
)


def chosen_kind(ctx: click.Context) -> str:
    """The kind of model that the options ask for; wrong usage where they contradict each other."""
    kind, given = ctx.params["kind"], [name for name in OF_AUTOENCODERS if _given(ctx, name)]
    if kind == "classifier" and given:
        raise click.UsageError(f"--{given[0].replace('_', '-')} goes with --kind autoencoder, not with classifier")
    return kind or ("autoencoder" if given else "classifier")


def _given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def load_data(choice: dict[str, Any]) -> Dataset:
    """The data set that --data names."""
    from indeependence.data.datasets import load_dataset

    return load_dataset(
        choice["data"], label=choice["label"], test_fraction=choice["test_fraction"], seed=choice["seed"]
    )


def training_part(dataset: Dataset, choice: dict[str, Any]) -> Examples:
    """The training examples that --classes, --skip and --limit leave, in the order of the data."""
    import numpy as np

    from indeependence.data.examples import Examples

    rows = np.arange(len(dataset.y_train))
    if choice["classes"]:
        rows = rows[np.isin(dataset.y_train, _named(dataset.classes, choice["classes"]))]
    end = None if choice["limit"] is None else choice["skip"] + choice["limit"]
    rows = rows[choice["skip"] : end]
    if not len(rows):
        raise InputError(f"--skip {choice['skip']} leaves no example: expected less than {len(dataset.y_train)}")
    return Examples(dataset.name, dataset.x_train, dataset.y_train, rows)


def _named(classes: np.ndarray, text: str) -> list[int | str]:
    by_name = {str(label): label for label in classes.tolist()}
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise InputError(f"--classes: no class '{unknown[0]}' in the data, only {', '.join(by_name)}")
    return [by_name[name] for name in names]


def _tasks(examples: Examples, tasks: int | None) -> list[Examples]:
    """The examples in one piece, or one piece for each of several groups of classes."""
    from dataclasses import replace

    import numpy as np

    from indeependence.data.class_groups import class_groups

    if tasks is None:
        return [examples]
    groups = class_groups(examples.classes, tasks=tasks)
    return [
        replace(examples, name=",".join(map(str, group)), rows=examples.rows[np.isin(examples.labels, group)])
        for group in groups
    ]


def _learn(model: ContinualClassifier, tasks: list[Examples], watch: Any) -> None:
    from indeependence.experiment import watched

    if not hasattr(model, "encoder_"):
        watch("bootstrapping the encoder", 0, 0)
        model.bootstrap(tasks[0].arrays()[0])
    for task in tasks:
        model.learn(watched(task, model.batch_size, watch))


def _new_model(choice: dict[str, Any]) -> ContinualClassifier:
    from indeependence.classifier import ContinualClassifier

    return ContinualClassifier(
        choice["layers"],
        penalty=choice.get("penalty", "auto"),
        bootstrap_limit=choice["bootstrap_limit"],
        batch_size=choice["batch_size"],
        random_state=choice["seed"],
        n_jobs=choice["threads"],
    )


def _loaded_model(choice: dict[str, Any]) -> ContinualClassifier:
    from indeependence.classifier import ContinualClassifier

    return ContinualClassifier.load(
        choice["model"], penalty=choice["penalty"], batch_size=choice["batch_size"], n_jobs=choice["threads"]
    )


def save_model(model: ContinualClassifier | LabelledAutoencoder, path: Path) -> None:
    """Writes the model's file, in a folder that is made if need be."""
    make_folder(path)
    model.save(path)


def make_folder(path: Path) -> None:
    """Makes the folder that a file at ``path`` needs."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {path.parent}: {error.strerror}") from error


def _accuracy_on_learned(model: ContinualClassifier, dataset: Dataset) -> float | None:
    """Accuracy on the test examples of all classes learned so far; None if there are none."""
    import numpy as np

    rows = np.isin(dataset.y_test, np.array(model.weights.labels))
    return float(model.score(dataset.x_test[rows], dataset.y_test[rows])) if rows.any() else None


def _tell(
    model: ContinualClassifier, choice: dict[str, Any], *, learned: int = 0, accuracy: float | None = None
) -> None:
    from indeependence.commands.inspect import facts_of, print_facts

    facts = facts_of(choice["model"], model.encoder_, model.moments_)
    facts |= {"learned_now": learned, "accuracy_on_learned_classes": accuracy}
    if choice["as_json"]:
        click.echo(json.dumps(facts))
    else:
        print_facts(facts)

"""``forget`` and ``merge``: sums are subtracted and added, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands import chosen, models, options
from indeependence.commands.help import command, option, section
from indeependence.commands.machine import limited_threads
from indeependence.commands.progress import progress
from indeependence.commands.values import COUNT, FILE
from indeependence.errors import InputError, named

if TYPE_CHECKING:
    from indeependence.classifier import ContinualClassifier
    from indeependence.commands.progress import Watch

WAYS = "--examples, --minus, --class or --task"


@command()
@options.examples_options
@options.part_options
@options.seed_option
@section(
    "Instead of examples",
    option("--minus", type=click.Path(path_type=Path), metavar="FILE", help="Take out all that this model learned."),
    option("--class", "name", metavar="NAME", help="Take out a class; exactly, if trained with --ledger class."),
    option("--task", type=COUNT, metavar="N", help="Take out the Nth task, if trained with --ledger task."),
)
@options.model_option
@options.work_options
@options.output_options
def forget(**choice: Any) -> None:
    """Take out what was learned, as if it had never been.

    Examples, every one that --examples holds; a class; a task; or all that another model learned.

    What was never learned is refused where the sums show it; the file then stays as it was.

    \b
    Examples:
      python cli.py forget --examples digits --classes 3 --limit 10
      python cli.py forget --class 3 --model by_class.safetensors
      python cli.py forget --minus yesterday.safetensors
    """
    _check_ways(choice)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        with models.sole_writer_of(choice["model"], existing=True):
            watch("forgetting", 0, 0)
            model = models.loaded_classifier(choice)
            before = model.moments_.count, model.moments_.dropped
            _forget(model, choice, watch)
            model.save(choice["model"])
    gone = model.encoder_.examples(before[0] - model.moments_.count)
    dropped = model.encoder_.examples(model.moments_.dropped - before[1])
    if dropped:
        click.echo(
            f"Note: the class's column is gone, its share of the products of {dropped:,} examples stays: only a model "
            "trained with --ledger class can take it out.",
            err=True,
        )
    models.tell(model, choice["model"], as_json=choice["as_json"], forgotten_now=gone, exact=not dropped)


def _check_ways(choice: dict[str, Any]) -> None:
    given = [name for name in ("data", "minus", "name") if choice[name] is not None]
    if len(given) > 1 or not (given or choice["task"]):
        raise click.UsageError(f"expected one of {WAYS}, got {', '.join(_spelt(given)) or 'none'}")
    if choice["name"] is not None and choice["task"]:
        raise click.UsageError("--class takes a class out of all tasks: leave --task out")
    if choice["data"] is None and (choice["classes"] or choice["skip"] or choice["limit"]):
        raise click.UsageError(
            "--classes, --skip and --limit go with --examples: name the data there, or leave them out"
        )


def _spelt(names: list[str]) -> list[str]:
    return ["--" + {"data": "examples", "name": "class"}.get(name, name) for name in names]


def _forget(model: ContinualClassifier, choice: dict[str, Any], watch: Watch) -> None:
    from indeependence.experiment import watched
    from indeependence.model_file import read_model

    if choice["data"] is not None:
        examples = chosen.training_part(chosen.load(choice, model=choice["model"]), choice)
        batches = watched(examples, model.batch_size, watch, what="forgetting")
        model.forget_batches(batches, task=choice["task"])
    elif choice["minus"] is not None:
        model.subtract(read_model(choice["minus"]).ledger, task=choice["task"])
    elif choice["name"] is not None:
        model.forget_class(_label(model, choice["name"]))
    else:
        model.forget_task(choice["task"])


def _label(model: ContinualClassifier, name: str) -> int | str:
    (label,) = named([name], model.moments_.labels, option="--class", where="in the model")
    return label


@command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE FILE …")
@section("Model", option("--output", type=FILE, required=True, metavar="FILE", help="The merged model's file."))
@options.output_options
def merge(files: tuple[Path, ...], output: Path, as_json: bool, quiet: bool) -> None:
    """Add up models of one encoder: the result has learned all that any of them learned.

    \b
    Example:
      python cli.py merge monday.safetensors tuesday.safetensors --output both.safetensors
    """
    from indeependence.classifier import ContinualClassifier

    with models.sole_writer_of(output), progress(quiet=quiet) as watch:
        first = ContinualClassifier.load(files[0])
        kinds = {first.ledger_.kind}
        for number, file in enumerate(files[1:], start=1):
            watch("adding", number, len(files))
            other = ContinualClassifier.load(file)  # one at a time: they need not fit into memory together
            kinds.add(other.ledger_.kind)
            try:
                first.merge(other)
            except InputError as error:
                raise InputError(f"{file}: {error}") from error
        first.save(output)
    if len(kinds) > 1:
        click.echo(
            f"Note: ledgers of kinds {', '.join(sorted(kinds))} cannot be merged; the result has none.", err=True
        )
    models.tell(first, output, as_json=as_json)

"""``forget`` and ``merge``: sums are subtracted and added, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands import chosen, models, options
from indeependence.commands.machine import limited_threads
from indeependence.commands.progress import progress
from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.classifier import ContinualClassifier

WAYS = "--examples, --minus, --class or --task"


@click.command()
@options.examples_options
@options.part_options
@options.seed_option
@click.option("--minus", type=click.Path(path_type=Path), metavar="FILE", help="Take out all that this model learned.")
@click.option("--class", "name", metavar="NAME", help="Take out a class; exactly, if trained with --ledger class.")
@click.option(
    "--task",
    type=click.IntRange(1),
    metavar="N",
    help="Take out the Nth task learned, if trained with --ledger task; beside --examples or --minus: only out of it.",
)
@options.model_option
@options.work_options
@options.output_options
def forget(**choice: Any) -> None:
    """Take examples, a class, a task or a model out of a model's file, as if it had never learned them.

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
            model = models.loaded_model(choice)
            before = model.moments_.count, model.moments_.dropped
            _forget(model, choice)
            model.save(choice["model"])
    gone, dropped = before[0] - model.moments_.count, model.moments_.dropped - before[1]
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
        raise click.UsageError(f"expected one of {WAYS}")
    if choice["name"] is not None and choice["task"]:
        raise click.UsageError("--class takes a class out of all tasks: leave --task out")
    if choice["data"] is None and (choice["classes"] or choice["skip"] or choice["limit"]):
        raise click.UsageError("--classes, --skip and --limit go with --examples")


def _forget(model: ContinualClassifier, choice: dict[str, Any]) -> None:
    from indeependence.model_file import read_model

    if choice["data"] is not None:
        examples = chosen.training_part(chosen.load(choice), choice)
        model.forget_batches(examples.batches(model.batch_size), task=choice["task"])
    elif choice["minus"] is not None:
        model.subtract(read_model(choice["minus"]).ledger, task=choice["task"])
    elif choice["name"] is not None:
        model.forget_class(_label(model, choice["name"]))
    else:
        model.forget_task(choice["task"])


def _label(model: ContinualClassifier, name: str) -> int | str:
    by_name = {str(label): label for label in model.moments_.labels}
    if name not in by_name:
        raise InputError(f"--class: no class '{name}' in the model, only {', '.join(by_name) or 'none yet'}")
    return by_name[name]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE FILE …")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The merged model's file."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def merge(files: tuple[Path, ...], output: Path, as_json: bool) -> None:
    """Add up models of one encoder: the result has learned all that any of them learned.

    \b
    Example:
      python cli.py merge monday.safetensors tuesday.safetensors --output both.safetensors
    """
    from indeependence.classifier import ContinualClassifier

    with models.sole_writer_of(output):
        first, *others = (ContinualClassifier.load(file) for file in files)
        kinds = {model.ledger_.kind for model in (first, *others)}
        for number, other in enumerate(others, 1):
            try:
                first.merge(other)
            except InputError as error:
                raise InputError(f"{files[number]}: {error}") from error
        first.save(output)
    if len(kinds) > 1:
        click.echo(
            f"Note: ledgers of kinds {', '.join(sorted(kinds))} cannot be merged; the result has none.", err=True
        )
    models.tell(first, output, as_json=as_json)

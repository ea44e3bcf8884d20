"""``forget`` and ``merge``: sums are subtracted and added, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import options
from indeependence.commands.shared.facts import facts_of, say
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE
from indeependence.machine import limited_threads

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
    from indeependence import models
    from indeependence.data.selection import Part, Source
    from indeependence.experiment.forgetting import Removal
    from indeependence.experiment.forgetting import forget as run
    from indeependence.files.lock import sole_writer_of

    examples = taken(Source, choice) if choice["data"] is not None else None
    removal = taken(Removal, choice, examples=examples, part=taken(Part, choice))
    work = {"threads": choice["threads"], "batch_size": choice["batch_size"]}
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        with sole_writer_of(choice["model"], existing=True):
            gone = run(choice["model"], removal, watch=watch, **work)
    if gone.dropped:
        click.echo(
            f"Note: the class's column is gone, its share of the products of {gone.dropped:,} examples stays: only a "
            "model trained with --ledger class can take it out.",
            err=True,
        )
    model = models.open(choice["model"])
    say(facts_of(model, choice["model"], forgotten_now=gone.examples, exact=gone.exact), as_json=choice["as_json"])


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
    from indeependence import models
    from indeependence.experiment.forgetting import merge as run
    from indeependence.files.lock import sole_writer_of

    with sole_writer_of(output), progress(quiet=quiet) as watch:
        kinds = run(files, output, watch=watch)
    if len(kinds) > 1:
        click.echo(
            f"Note: ledgers of kinds {', '.join(sorted(kinds))} cannot be merged; the result has none.", err=True
        )
    say(facts_of(models.open(output), output), as_json=as_json)

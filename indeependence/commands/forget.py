"""``forget`` and ``merge``: subtract and add sums, exactly."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import data_options, message_options, options, outputs, work_options
from indeependence.commands.shared.facts import facts_of, say
from indeependence.commands.shared.given import refuse
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.notes import note
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    from indeependence.experiment.forgetting import Removal, Removed

OF_EXAMPLES = ("label", "ignore", "id", "header", "size", "test_fraction", "seed")
WAYS = "--examples, --minus, --class or --task"


@command()
@data_options.examples_options
@data_options.target_data_option
@data_options.part_options
@section(
    "Data",
    option("--ids", "ids_file", type=FILE, metavar="FILE", help="Only the records with these ids, one a line."),
)
@options.seed_option
@section(
    "Instead of examples",
    option("--minus", type=click.Path(path_type=Path), metavar="FILE", help="Remove all that this model learned."),
    option("--class", "name", metavar="NAME", help="Remove a class; exactly, if trained with --ledger class."),
    option("--task", type=COUNT, metavar="N", help="Remove the Nth task, if trained with --ledger task."),
)
@options.model_option
@work_options.work_options
@options.audit_option()
@section(
    "Output",
    option("--receipt", type=FILE, metavar="FILE", help="Write a receipt for the removal, which verify checks."),
)
@message_options.output_options
@click.pass_context
def forget(ctx: click.Context, **choice: Any) -> None:
    """Remove learned data exactly, as if it had never been learned.

    That is: all of --examples (of a table or a folder of pictures: those with certain --ids), a class, a task, or all
    that another model learned.

    Data that was never learned is refused if the sums show it; the file is then left unchanged.

    \b
    Examples:
      python cli.py forget --examples digits --classes 3 --limit 10
      python cli.py forget --class 3 --model by_class.safetensors
      python cli.py forget --examples people.csv --id name --ids asked.txt --receipt receipt.json
      python cli.py forget --minus yesterday.safetensors
    """
    from indeependence import models
    from indeependence.data.records import read_ids
    from indeependence.data.selection import Part, Source
    from indeependence.experiment.forgetting import Removal
    from indeependence.experiment.forgetting import forget as run
    from indeependence.files.atomic import write_atomically
    from indeependence.files.lock import sole_writer_of

    examples = taken(Source, choice) if choice["data"] is not None else None
    ids = None if choice["ids_file"] is None else read_ids(choice["ids_file"])
    removal = taken(Removal, choice, examples=examples, part=taken(Part, choice), ids=ids)
    _check_ways(removal, choice)
    _check_reading(ctx)
    _check_receipt(choice)
    work = {name: choice[name] for name in ("threads", "batch_size", "audit")}
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        with sole_writer_of(choice["model"], existing=True):
            removed = run(choice["model"], removal, watch=watch, **work)
    if choice["receipt"] and removed.receipt:
        write_atomically(choice["receipt"], removed.receipt.text.encode())
    if removed.dropped:
        note(
            f"the class's column is gone, its share of the products of {removed.dropped:,} examples stays: "
            "only a model trained with --ledger class can remove it."
        )
    if removed.exact is None:
        note(
            "exact, if all of it was learned: the sums refuse what is impossible, but they cannot prove that "
            "each example was learned."
        )
    counts = {"asked_for": removed.asked, "forgotten_now": removed.examples, "exact": removed.exact}
    more = counts | (_receipt_facts(removed) if ids or choice["receipt"] else {})
    say(facts_of(models.open(choice["model"]), choice["model"], **more), as_json=choice["as_json"])


def _check_reading(ctx: click.Context) -> None:
    """Raise `UsageError` for what says how examples are read, where none are named, or nothing is drawn of them."""
    if ctx.params["data"] is None:
        refuse(ctx, OF_EXAMPLES, "goes with --examples, which it says how to read: leave it out")
    if ctx.params["target_data"] is not None:
        refuse(ctx, ("label", "test_fraction"), "goes with labels, and pairs have none: leave one out")
    if not ctx.params["test_fraction"]:
        refuse(ctx, ("seed",), "goes with --test-fraction, which it draws: leave it out")


def _check_receipt(choice: dict[str, Any]) -> None:
    """Raise `InputError` if the receipt could not be written once all is done, or would replace something."""
    from indeependence.errors import InputError

    path: Path | None = choice["receipt"]
    if path is None:
        return
    if os.path.lexists(path) or path.resolve() in [one.resolve() for one in (choice["model"], choice["audit"]) if one]:
        raise InputError(f"{path} is there already or written by this command: name another --receipt")
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"cannot write {path}: expected a folder that you may write to; name another --receipt")


def _receipt_facts(removed: Removed) -> dict[str, Any]:
    """Return what a receipt says and the facts about the model do not."""
    if removed.receipt is None:
        return {}
    entry, salt = removed.receipt.entry, removed.receipt.salt
    digest = {"ids_sha256": entry.about["ids_sha256"], "ids_salt": salt} if salt else {}
    return {"model_sha256_before": entry.before, **digest, "receipt_sha256": entry.sha256, "removed_at": entry.when}


def _check_ways(removal: Removal, choice: dict[str, Any]) -> None:
    """Raise `UsageError` unless exactly one way is given to say what is removed."""
    ways = {"--examples": removal.examples, "--minus": removal.minus, "--class": removal.name}
    given = [name for name, way in ways.items() if way is not None]
    if len(given) > 1 or not (given or removal.task):
        raise click.UsageError(f"expected one of {WAYS}, got {', '.join(given) or 'none'}")
    if removal.name is not None and removal.task:
        raise click.UsageError("--class removes a class from all tasks: leave --task out")
    if removal.ids and (removal.examples is None or not removal.part.is_all or choice["test_fraction"]):
        raise click.UsageError(
            "--ids goes with --examples, and says which of them: leave --classes, --skip, --limit, --test-fraction out"
        )
    if choice["target_data"] is not None and removal.examples is None:
        raise click.UsageError("--target-data goes with --examples: name both sides, or leave it out")
    if removal.examples is None and not removal.part.is_all:
        raise click.UsageError(
            "--classes, --skip and --limit go with --examples: name the data there, or leave them out"
        )


@command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE FILE …")
@section("Merging", option("--again", is_flag=True, help="Add even a model that is in the sum already."))
@section("Output", option("--output", type=FILE, required=True, metavar="FILE", help="The merged model's file."))
@options.overwrite_option
@options.audit_option()
@message_options.output_options
def merge(
    files: tuple[Path, ...],
    again: bool,
    output: Path,
    overwrite: bool,
    audit: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Add up models with the same encoder: the result has learned all that they learned.

    A model whose examples are in the sum already is refused, since they would count twice: the same file again, two
    models that were merged from the same one, or a model and what it became with train --load.

    \b
    Example:
      python cli.py merge monday.safetensors tuesday.safetensors --output both.safetensors
    """
    from indeependence import models
    from indeependence.experiment.forgetting import merge as run
    from indeependence.files.lock import sole_writer_of

    outputs.check_outputs({"output": output, "overwrite": overwrite}, output=outputs.model(files))
    with sole_writer_of(output), progress(quiet=quiet) as watch:
        kinds = run(files, output, again=again, watch=watch, audit=audit)
    if len(kinds) > 1:
        note(f"ledgers of kinds {', '.join(sorted(kinds))} cannot be merged; the result has none.")
    say(facts_of(models.open(output), output), as_json=as_json)

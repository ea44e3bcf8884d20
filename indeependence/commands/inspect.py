"""``inspect``: the facts about a model's file, or about a file of binary codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import message_options
from indeependence.commands.shared.facts import facts_of, say
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.notes import note
from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.models.classifier.classifier import ContinualClassifier


@command()
@click.argument("file", type=click.Path(path_type=Path))
@section(
    "Model",
    option(
        "--held-out",
        type=click.Path(path_type=Path),
        metavar="OTHER",
        help="Also show the error on all that OTHER, a model of the same encoder, has learned: from its sums.",
    ),
    option(
        "--history",
        type=click.Path(path_type=Path),
        metavar="LOG",
        help="Also show what this audit log says of the file, once its chain is checked.",
    ),
)
@section(
    "Model",
    option("--drift", is_flag=True, help="Also compare the tasks of its ledger: which columns and classes moved."),
)
@message_options.output_options
def inspect(file: Path, held_out: Path | None, history: Path | None, drift: bool, as_json: bool, quiet: bool) -> None:
    """Show what a model's FILE contains: classes, counts, bytes, fingerprints, encoder.

    \b
    Examples:
      python cli.py inspect artifacts/model.safetensors
      python cli.py inspect mine.safetensors --held-out theirs.safetensors
      python cli.py inspect artifacts/model.safetensors --history audit.jsonl
    """
    from indeependence import models
    from indeependence.models.classifier.classifier import ContinualClassifier

    if drift and (history or held_out):
        raise click.UsageError("--drift goes without --history and --held-out: leave one out")
    if held_out is None:
        facts = facts_of(models.open(file), file)
    else:
        model = ContinualClassifier.load(file)
        facts = facts_of(model, file, held_out_squared_error=_held_out_error(model, held_out))
    if drift:
        _say_drift(facts, file, as_json=as_json)
    elif history is None:
        say(facts, as_json=as_json)
    else:
        _say_history(facts, file, history, as_json=as_json)


def _say_drift(facts: dict[str, Any], file: Path, *, as_json: bool) -> None:
    """Print the facts about a model, and what moved from each task of its ledger to the next."""
    from indeependence import models
    from indeependence.errors import shown
    from indeependence.experiment.drift import drift, lines

    found = drift(models.open(file))
    if as_json:
        say({**facts, "periods_compared": found}, as_json=True)
        return
    say(facts, as_json=False)
    click.echo("\n" + "\n".join(map(shown, lines(found))))


def _say_history(facts: dict[str, Any], file: Path, log: Path, *, as_json: bool) -> None:
    """Print the facts about a model, and the entries of a log that speak of its file as a table."""
    from indeependence.history.course import concerning, verify
    from indeependence.history.entry import State
    from indeependence.history.log import read
    from indeependence.report.history import history_table

    entries = read(log)
    found = concerning(entries, file.name)
    try:
        verify(entries, file.name, State.of(facts))
    except InputError as error:
        note(str(error))
    if as_json:
        say({**facts, "history": [{"line": line, **entry.to_json()} for line, entry in found]}, as_json=True)
        return
    say(facts, as_json=False)
    click.echo("\n" + history_table(found))


def _held_out_error(model: ContinualClassifier, other: Path) -> float:
    """Return the mean squared error of ridge scores on the examples of ``other``, from the sums of both."""
    from indeependence.models.classifier.storage import read_model
    from indeependence.moments.weights import held_out_error

    moments = read_model(other).ledger.total
    if moments.encoder != model.moments_.encoder:
        raise InputError(f"expected two models of one encoder, got another in {other}: bootstrap once, share that file")
    return held_out_error(model.set_params(readout="ridge").weights, moments)

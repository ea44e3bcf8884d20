"""``inspect``: the facts about a model's file, or about a file of binary codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from indeependence.commands.shared import options
from indeependence.commands.shared.facts import facts_of, say
from indeependence.commands.shared.help import command, option, section

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
)
@options.output_options
def inspect(file: Path, held_out: Path | None, as_json: bool, quiet: bool) -> None:
    """Show what a model's FILE contains: classes, counts, bytes, fingerprints, encoder.

    \b
    Examples:
      python cli.py inspect artifacts/model.safetensors
      python cli.py inspect mine.safetensors --held-out theirs.safetensors
    """
    from indeependence import models
    from indeependence.models.classifier.classifier import ContinualClassifier

    if held_out is None:
        say(facts_of(models.open(file), file), as_json=as_json)
        return
    model = ContinualClassifier.load(file)
    say(facts_of(model, file, held_out_squared_error=_held_out_error(model, held_out)), as_json=as_json)


def _held_out_error(model: ContinualClassifier, other: Path) -> float:
    """Return the mean squared error of ``model`` on the examples of ``other``, from the sums of both."""
    from indeependence.errors import InputError
    from indeependence.models.classifier.storage import read_model
    from indeependence.moments.ridge import held_out_error

    moments = read_model(other).ledger.total
    if moments.encoder != model.moments_.encoder:
        raise InputError(f"expected two models of one encoder, got another in {other}: bootstrap once, share that file")
    return held_out_error(model.weights, moments)

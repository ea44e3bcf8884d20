"""``sparse network prune``: a Keras network without the units or weights that matter least."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import message_options, options, outputs, work_options
from indeependence.commands.shared.facts import print_facts
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import FILE, Finite
from indeependence.commands.sparse.network import shared
from indeependence.errors import shown
from indeependence.machine import limited_threads

FRACTION = Finite(0, 1, max_open=True)


def _ratio(word: str) -> tuple[str, float]:
    """Return name and share of a text such as dense=0.7."""
    name, _, share = word.rpartition("=")
    if not name:
        raise click.UsageError(f"--layer: expected NAME=FRACTION, such as dense=0.7, got '{word}'")
    try:
        return name, FRACTION.convert(share, None, None)
    except click.BadParameter as error:
        raise click.UsageError(f"--layer {word}: {error.message}") from None


def _ratios(words: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """Return the shares of layers; raise `UsageError` for a layer with two."""
    ratios = tuple(map(_ratio, words))
    for name, count in Counter(name for name, _ in ratios).items():
        if count > 1:
            raise click.UsageError(f"--layer: expected one share for {name}, got {count}: leave one out")
    return ratios


@command()
@shared.network_argument
@shared.data_of_network
@shared.reading_options
@shared.examples_option
@section(
    "Pruning",
    option("--fraction", type=FRACTION, default=0.5, show_default=True, help="Share of each layer to remove."),
    option(
        "--layer", "layers", multiple=True, metavar="NAME=FRACTION", help="Another share for this layer; repeat it."
    ),
    option("--weights", "single", is_flag=True, help="Set single weights to 0, instead of removing units."),
    option(
        "--by",
        type=click.Choice(["maav", "magnitude", "random"]),
        default="maav",
        show_default=True,
        help="What is removed first: least |w|·mean |x|, least |w|, or random by --seed.",
    ),
)
@options.seed_option
@work_options.threads_option
@section("Output", option("--output", type=FILE, required=True, help="The pruned network, a .keras file."))
@options.overwrite_option
@message_options.json_option
def prune(file: Path, layers: tuple[str, ...], **choice: Any) -> None:
    """Remove the units, or the weights, of a Keras network that matter least.

    Units are removed from all layers with weights but the last: the network becomes really smaller. It must be layers
    one after another. Single weights may be removed from any layer; they become 0.

    \b
    Examples:
      python cli.py sparse network prune mine.keras --data mnist --scale unit --output small.keras
      python cli.py sparse network prune mine.keras --layer conv2d=0.2 --weights --output thin.keras
    """
    from indeependence.experiment.own_network import Thinning, thin

    outputs.check_outputs({**choice, "file": file}, output=shared.keras_file)
    choice.pop("overwrite")
    thinning = taken(Thinning, choice, ratios=_ratios(layers))
    with limited_threads(choice["threads"]):
        done = thin(shared.case_of(file, choice), thinning, choice["output"])
    if choice["as_json"]:
        click.echo(json.dumps(done))
        return
    what = "weights" if thinning.single else "units"
    for row in done.pop("layers"):
        click.echo(f"{shown(row['layer']):28}{row[what]:,} of {row[f'{what}_before']:,} {what}")
    print_facts(done)

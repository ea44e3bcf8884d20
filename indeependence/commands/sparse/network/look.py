"""``sparse network look``: what the layers of a Keras network are made of, and which units and weights matter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import message_options, options, work_options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.types import COUNT
from indeependence.commands.sparse.network import shared
from indeependence.errors import shown
from indeependence.machine import limited_threads


@command()
@shared.network_argument
@shared.data_of_network
@shared.reading_options
@shared.examples_option
@section(
    "Network",
    option("--layer", metavar="NAME", help="Show the units and weights of this layer that matter most."),
    option("--top", type=COUNT, metavar="N", help="How many of them.  [default: 10]"),
)
@options.seed_option
@work_options.threads_option
@message_options.json_option
def look(file: Path, layer: str | None, top: int | None, **choice: Any) -> None:
    """Show what each layer of a Keras network does.

    The importance of a weight is its mean activated absolute value (MAAV), |w|·mean |x|; that of a unit is the sum over
    the weights that read it. No Python code of the file is run.

    \b
    Examples:
      python cli.py sparse network look mine.keras --data mnist --scale unit
      python cli.py sparse network look mine.keras --data mnist --scale unit --layer dense --top 5
    """
    from indeependence.experiment.own_network import look as run
    from indeependence.experiment.own_network import look_into

    if top is not None and layer is None:
        raise click.UsageError("--top goes with --layer: name the layer to look into")
    with limited_threads(choice["threads"]):
        case = shared.case_of(file, choice)
        facts = run(case) if layer is None else look_into(case, layer, top or 10)
    if choice["as_json"]:
        click.echo(json.dumps(facts))
    elif layer is None:
        _print_layers(facts)
    else:
        _print_layer(facts)


def _print_layers(facts: dict[str, Any]) -> None:
    click.echo(
        f"{'layer':18}{'kind':14}{'units':>7}{'weights':>11}{'zero':>8}{'inputs active':>15}{'MAAV':>11}{'most':>11}"
    )
    for row in facts["layers"]:
        click.echo(
            f"{shown(row['layer'])[:17]:18}{row['kind']:14}{row['units']:>7,}{row['weights']:>11,}{row['zero']:>8.1%}"
            f"{row['inputs_active']:>15.1%}{row['maav']:>11.5f}{row['largest_maav']:>11.4f}"
        )
    click.echo(f"{facts['parameters']:,} parameters; accuracy {facts['accuracy']:.2%}")


def _print_layer(facts: dict[str, Any]) -> None:
    if facts["units"]:
        click.echo(f"{'unit':>10}{'MAAV':>12}  works most for")
        for row in facts["units"]:
            click.echo(f"{row['unit']:>10}{row['maav']:>12.5f}  {shown(row['class'])}")
    click.echo(f"{'weight':>10}{'MAAV':>12}  place")
    for row in facts["weights"]:
        click.echo(f"{row['weight']:>10.4f}{row['maav']:>12.5f}  {', '.join(map(str, row['place']))}")

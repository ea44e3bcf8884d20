"""``sparse search``: the codes of a file that are nearest to others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import message_options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE
from indeependence.errors import shown


@command()
@click.argument("file", type=FILE, metavar="CODES.sdr")
@click.argument("queries", type=FILE, metavar="[QUERIES.sdr]", required=False)
@section(
    "Search",
    option("--rows", default="0-9", show_default=True, metavar="0,5-9", help="Which queries, counted from 0, or all."),
    option("--top", type=COUNT, default=5, show_default=True, help="Nearest codes to show for each."),
)
@message_options.json_option
def search(file: Path, queries: Path | None, as_json: bool, **choice: Any) -> None:
    """Find the codes that share most bits with a query.

    Queries are rows of QUERIES, or of CODES itself; a code is then not its own neighbour. Also shows how likely it
    is that a random code shares as many bits.

    \b
    Examples:
      python cli.py sparse search codes.sdr --rows 0 --top 3
      python cli.py sparse search codes.sdr new.sdr --rows all
    """
    from indeependence.experiment.codes import Search
    from indeependence.experiment.codes import search as run

    found = run(file, queries, taken(Search, choice))
    if as_json:
        click.echo(json.dumps({"queries": found}))
        return
    click.echo(f"{'query':>7}  {'label':12}{'nearest':>8}  {'label':12}{'shared':>7}  by chance")
    for query in found:
        for place, one in enumerate(query["nearest"]):
            left = f"{query['row']:>7}  {_shown(query['label']):12}" if not place else " " * 21
            click.echo(f"{left}{one['row']:>8}  {_shown(one['label']):12}{one['shared']:>7}  {one['by_chance']:.1e}")


def _shown(label: int | str | None) -> str:
    return "–" if label is None else shown(label)[:11]

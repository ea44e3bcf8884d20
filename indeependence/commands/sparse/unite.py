"""``sparse unite``: one code that stands for many."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import message_options, options, outputs
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.types import FILE
from indeependence.errors import shown


@command()
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="CODES.sdr…")
@section("Union", option("--whole", is_flag=True, help="One code for all; otherwise one for each label."))
@section("Output", option("--output", type=FILE, required=True, help="The unions, with their labels."))
@options.overwrite_option
@message_options.json_option
def unite(files: tuple[Path, ...], whole: bool, as_json: bool, **choice: Any) -> None:
    """Unite the codes of each label to one, with every bit that any of them has.

    A union stands for the set of its codes: a code belongs to it if all its bits are in it. The more codes, the more
    bits, and the more likely a random code seems to belong to it, too; this is shown.

    \b
    Example:
      python cli.py sparse unite codes.sdr --output classes.sdr
    """
    from indeependence.binary_codes.storage import KIND
    from indeependence.experiment.codes import unite as run

    outputs.check_outputs({**choice, "files": files}, output=outputs.of_kind(KIND))
    done = run(files, choice["output"], whole=whole)
    if as_json:
        click.echo(json.dumps(done))
        return
    click.echo(f"{'label':16}{'codes':>9}{'bits set':>10}  a random code is in it")
    for row in done["unions"]:
        name = "all" if row["label"] is None else shown(row["label"])[:15]
        click.echo(f"{name:16}{row['codes']:>9,}{row['active']:>6} of {done['units']:<6}{row['found_by_chance']:.1e}")

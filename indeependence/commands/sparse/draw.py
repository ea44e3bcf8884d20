"""``sparse draw``: from binary codes back to pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import message_options, options, outputs
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.types import COUNT, FILE
from indeependence.errors import shown


@command()
@click.argument("file", type=FILE, metavar="CODES.sdr")
@section(
    "Pictures",
    option("--decoder", type=FILE, required=True, metavar="FILE", help="As sparse embed --decoder wrote it."),
    option("--rows", default="0-9", show_default=True, metavar="0,5-9", help="Which codes, counted from 0, or all."),
    option("--columns", type=COUNT, default=10, show_default=True, help="Pictures side by side."),
)
@section(
    "Output",
    option("--output", type=FILE, default=Path("artifacts/codes.png"), show_default=True, help="The pictures as PNG."),
)
@options.overwrite_option
@message_options.json_option
def draw(file: Path, **choice: Any) -> None:
    """Draw the pictures that binary codes stand for.

    They are the best linear guess from the bits, from sums of the training part alone. Recalled codes and unions can
    be drawn, too.

    \b
    Example:
      python cli.py sparse draw codes.sdr --decoder back.st --output drawn.png
    """
    from indeependence.experiment.codes import pictures
    from indeependence.report.pictures.grid import write_grid

    outputs.check_outputs({**choice, "files": (file, choice["decoder"])}, output=outputs.picture)
    drawn, output = pictures(file, choice["decoder"], choice["rows"]), choice["output"]
    write_grid(output, drawn.reshape(len(drawn), -1) / 255, drawn.shape[1:], choice["columns"])
    facts = {"pictures": len(drawn), "output": str(output)}
    click.echo(json.dumps(facts) if choice["as_json"] else f"{len(drawn)} pictures: {shown(output)}")

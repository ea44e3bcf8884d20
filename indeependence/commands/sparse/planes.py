"""``sparse planes``: a 1 in the map of a class, and the picture that it becomes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import data_options, message_options, options, outputs, work_options
from indeependence.commands.shared.given import refuse
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE, Finite
from indeependence.errors import shown
from indeependence.machine import limited_threads


@command()
@data_options.unsized_data_options
@data_options.part_options
@section(
    "Pictures",
    option("--labels", metavar="A,B,…", help="Draw a row of pictures for each of these; of all classes if absent."),
    option("--count", type=COUNT, default=5, show_default=True, help="Pictures in a row."),
    option(
        "--spread",
        type=Finite(0),
        default=0.9,
        show_default=True,
        help="How much the drawn pictures vary; 1: as much as those of the class.",
    ),
    option(
        "--put",
        "puts",
        multiple=True,
        metavar="LABEL@ROW,COLUMN",
        help="Draw one picture instead of rows, with a 1 at this place of the map (from 0); may be repeated.",
    ),
    option("--size", metavar="HxW", help="Size of the one picture; as in the data if absent."),
    option("--frames", type=COUNT, default=1, show_default=True, help="Pictures on the way from noise to the one."),
)
@options.seed_option
@work_options.threads_option
@section(
    "Output",
    option(
        "--output",
        type=FILE,
        default=Path("artifacts/planes.png"),
        show_default=True,
        help="The pictures as PNG.",
    ),
)
@options.overwrite_option
@message_options.json_option
@click.pass_context
def planes(ctx: click.Context, **choice: Any) -> None:
    """Put a 1 into the map of a class, and white noise settles to an object there.

    Noise is encoded where the 1 is, relaxes towards what the sums of the class's pictures expect, and is decoded by
    the same bases.

    \b
    Examples:
      python cli.py sparse planes --data digits --count 8
      python cli.py sparse planes --data mnist --put 3@14,14 --put 7@14,40 --size 28x56 --frames 6
    """
    from indeependence.data.selection import Part, Source
    from indeependence.experiment.class_pictures import ClassPictures, draw
    from indeependence.report.pictures.grid import write_grid

    outputs.check_outputs(choice, output=outputs.picture)
    puts = choice["puts"]
    refuse(ctx, ("labels", "count") if puts else ("size", "frames"), f"goes {'without' if puts else 'with'} --put")
    parsed = {
        "labels": None if choice["labels"] is None else tuple(name.strip() for name in choice["labels"].split(",")),
        "size": None if choice["size"] is None else _size(choice["size"]),
        "puts": tuple(_put(word) for word in puts),
    }
    asked = taken(
        ClassPictures, {**choice, **parsed}, source=taken(Source, {**choice, "size": None}), part=taken(Part, choice)
    )
    with limited_threads(choice["threads"]):
        drawn = draw(asked)
    pictures, output = drawn.pictures, choice["output"]
    write_grid(output, pictures.reshape(len(pictures), -1) / 255, pictures.shape[1:], drawn.columns)
    facts = {"pictures": len(pictures), "maps": drawn.maps, "examples": drawn.examples, "output": str(output)}
    click.echo(json.dumps(facts) if choice["as_json"] else f"{len(pictures)} pictures: {shown(output)}")


def _size(text: str) -> tuple[int, int]:
    """Return the rows and columns of a text such as 28x56."""
    size = re.fullmatch(r"(\d+)x(\d+)", text)
    if size is None or "0" in size.groups():
        raise click.UsageError(f"--size: expected rows x columns, such as 28x56, got '{text}'")
    return int(size[1]), int(size[2])


def _put(word: str) -> tuple[str, int, int]:
    """Return the label, row and column of a text such as 3@14,14."""
    parts = re.fullmatch(r"(.+)@(\d+),(\d+)", word)
    if parts is None:
        raise click.UsageError(f"--put: expected LABEL@ROW,COLUMN, such as 3@14,14, got '{word}'")
    return parts[1], int(parts[2]), int(parts[3])

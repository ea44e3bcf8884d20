"""``generate``: draw pictures of labels, or of single units of the top code, as one grid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import message_options, options, outputs, work_options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE, Finite
from indeependence.errors import shown
from indeependence.machine import limited_threads


@command()
@section(
    "Pictures",
    option("--label", metavar="A,B,…", help="Labels to draw; all that were learned if not given."),
    option("--count", type=COUNT, default=16, show_default=True, help="Pictures of each label."),
    option(
        "--spread",
        type=Finite(0),
        default=0.5,
        show_default=True,
        help="How much they vary, in standard deviations of the code given the label; 0: the mean of the class.",
    ),
    option("--units", metavar="A,B,…", help="Draw what these top units stand for, from white noise, and no labels."),
    option(
        "--output",
        type=FILE,
        default=Path("artifacts/generated.png"),
        show_default=True,
        metavar="FILE",
        help="PNG file for the grid: a row for each label, the class mean first.",
    ),
)
@options.model_option
@options.seed_option
@work_options.threads_option
@options.overwrite_option
@message_options.output_options
def generate(**choice: Any) -> None:
    """Draw pictures of labels that an autoencoder learned.

    \b
    Examples:
      python cli.py generate --label 3 --count 16
      python cli.py generate --units 0,1,2,3,4,5,6,7
    """
    from indeependence.models.autoencoder.drawing import Drawing
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder
    from indeependence.report.pictures.grid import write_grid

    outputs.check_outputs(choice, output=outputs.picture)
    drawing, output = taken(Drawing, choice), choice["output"]
    with limited_threads(choice["threads"]):
        model = LabelledAutoencoder.load(choice["model"], n_jobs=choice["threads"])
        drawn = drawing.by(model)
    write_grid(output, drawn.pictures, model.shape, drawn.columns)
    facts = {"pictures": len(drawn.pictures), "labels": drawn.labels, "output": str(output)}
    click.echo(json.dumps(facts) if choice["as_json"] else f"{len(drawn.pictures)} pictures: {shown(output)}")

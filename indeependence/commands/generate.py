"""``generate``: draw pictures of labels, or of single units of the top code, as one grid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import message_options, options, outputs, tied_options, work_options
from indeependence.commands.shared.given import refuse
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, PLACE, Finite
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
        help="How much they vary, in standard deviations: 0.9, or 0.5 of a model that keeps no sums by region.",
    ),
    option("--units", metavar="A,B,…", help="Draw what these top units stand for, and no labels."),
    option(
        "--output",
        type=PLACE,
        default=Path("artifacts/generated.png"),
        show_default=True,
        metavar="FILE",
        help="PNG file: a row for each label, the class mean first; of units a column each. Of pairs also a folder, "
        ".npy or .csv.",
    ),
    option("--side", type=click.Choice(["A", "B"]), metavar="A|B", help="Of pairs: the side to draw; A by default."),
)
@options.model_option
@options.seed_option
@work_options.threads_option
@options.overwrite_option
@message_options.output_options
@click.pass_context
def generate(ctx: click.Context, **choice: Any) -> None:
    """Draw pictures of labels that an autoencoder learned, or pairs.

    \b
    Examples:
      python cli.py generate --label 3 --count 16
      python cli.py generate --units 0,1,2,3,4,5,6,7
      python cli.py generate --side B --model pairs.safetensors
    """
    if choice["units"] is not None:
        refuse(ctx, ("label", "count", "spread", "seed"), "goes with labels, not with --units: leave one out")
    if tied_options.is_of_pairs(choice["model"]):
        refuse(ctx, ("label", "units"), "does not go with a model of pairs: leave it out")
        _generate_pairs(choice)
        return
    refuse(ctx, ("side",), "goes with a model of pairs: leave it out")
    from indeependence.models.autoencoder.drawing import Drawing
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder
    from indeependence.report.pictures.grid import write_grid

    outputs.check_outputs(choice, output=outputs.picture)
    drawing, output = taken(Drawing, choice), choice["output"]
    with limited_threads(choice["threads"]):
        model = LabelledAutoencoder.load(choice["model"], n_jobs=choice["threads"])
        drawn = drawing.by(model)
    write_grid(output, drawn.pictures, model.shape, drawn.columns, drawn.titles)
    facts = {"pictures": len(drawn.pictures), "labels": drawn.labels, "output": str(output)}
    click.echo(json.dumps(facts) if choice["as_json"] else f"{len(drawn.pictures)} pictures: {shown(output)}")


def _generate_pairs(choice: dict[str, Any]) -> None:
    """Draw pairs, write one side of them, and say where."""
    from indeependence.experiment.pairs import PairDrawing, generate_pairs

    outputs.check_outputs(choice, output=outputs.side)
    asked = taken(PairDrawing, {name: value for name, value in choice.items() if value is not None})
    with limited_threads(choice["threads"]):
        facts = generate_pairs(choice["model"], asked, choice["threads"])
    click.echo(
        json.dumps(facts) if choice["as_json"] else f"{facts['pictures']} of side {facts['side']}: {asked.output}"
    )

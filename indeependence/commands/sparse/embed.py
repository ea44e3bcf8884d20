"""``sparse embed``: binary codes of pictures, learned from sums, in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import data_options, message_options, options, outputs, work_options
from indeependence.commands.shared.facts import say
from indeependence.commands.shared.given import given
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE, Finite
from indeependence.machine import limited_threads


@command()
@data_options.data_options
@data_options.part_options
@section(
    "Codes",
    option("--units", type=COUNT, default=512, show_default=True, help="Bits of a code."),
    option("--active", type=COUNT, default=26, show_default=True, help="Bits of a code that are set."),
    option("--unlabelled", is_flag=True, help="Make codes without using the labels."),
    option(
        "--variation",
        type=Finite(0),
        default=0.2,
        show_default=True,
        help="Weight of within-class variation in a code (0: class only).",
    ),
    option(
        "--part",
        type=click.Choice(["all", "train", "test"]),
        default="all",
        show_default=True,
        metavar="PART",
        help="Which pictures get a code: train, test, or all, the training part first.",
    ),
)
@section(
    "Model",
    option("--model", type=FILE, metavar="FILE", help="Classifier to make codes from; a new one is trained if absent."),
)
@options.encoder_options
@work_options.work_options
@section(
    "Output",
    option(
        "--output",
        type=FILE,
        default=Path("artifacts/codes.sdr"),
        show_default=True,
        metavar="FILE",
        help="Packed codes and labels, as a safetensors file.",
    ),
)
@section(
    "Output", option("--decoder", type=FILE, metavar="FILE", help="Also the way back to pictures: see sparse draw.")
)
@options.overwrite_option
@message_options.output_options
@click.pass_context
def embed(ctx: click.Context, **choice: Any) -> None:
    """Write a sparse binary code and a label for each picture.

    Codes come from sums alone: those of the model, or of a model that is first trained on the training part. Prints
    how accurate the nearest centroid is on the test part.

    \b
    Examples:
      python cli.py sparse embed --data mnist --units 512 --active 26 --output codes.sdr
      python cli.py sparse embed --data my_pictures/ --model artifacts/model.safetensors --part test
    """
    from indeependence.binary_codes.reconstruction import KIND as DECODER
    from indeependence.binary_codes.storage import KIND
    from indeependence.data.selection import Part, Source
    from indeependence.experiment.embedding import EmbeddingRun
    from indeependence.experiment.embedding import embed as run
    from indeependence.models.making import Making

    if choice["active"] > choice["units"]:
        raise click.UsageError(f"--active {choice['active']} of --units {choice['units']}: there are not as many")
    if choice["model"] and choice["layers"] != "auto":
        raise click.UsageError(
            "--layers and --preset go with a new model: --model has an encoder of its own, leave them out"
        )
    if choice["unlabelled"] and given(ctx, "variation"):
        raise click.UsageError("--variation goes with labels: leave out either it or --unlabelled")
    outputs.check_outputs(choice, output=outputs.of_kind(KIND), decoder=outputs.of_kind(DECODER))
    where, making = taken(Source, choice), taken(Making, choice)
    settings = taken(EmbeddingRun, choice, source=where, training=taken(Part, choice), making=making)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        done = run(settings, choice["output"], watch=watch)
    say({"output": str(choice["output"]), **done.facts()}, as_json=choice["as_json"])

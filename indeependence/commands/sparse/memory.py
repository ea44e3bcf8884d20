"""``sparse memorise`` and ``sparse recall``: an associative memory of binary codes on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import message_options, options, outputs, tied_options
from indeependence.commands.shared.facts import say
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE, Finite

MEMORY = section("Memory", option("--memory", type=FILE, required=True, metavar="FILE", help="The memory's file."))


def _grows(path: Path, overwrite: bool) -> None:
    """Accept any path: a memory that is there learns more, and any other file is refused as it is read."""


@command()
@click.argument("file", type=FILE, metavar="CODES.sdr")
@MEMORY
@section(
    "Memory",
    option(
        "--targets", type=FILE, metavar="T.sdr", help="Codes to recall for these, row by row; themselves if absent."
    ),
)
@message_options.json_option
def memorise(file: Path, memory: Path, targets: Path | None, as_json: bool) -> None:
    """Add binary codes to an associative memory on disk.

    Its file is made, or more is added to what it knows; a pair cannot be taken out again. From a load of one half on,
    every further pair costs more than it adds (Willshaw 1969).

    \b
    Examples:
      python cli.py sparse memorise codes.sdr --memory m.willshaw
      python cli.py sparse memorise voices.sdr --targets faces.sdr --memory m.willshaw
    """
    from indeependence.experiment.codes import memorise as run

    outputs.check_outputs({"overwrite": False, "files": (file, targets or file), "memory": memory}, memory=_grows)
    say(run(file, targets, memory), as_json=as_json)


@command()
@click.argument("file", type=FILE, metavar="CUES.sdr")
@MEMORY
@section(
    "Recall",
    option("--active", type=COUNT, metavar="N", help="Set the N bits that most of the cue leads to: for wrong cues."),
    option("--steps", type=COUNT, default=1, show_default=True, help="Recall from what was recalled, so many times."),
    option("--drop", type=Finite(0, 1, max_open=True), default=0.0, help="First drop this share of each cue's bits."),
)
@options.seed_option
@section("Output", option("--output", type=FILE, required=True, help="Recalled codes, with the labels of the cues."))
@options.overwrite_option
@message_options.json_option
@click.pass_context
def recall(ctx: click.Context, file: Path, memory: Path, as_json: bool, **choice: Any) -> None:
    """Recall the codes that belong to cues from a memory on disk.

    Without --active a bit is set if all bits of the cue lead to it: right for cues that miss bits and have no wrong
    ones. --drop is for trying it out: the share of right bits is measured against the undamaged cues.

    \b
    Example:
      python cli.py sparse recall codes.sdr --memory m.willshaw --drop 0.5 --output recalled.sdr
    """
    from indeependence.binary_codes.storage import KIND
    from indeependence.experiment.codes import Recall
    from indeependence.experiment.codes import recall as run

    if not choice["drop"]:
        tied_options.refuse(ctx, ("seed",), "goes with --drop, which it draws: leave it out")
    outputs.check_outputs({**choice, "files": (file, memory)}, output=outputs.of_kind(KIND))
    say(run(memory, file, choice["output"], taken(Recall, choice)), as_json=as_json)

"""``infer``: labels for inputs; with an autoencoder also pictures that are completed or cleaned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE, SHARE
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    from indeependence.experiment.inference import Answers

HIDDEN = ("top", "bottom", "left", "right")


@command()
@section(
    "Data",
    option(
        "--data",
        default="digits",
        show_default=True,
        help="A picture or a folder of them, .npy, .npz, .csv without labels, an IDX file; or a data set, whose test "
        "part is used.",
    ),
    option("--limit", type=COUNT, metavar="N", help="Use at most that many inputs."),
    option("--top", type=COUNT, default=1, show_default=True, help="Labels for each input, best first."),
)
@options.size_option
@options.model_option
@section(
    "Model",
    option(
        "--encoder",
        type=FILE,
        metavar="FILE.keras",
        rare=True,
        help="Answer only if --model was bootstrapped with this Keras model, which its file holds anyway.",
    ),
)
@section(
    "Autoencoder",
    option(
        "--mask",
        type=click.Choice(HIDDEN),
        metavar="SIDE",
        help="Hide one half (top, bottom, left, right) and fill it in.",
    ),
    option("--noise", type=SHARE, help="Add noise of that standard deviation (1 is white) and clean it."),
    option(
        "--output",
        type=FILE,
        default=Path("artifacts/inferred.png"),
        show_default=True,
        metavar="FILE",
        help="PNG file for the grid: original, what was known, result.",
    ),
)
@options.seed_option
@options.work_options
@options.output_options
def infer(**choice: Any) -> None:
    """Predict a label and its probability for each input.

    With an autoencoder also: complete and clean pictures.

    \b
    Examples:
      python cli.py infer --data my_picture.png --top 3
      python cli.py infer --data digits --limit 16 --mask bottom
    """
    from indeependence.experiment import inference

    settings, completion = taken(inference.Inference, choice), taken(inference.Completion, choice)
    facts: dict[str, Any] = {"data": settings.data, "model": str(settings.model)}
    with limited_threads(settings.threads):
        if completion.mask or completion.noise:
            facts |= inference.complete(settings, completion)
        else:
            with progress(quiet=choice["quiet"]) as watch:
                facts["answers"] = inference.infer(settings, watch=watch)
    if choice["as_json"]:
        click.echo(json.dumps(facts))
    else:
        _print(facts)


def _print(facts: dict[str, Any]) -> None:
    """Print the answers to one input a line, and what a completion came to."""
    _print_answers(facts["answers"])
    if "output" in facts:
        click.echo(f"mean squared error {facts['squared_error']:.4f}, before {facts['squared_error_before']:.4f}")
        click.echo(f"pictures: {facts['output']}")


def _print_answers(answers: Answers) -> None:
    for number, answer in enumerate(answers):
        labelled = ((one["label"], one.get("probability", one.get("score"))) for one in answer)
        click.echo("\t".join([str(number), *(f"{label}\t{value:.4f}" for label, value in labelled)]))

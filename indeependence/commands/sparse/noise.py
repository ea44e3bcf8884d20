"""``sparse noise``: how accurate a model stays on test pictures with noise that it never saw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import data_options, message_options, options, work_options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FILE, FROM_ZERO
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    from indeependence.experiment.robustness import Robustness


@command()
@click.argument("file", type=FILE, metavar="MODEL")
@data_options.data_options
@section(
    "Noise",
    option(
        "--kind",
        "kinds",
        type=click.Choice(["pixels", "gaussian", "occlusion"]),
        multiple=True,
        default=["pixels"],
        show_default=True,
        help="Random grey pixels, Gaussian noise on all pixels, or a black rectangle; may be repeated.",
    ),
    option("--limit", type=COUNT, metavar="N", help="Use at most N test examples, drawn by --noise-seed."),
    option(
        "--noise-seed", type=FROM_ZERO, default=0, show_default=True, help="Seed; the same seed gives the same noise."
    ),
    option("--bits", is_flag=True, help="Also show how evenly code units are active, without noise."),
)
@section(
    "A .keras file",
    option(
        "--scale",
        type=click.Choice(["none", "unit", "signed", "torch", "caffe"]),
        metavar="KIND",
        help="What it wants pictures of 0 to 255 to become: none, unit (0 to 1), signed (-1 to 1), torch or caffe.",
    ),
    option("--outputs", metavar="A,B,…", help="Classes of its outputs; if absent, those of the data, sorted."),
)
@options.seed_option
@work_options.threads_option
@message_options.json_option
def noise(**choice: Any) -> None:
    """Measure how accurate MODEL stays as test pictures become noisy; a .keras file of your own, too.

    It is tested at eleven levels of noise, 0 to 0.5. The noise score is the number of correct predictions over all
    levels (arXiv 1903.11257; for 10,000 test examples of MNIST and noise on pixels: at most 110,000).

    \b
    Examples:
      python cli.py sparse noise artifacts/model.safetensors --data digits
      python cli.py sparse noise monday.safetensors --data mnist --kind pixels --kind occlusion --json
      python cli.py sparse noise mine.keras --data mnist --scale unit
    """
    from indeependence.data.selection import Source
    from indeependence.experiment.robustness import NoiseTest, robustness

    names = choice.pop("outputs")
    outputs = None if names is None else tuple(name.strip() for name in names.split(","))
    test = taken(NoiseTest, choice, source=taken(Source, choice), outputs=outputs)
    with limited_threads(choice["threads"]):
        found = robustness(choice["file"], test, threads=choice["threads"])
    if choice["as_json"]:
        click.echo(json.dumps(found.facts()))
    else:
        _print(found)


def _print(found: Robustness) -> None:
    """Print a line for each level of noise, and a column for each kind."""
    curves = found.curves
    click.echo("level " + "".join(f"{one.kind:>12}" for one in curves))
    for number, level in enumerate(curves[0].levels):
        click.echo(f"{level:<6.2f}" + "".join(f"{100 * one.accuracies[number]:11.2f}%" for one in curves))
    scores = "".join(f"{one.score:12,}" for one in curves)
    click.echo(f"score {scores}   of {len(curves[0].levels) * curves[0].examples:,}")
    for name, value in found.activity.items():
        click.echo(f"{name.replace('_', ' '):22}{value:,.1f}")

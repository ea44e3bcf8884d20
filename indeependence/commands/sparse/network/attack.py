"""``sparse network attack``: how accurate a Keras network is on pictures that were changed to deceive it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import message_options, options, work_options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT
from indeependence.commands.sparse.network import shared
from indeependence.machine import limited_threads


@command()
@shared.network_argument
@shared.data_of_network
@shared.reading_options
@section(
    "Attack",
    option(
        "--reach",
        "reaches",
        type=click.IntRange(1, 255),
        multiple=True,
        default=[8, 16, 32],
        show_default=True,
        help="Largest change of a pixel, in steps of 255; may be repeated.",
    ),
    option("--steps", type=click.IntRange(0), default=10, show_default=True, help="Of PGD; 0 leaves it out."),
    option("--limit", type=COUNT, default=200, show_default=True, help="Test pictures at most, drawn by --seed."),
)
@options.seed_option
@work_options.threads_option
@message_options.json_option
def attack(file: Path, **choice: Any) -> None:
    """Measure how accurate a Keras network is under attack.

    FGSM and PGD change test pictures along the gradient of the network's cross-entropy, and of its margin. An answer
    counts as right if it withstands both. PGD takes several steps and is the stronger attack.

    \b
    Example:
      python cli.py sparse network attack mine.keras --data mnist --scale unit --reach 8 --reach 32
    """
    from indeependence.experiment.own_network import Attack, attacked

    settings = taken(Attack, choice)
    choice.pop("limit")  # of attacked pictures; no activity is measured here
    with limited_threads(choice["threads"]):
        found = attacked(shared.case_of(file, choice), settings)
    if choice["as_json"]:
        click.echo(json.dumps(found))
        return
    click.echo(f"{'reach':>6}{'FGSM':>10}{'PGD' if settings.steps else '':>10}   of {found['examples']:,} pictures")
    click.echo(f"{0:>6}{found['clean']:>10.1%}{'':>10}")
    for reach in settings.reaches:
        click.echo(f"{reach:>6}" + "".join(f"{found[way][reach]:>10.1%}" for way in ("fgsm", "pgd") if way in found))

"""Options that all commands for a Keras network of one's own have, and the settings of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import data_options
from indeependence.commands.shared.help import option, section
from indeependence.commands.shared.types import COUNT, FILE

if TYPE_CHECKING:
    from pathlib import Path

    from indeependence.experiment.own_network import OwnCase

network_argument = click.argument("file", type=FILE, metavar="NET.keras")
reading_options = section(
    "Network",
    option(
        "--scale",
        type=click.Choice(["none", "unit", "signed", "torch", "caffe"]),
        default="none",
        show_default=True,
        metavar="KIND",
        help="What it wants pictures of 0 to 255 to become: none, unit (0 to 1), signed (-1 to 1), torch or caffe.",
    ),
    option("--outputs", metavar="A,B,…", help="Classes of its outputs; if absent, those of the data, sorted."),
)
examples_option = section(
    "Network",
    option(
        "--examples",
        "limit",
        type=COUNT,
        default=1000,
        show_default=True,
        metavar="N",
        help="Training examples that activity is measured on, drawn by --seed.",
    ),
)
data_of_network = data_options.data_options


def case_of(file: Path, choice: dict[str, Any]) -> OwnCase:
    """Return the network and the data that the options name."""
    from indeependence.commands.shared.settings import taken
    from indeependence.data.selection import Source
    from indeependence.experiment.own_network import OwnCase

    names = choice.pop("outputs")
    outputs = None if names is None else tuple(name.strip() for name in names.split(","))
    return taken(OwnCase, choice, path=file, source=taken(Source, choice), outputs=outputs)


def keras_file(path: Path, overwrite: bool) -> None:
    """Check the path of a ``.keras`` file that is to be new."""
    from indeependence.commands.shared import outputs

    if path.suffix != ".keras":
        raise click.UsageError(f"--output: expected a name that ends in .keras, got {path.name}")
    outputs.new(path, overwrite, "name another --output, or say --overwrite")

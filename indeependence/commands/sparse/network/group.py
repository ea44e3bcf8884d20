"""``sparse network``: commands for a Keras network of one's own."""

from __future__ import annotations

import click

from indeependence.commands.shared.help import Group
from indeependence.commands.sparse.network.attack import attack
from indeependence.commands.sparse.network.cut import cut
from indeependence.commands.sparse.network.look import look
from indeependence.commands.sparse.network.prune import prune


@click.group(cls=Group, commands=[attack, cut, look, prune])
def network() -> None:
    """Look into, prune and attack a Keras network of your own.

    It is a classifier in a .keras file, with one output for each class; no Python code of the file is run. The noise of
    test pictures is that of "sparse noise", which takes such a file too.

    \b
    Example: see what each layer does
      python cli.py sparse network look mine.keras --data mnist --scale unit
    Example: remove half of the units of each layer
      python cli.py sparse network prune mine.keras --data mnist --scale unit --output small.keras
    """

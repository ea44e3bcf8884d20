"""``sparse``: commands for sparse codes, one command a file; each loads what it needs when it runs."""

from __future__ import annotations

import click

from indeependence.commands.shared.help import Group
from indeependence.commands.sparse.draw import draw
from indeependence.commands.sparse.embed import embed
from indeependence.commands.sparse.memory import memorise, recall
from indeependence.commands.sparse.network.group import network
from indeependence.commands.sparse.noise import noise
from indeependence.commands.sparse.planes import planes
from indeependence.commands.sparse.prune import prune, saliency
from indeependence.commands.sparse.search import search
from indeependence.commands.sparse.unite import unite

CODES = (embed, search, unite, memorise, recall, draw)


@click.group(cls=Group, commands=[*CODES, network, noise, planes, prune, saliency])
def sparse() -> None:
    """Make and use sparse codes: binary codes, memories, pruning, noise tests.

    \b
    Example: write codes of 512 bits, 26 of them set
      python cli.py sparse embed --data digits --units 512 --active 26 --output codes.sdr
    Example: measure how accurate a model stays as pictures become noisy
      python cli.py sparse noise artifacts/model.safetensors --data digits
    Example: remove half of the code units from a model
      python cli.py sparse prune monday.safetensors --data digits --output small.safetensors
    Example: put a 1 into the map of a class and draw the picture that it becomes
      python cli.py sparse planes --data digits
    """

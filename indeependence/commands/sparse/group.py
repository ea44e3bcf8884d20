"""``sparse``: what can be done with sparse codes, one command a file; each loads what it needs when it runs."""

from __future__ import annotations

import click

from indeependence.commands.shared.help import Group
from indeependence.commands.sparse.embed import embed
from indeependence.commands.sparse.noise import noise
from indeependence.commands.sparse.planes import planes
from indeependence.commands.sparse.prune import prune, saliency


@click.group(cls=Group, commands=[embed, noise, planes, prune, saliency])
def sparse() -> None:
    """Binary codes of pictures, and what sparse codes are good for.

    \b
    Example: 512 bits a picture, 26 of them set
      python cli.py sparse embed --data digits --units 512 --active 26 --output codes.sdr
    Example: how many answers stay right as pictures become noisy
      python cli.py sparse noise artifacts/model.safetensors --data digits
    Example: take half of the code units out of a model
      python cli.py sparse prune monday.safetensors --data digits --output small.safetensors
    Example: put a 1 into the map of a class and draw what it becomes
      python cli.py sparse planes --data digits
    """

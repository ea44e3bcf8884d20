"""Pictures of nothing in particular, for encoders that need no sample: pen strokes, and coloured leaves on one another.

Both are made of whole numbers alone, so they are the same on every machine. Windows of pen strokes look like windows of
any drawing; overlapping discs of all sizes have the edges and the scales of photographs (the dead leaves model: Lee,
Mumford & Huang 2001).
"""

from __future__ import annotations

import numpy as np

from indeependence.data.picture_form import area_means
from indeependence.encoder.fitting.draws import Draws

FINE = 4  # fine pixels along the side of one pixel
TURNS = 64  # directions of a pen
_DIRECTIONS = np.rint(
    64 * FINE * np.stack([np.sin(2 * np.pi * np.arange(TURNS) / TURNS), np.cos(2 * np.pi * np.arange(TURNS) / TURNS)])
).astype(np.int64)  # of a step of one pixel, in 64ths of a fine pixel


def strokes(count: int, side: int, seed: int = 0) -> np.ndarray:
    """Return pictures of bright strokes on black, uint8 ``[count, side, side]``: lines, bends and corners.

    >>> pictures = strokes(2, 28)
    >>> pictures.shape, int(pictures.max()), int(np.median(pictures))
    ((2, 28, 28), 255, 0)
    """
    return np.stack([_drawn(Draws(seed, number), side) for number in range(count)])


def _drawn(draws: Draws, side: int) -> np.ndarray:
    wide = side * FINE
    picture = np.zeros((wide, wide), np.uint8)
    for _ in range(1 + int(draws.below(3, ()))):
        place = 64 * (wide // 8 + draws.below(3 * wide // 4, (2,)))
        turn, bend = int(draws.below(TURNS, ())), int(draws.below(7, ())) - 3  # of its direction, each two steps
        radius = max(2, wide * (4 + int(draws.below(3, ()))) // 112)  # a pen as on a page of 28 pixels
        for step in range(side // 3 + int(draws.below(side, ()))):
            _dot(picture, place // 64, radius)
            corner = int(draws.below(16, ())) == 0
            turn += (TURNS // 8 + int(draws.below(TURNS // 4, ()))) if corner else bend * (step % 2)
            place = place + _DIRECTIONS[:, turn % TURNS]
    return area_means(picture, (side, side))


def _dot(picture: np.ndarray, place: np.ndarray, radius: int) -> None:
    """Draw a bright disc on a picture, in place."""
    low = np.maximum(place - radius, 0)
    rows, columns = (np.arange(low[axis], min(place[axis] + radius + 1, len(picture))) for axis in (0, 1))
    inside = (rows[:, None] - place[0]) ** 2 + (columns - place[1]) ** 2 <= radius**2
    picture[low[0] : low[0] + len(rows), low[1] : low[1] + len(columns)][inside] = 255


def leaves(count: int, side: int, seed: int = 0) -> np.ndarray:
    """Return pictures of coloured discs of all sizes on one another, uint8 ``[count, side, side, 3]``.

    >>> leaves(2, 32).shape
    (2, 32, 32, 3)
    """
    return np.stack([_fallen(Draws(seed, number, 1), side) for number in range(count)])


def _fallen(draws: Draws, side: int) -> np.ndarray:
    wide = side * FINE
    rows, columns = np.arange(wide)[:, None], np.arange(wide)
    picture = np.zeros((wide, wide, 3), np.uint8)
    picture[:] = draws.below(256, (3,))
    for _ in range(40):
        place, colour = draws.below(wide, (2,)), draws.below(256, (3,))
        radius = wide // (2 + int(draws.below(14, ())))
        picture[(rows - place[0]) ** 2 + (columns - place[1]) ** 2 <= radius**2] = colour
    small = area_means(picture, (side, side)).astype(np.int64)
    return np.clip(small + draws.below(17, small.shape) - 8, 0, 255).astype(np.uint8)  # and a little noise

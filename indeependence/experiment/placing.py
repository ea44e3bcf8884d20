"""Maps of classes: a 1 in the map of a class says where a picture of it is to be."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from scipy.ndimage import shift

from indeependence.errors import InputError
from indeependence.moments.moments import Label

Put = tuple[Label, int, int]  # a class, and the row and column of its 1


def centred(pictures: np.ndarray) -> np.ndarray:
    """Return pictures uint8 ``[N, H, W]`` or ``[N, H, W, 3]``, moved by whole pixels so that their mass is centred.

    The place of a 1 in a map is then the place of the picture. Pixels that leave the picture are lost; 0 comes in.

    >>> centred(np.array([[[9, 0, 0], [0, 0, 0], [0, 0, 0]]], np.uint8))[0, 1]
    array([0, 9, 0], dtype=uint8)
    """
    moved = np.empty_like(pictures)
    for index, picture in enumerate(pictures):
        mass = picture.reshape(*picture.shape[:2], -1).sum(2, dtype=np.float64)
        total = max(mass.sum(), 1.0)
        sides = mass.sum(1), mass.sum(0)
        steps = [
            (len(side) - 1) // 2 - round(float(side @ np.arange(len(side))) / total) if mass.any() else 0
            for side in sides
        ]
        moved[index] = shift(picture, [*steps, *([0] * (picture.ndim - 2))], order=0, prefilter=False)
    return moved


def check_put(put: Put, labels: Collection[Label], size: tuple[int, int]) -> None:
    """Raise `InputError` for a class that is not one of ``labels``, and for a place outside ``size``."""
    label, row, column = put
    if label not in labels:
        raise InputError(f"expected a class among {', '.join(map(str, labels))}: no class {label!r} was learned")
    if not (0 <= row < size[0] and 0 <= column < size[1]):
        raise InputError(f"expected a place within {size[0]}x{size[1]}, got row {row}, column {column}")


def window(canvas: np.ndarray, row: int, column: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return the part ``[h, w, …]`` of a canvas whose middle is at a place; 0 where it reaches beyond the edge.

    >>> window(np.arange(9).reshape(3, 3), 0, 1, (3, 3))
    array([[0, 0, 0],
           [0, 1, 2],
           [3, 4, 5]])
    """
    there, here = _overlap(canvas.shape, row, column, shape)
    found = np.zeros(shape, canvas.dtype)
    found[here] = canvas[there]
    return found


def put_down(canvas: np.ndarray, picture: np.ndarray, row: int, column: int) -> None:
    """Put a picture onto a canvas with its middle at a place: of both the brighter pixels stay."""
    there, here = _overlap(canvas.shape, row, column, picture.shape)
    canvas[there] = np.maximum(canvas[there], picture[here])


def _overlap(whole: tuple[int, ...], row: int, column: int, shape: tuple[int, ...]) -> tuple[tuple, tuple]:
    """Return the slices of the canvas and of the picture in which they overlap."""
    there, here = [], []
    for size, place, side in zip(whole[:2], (row, column), shape[:2], strict=True):
        start = place - (side - 1) // 2
        first, last = max(start, 0), min(start + side, size)
        there.append(slice(first, last))
        here.append(slice(first - start, last - start))
    return tuple(there), tuple(here)

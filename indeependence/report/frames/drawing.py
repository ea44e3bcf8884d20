"""Arrays as square pictures of one size: a picture enlarged, many as tiles, codes as bars, errors as a curve."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from indeependence.report.pictures.grid import spaced

SIDE = 240  # pixels of a square
GAP = 2  # between layers
PAPER, FAINT = np.uint8(255), np.uint8(225)
UP, DOWN = (0, 114, 178), (213, 94, 0)  # red first: what is above 0, and what is below


def fitted(picture: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Return a picture ``[H, W]`` or ``[H, W, 3]`` as large as fits into a white square ``[side, side, 3]``, uint8.

    Its pixels stay square. Those of a vector, which is a single row, are stretched to the whole height.

    >>> fitted(np.zeros((2, 4), np.uint8), 8)[:, 0, 0]
    array([255, 255,   0,   0,   0,   0, 255, 255], dtype=uint8)
    """
    rows, columns = picture.shape[:2]
    if rows == 1:
        return _resized(picture, side, side)
    scale = side / max(rows, columns)
    width, height = max(1, int(columns * scale)), max(1, int(rows * scale))
    square = np.full((side, side, 3), PAPER, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = _resized(picture, width, height)
    return square


def tiled(pictures: np.ndarray) -> np.ndarray:
    """Return pictures ``[N, H, W]`` or ``[N, H, W, 3]`` row after row in a white square; vectors one below another.

    >>> tiled(np.zeros((5, 8, 8), np.uint8)).shape, int(tiled(np.zeros((5, 1, 8), np.uint8)).max())
    ((240, 240, 3), 0)
    """
    if pictures.shape[1] == 1:
        return _resized(pictures[:, 0], SIDE, SIDE)
    sheet = spaced(pictures, math.ceil(math.sqrt(len(pictures))))
    return fitted(np.where(sheet[..., 3:], sheet[..., :3], PAPER))


def bars(layers: Sequence[np.ndarray]) -> np.ndarray:
    """Return signed values ``[K]`` of each layer as bars on a line of its own, the lowest layer below, in a square.

    The largest value of a layer has the whole height. Where there are more values than columns, a bar is the largest
    of several.

    >>> shown = bars([np.array([0, 5, -5, 1])])
    >>> [np.flatnonzero((shown[:, column] == UP).all(1)).size for column in (30, 90, 150)]
    [0, 119, 0]
    """
    square = np.full((SIDE, SIDE, 3), PAPER, np.uint8)
    height = SIDE // len(layers)
    for index, values in enumerate(reversed(layers)):
        strip = square[index * height : (index + 1) * height - GAP]
        middle = len(strip) // 2
        lengths = _per_column(values) * middle / max(1, np.abs(values).max())
        above = middle - np.arange(len(strip))[:, None]  # how far each row is above the line
        strip[middle] = FAINT
        strip[(above > 0) & (above <= lengths)] = UP
        strip[(above < 0) & (above >= lengths)] = DOWN
    return square


def curve(values: np.ndarray) -> np.ndarray:
    """Return ``values [N]`` of 0..1 as a curve in a square, with faint lines at every quarter.

    >>> shown = curve(np.array([1.0, 0.0]))
    >>> shown[0, 0].tolist(), shown[9, -9].tolist(), shown[-1, -1].tolist()
    ([0, 114, 178], [255, 255, 255], [0, 114, 178])
    """
    import cv2

    square = np.full((SIDE, SIDE, 3), PAPER, np.uint8)
    square[np.linspace(0, SIDE - 1, 5).astype(int)] = FAINT
    shown = values[np.linspace(0, len(values) - 1, SIDE).astype(int)]
    points = np.stack([np.arange(SIDE), (SIDE - 1) * (1 - shown)], axis=1).round().astype(np.int32)
    cv2.polylines(square, [points], False, UP, 2, cv2.LINE_AA)
    return square


def _resized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    import cv2

    rows, columns = picture.shape[:2]
    way = cv2.INTER_AREA if width < columns or height < rows else cv2.INTER_NEAREST
    resized = cv2.resize(picture, (width, height), interpolation=way)
    return resized if resized.ndim == 3 else resized[..., None].repeat(3, 2)


def _per_column(values: np.ndarray) -> np.ndarray:
    """Return for each of `SIDE` columns the value that stands there, or the one furthest from 0 of several."""
    if len(values) <= SIDE:
        return values[np.arange(SIDE) * len(values) // SIDE]
    starts = np.arange(SIDE) * len(values) // SIDE
    most, least = np.maximum.reduceat(values, starts), np.minimum.reduceat(values, starts)
    return np.where(most >= -least, most, least)

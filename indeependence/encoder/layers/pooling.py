"""Responses of windows become sums in cells: thresholded, mirrored and pooled, in NumPy or, where installed, by Numba.

Both give the same bits: every operation is a single one in float32, and all that is added up is whole. Numba's
version takes one pass, so that the mirrored and thresholded responses are never stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

HUGE = np.float32(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Grid:
    """Cells of ``pool × pool`` windows, ``stride`` apart, over ``rows × columns`` windows.

    >>> Grid(1, 4, 1, 2).matrix
    array([[1., 0., 0., 0.],
           [0., 0., 1., 0.]], dtype=float32)
    """

    rows: int
    columns: int
    pool: int
    stride: int

    @property
    def windows(self) -> int:
        """The number of windows."""
        return self.rows * self.columns

    @property
    def cells(self) -> int:
        """The number of cells."""
        rows, columns = (max((side - self.pool) // self.stride + 1, 0) for side in (self.rows, self.columns))
        return rows * columns

    @property
    def matrix(self) -> np.ndarray:
        """Matrix ``[cells, windows]`` of ones where a window lies in a cell: pooling is one exact product with it."""
        return _matrix(self)


@lru_cache(maxsize=16)
def _matrix(grid: Grid) -> np.ndarray:
    tops = range(0, grid.rows - grid.pool + 1, grid.stride)
    lefts = range(0, grid.columns - grid.pool + 1, grid.stride)
    cells = np.zeros((len(tops), len(lefts), grid.rows, grid.columns), np.float32)
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            cells[i, j, top : top + grid.pool, left : left + grid.pool] = 1
    return cells.reshape(len(tops) * len(lefts), grid.windows)


def pool_plainly(responses: np.ndarray, threshold: np.float32, grid: Grid) -> np.ndarray:
    """Return sums float32 ``[N, cells, K, 2]`` of ``floor(relu(±r - threshold))`` of responses ``r [N, windows, K]``.

    >>> pool_plainly(np.array([[[3.0], [-5.5]]], np.float32), np.float32(1), Grid(1, 2, 1, 1))[0, :, 0]
    array([[2., 0.],
           [0., 4.]], dtype=float32)
    """
    sums = np.empty((len(responses), len(grid.matrix), responses.shape[2], 2), np.float32)
    for side, signed in enumerate((responses - threshold, -threshold - responses)):
        np.clip(signed, 0, HUGE, out=signed)  # two bounds: three times as fast as one
        np.trunc(signed, out=signed)
        sums[..., side] = grid.matrix @ signed
    return sums


@lru_cache(maxsize=1)
def numba_pool() -> Callable[[np.ndarray, np.float32, Grid], np.ndarray] | None:
    """Return `pool_plainly` in machine code, kept on disk between runs; None without Numba's compiler."""
    try:
        import numba
    except ImportError:
        return None
    if getattr(numba.config, "DISABLE_JIT", False):
        return None
    compiler: Any = numba.njit(nogil=True, cache=True)
    add = compiler(add_pooled)

    def pool_at_once(responses: np.ndarray, threshold: np.float32, grid: Grid) -> np.ndarray:
        sums = np.zeros((len(responses), len(grid.matrix), 2, responses.shape[2]), np.float32)
        shape = (grid.columns, grid.pool, grid.stride)
        tops, lefts = ((side - grid.pool) // grid.stride + 1 for side in (grid.rows, grid.columns))
        for picture, cells in zip(responses, sums, strict=True):
            add(picture, threshold, *shape, tops, lefts, cells)
        return sums.swapaxes(2, 3)

    return pool_at_once


def add_pooled(
    responses: np.ndarray,
    threshold: np.float32,
    columns: int,
    pool: int,
    stride: int,
    tops: int,
    lefts: int,
    sums: np.ndarray,
) -> None:
    """Add one picture's responses ``[windows, K]``, thresholded and mirrored, to ``sums [tops · lefts, 2, K]``.

    >>> sums = np.zeros((1, 2, 1), np.float32)
    >>> add_pooled(np.array([[1.5], [-5.0]], np.float32), np.float32(0.25), 2, 1, 1, 1, 1, sums)
    >>> sums.ravel()
    array([1., 0.], dtype=float32)
    """
    zero, count = np.float32(0), responses.shape[1]
    positive, negative = np.empty(count, np.float32), np.empty(count, np.float32)
    for window in range(len(responses)):
        row, column = window // columns, window % columns
        first_top, last_top = max((row - pool) // stride + 1, 0), min(row // stride, tops - 1)
        first_left, last_left = max((column - pool) // stride + 1, 0), min(column // stride, lefts - 1)
        for unit in range(count):
            above, below = responses[window, unit] - threshold, -threshold - responses[window, unit]
            positive[unit] = np.trunc(above) if above > zero else zero
            negative[unit] = np.trunc(below) if below > zero else zero
        for top in range(first_top, last_top + 1):
            for left in range(first_left, last_left + 1):
                cell = top * lefts + left
                for unit in range(count):
                    sums[cell, 0, unit] += positive[unit]
                    sums[cell, 1, unit] += negative[unit]

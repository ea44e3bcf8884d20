"""Responses of windows become sums in cells: thresholded, mirrored and pooled, in NumPy or, where installed, by Numba.

Both give the same bits: every operation is a single one in float32, and all that is added up is whole. Numba's
version takes one pass, so that the mirrored and thresholded responses are never stored.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

LEVELS = 4  # of a slope at the most
LONGEST = 512  # levels times windows in a line: sums over many windows stay below 2**24
WORTH = 2**23  # responses that are worth loading a compiler for
HUGE = np.float32(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Grid:
    """Cells of ``pool × pool`` windows, ``stride`` apart, over ``rows × columns`` windows.

    With ``slopes``, there are so many cells along each side instead, and a window counts the more in one the nearer
    their middles are, along each side in up to `LEVELS` whole steps: fully at the cell's own middle, no longer at that
    of the next one. Source: Lowe, IJCV 60, 2004, whose descriptors are voted for in this way.

    >>> Grid(1, 4, 1, 2).matrix
    array([[1., 0., 0., 0.],
           [0., 0., 1., 0.]], dtype=float32)
    >>> Grid(1, 8, 1, 1, 2).sides[1]
    array([[2., 4., 4., 2., 1., 0., 0., 0.],
           [0., 0., 0., 1., 2., 4., 4., 2.]], dtype=float32)
    """

    rows: int
    columns: int
    pool: int
    stride: int
    slopes: int = 0

    @property
    def windows(self) -> int:
        """The number of windows."""
        return self.rows * self.columns

    @property
    def cells(self) -> int:
        """The number of cells."""
        if self.slopes:
            return self.slopes**2
        rows, columns = (max((side - self.pool) // self.stride + 1, 0) for side in (self.rows, self.columns))
        return rows * columns

    @property
    def matrix(self) -> np.ndarray:
        """Matrix ``[cells, windows]``: how much a window counts in a cell. Pooling is one exact product with it."""
        return _matrix(self)

    @property
    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """How much a row of windows counts in a row of cells ``[cells, rows]``, and the same of columns."""
        return _side(self.rows, self), _side(self.columns, self)


@lru_cache(maxsize=16)
def _matrix(grid: Grid) -> np.ndarray:
    return np.kron(*grid.sides)


@lru_cache(maxsize=32)
def _side(windows: int, grid: Grid) -> np.ndarray:
    if grid.slopes:
        apart = windows / grid.slopes
        middles = (np.arange(grid.slopes)[:, None] + 0.5) * apart - 0.5
        near = 1 - np.abs(np.arange(windows) - middles) / apart
        levels = max(min(LEVELS, LONGEST // max(grid.rows, grid.columns)), 1)
        return np.rint(levels * np.maximum(near, 0)).astype(np.float32)
    starts = np.arange(0, windows - grid.pool + 1, grid.stride)[:, None]
    place = np.arange(windows)
    return ((place >= starts) & (place < starts + grid.pool)).astype(np.float32)


def pool_plainly(responses: np.ndarray, threshold: np.float32, grid: Grid) -> np.ndarray:
    """Return sums float32 ``[N, cells, K, 2]`` of ``floor(relu(±r - threshold))`` of responses ``r [N, windows, K]``.

    Each counts as often as the grid says.

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


def pool_for(responses: int) -> Callable[[np.ndarray, np.float32, Grid], np.ndarray]:
    """Return the function that pools so many responses soonest; both give the same bits.

    To load the compiler takes half a second, as long as NumPy takes for some pictures.
    """
    if responses < WORTH and "numba" not in sys.modules:
        return pool_plainly
    return numba_pool() or pool_plainly


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
        for picture, cells in zip(responses, sums, strict=True):
            add(picture, threshold, *grid.sides, cells)
        return sums.swapaxes(2, 3)

    return pool_at_once


def add_pooled(
    responses: np.ndarray,
    threshold: np.float32,
    rows: np.ndarray,
    columns: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Add one picture's responses ``[windows, K]``, thresholded and mirrored, to ``sums [cells, 2, K]``.

    ``rows`` and ``columns`` are the `Grid.sides`.

    >>> sums, ones = np.zeros((1, 2, 1), np.float32), np.ones((1, 1), np.float32)
    >>> add_pooled(np.array([[1.5], [-5.0]], np.float32), np.float32(0.25), ones, np.float32([[3, 0]]), sums)
    >>> sums.ravel()
    array([3., 0.], dtype=float32)
    """
    zero, count = np.float32(0), responses.shape[1]
    positive, negative = np.empty(count, np.float32), np.empty(count, np.float32)
    for window in range(len(responses)):
        row, column = window // columns.shape[1], window % columns.shape[1]
        for unit in range(count):
            above, below = responses[window, unit] - threshold, -threshold - responses[window, unit]
            positive[unit] = np.trunc(above) if above > zero else zero
            negative[unit] = np.trunc(below) if below > zero else zero
        for top in range(len(rows)):
            for left in range(len(columns)):
                weight = rows[top, row] * columns[left, column]
                if weight == zero:
                    continue
                cell = top * len(columns) + left
                for unit in range(count):
                    sums[cell, 0, unit] += weight * positive[unit]
                    sums[cell, 1, unit] += weight * negative[unit]

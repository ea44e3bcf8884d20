"""``Σ h hᵀ`` while it grows: here, or on another device until all is added."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np

from indeependence.engine.choice import active
from indeependence.exact import EXACT
from indeependence.moments.gram import BLOCK, TILE, add_gram

WORTH = 1024  # rows of a block that are worth bringing to another device


class Growing(Protocol):
    """Adds ``Σ (h - middle)(h - middle)ᵀ`` of code rows uint8 ``[N, H]``; ``into`` adds all of it to a total."""

    def add(self, codes: np.ndarray, middle: np.ndarray | None, /) -> None: ...
    def into(self, total: np.ndarray, /) -> None: ...


@contextmanager
def adding_to(total: np.ndarray) -> Iterator[Callable[[np.ndarray], None]]:
    """Give a function that adds ``Σ h hᵀ`` of code rows uint8 ``[N, H]`` to the upper triangle of ``total``, int64.

    The sums are complete when the block ends. Large codes are added about whole numbers in their middle, so that many
    rows have an exact product; what that changes is made good once at the end, since with ``d = h - m`` of N rows
    ``Σ h hᵀ = Σ d dᵀ + m (Σ h)ᵀ + (Σ h) mᵀ - N m mᵀ``.

    >>> total = np.zeros((1, 1), np.int64)
    >>> with adding_to(total) as add:
    ...     add(np.full((300, 1), 250, np.uint8))
    >>> total == 300 * 250**2
    array([[ True]])
    """
    there: Growing | None = None
    middle: np.ndarray | None = None
    sums, count = np.zeros(len(total), np.int64), 0

    def add(codes: np.ndarray) -> None:
        nonlocal there, middle, count
        if there is None:
            there, middle = _place_for(codes, total), middle_of(codes)
        there.add(codes, middle)
        if middle is not None:
            np.add(sums, codes.sum(0, dtype=np.int64), out=sums)
            count += len(codes)

    yield add
    if there is not None:
        there.into(total)
    if middle is not None:
        _make_good(total, middle.astype(np.int64), sums, count)


def middle_of(codes: np.ndarray) -> np.ndarray | None:
    """Return the means of code rows ``[N, H]`` as whole numbers, float32 ``[H]``; None where blocks are large anyway.

    >>> middle_of(np.full((300, 2), 250, np.uint8)), middle_of(np.ones((300, 2), np.uint8))
    (array([250., 250.], dtype=float32), None)
    """
    few = codes[:256].astype(np.float32)
    if np.einsum("nh,nh->h", few, few).max(initial=0) * BLOCK < EXACT * max(len(few), 1):
        return None
    return np.rint(few.mean(0))


def _place_for(codes: np.ndarray, total: np.ndarray) -> Growing:
    if len(codes) >= WORTH and (device := active()) is not None:
        from indeependence.engine.sums import DeviceProducts

        return DeviceProducts(device, len(total))
    return _Here(total)


class _Here:
    """Adds to the total at once."""

    def __init__(self, total: np.ndarray):
        self.total = total

    def add(self, codes: np.ndarray, middle: np.ndarray | None) -> None:
        add_gram(self.total, codes, middle)

    def into(self, total: np.ndarray) -> None:
        pass


def _make_good(total: np.ndarray, middle: np.ndarray, sums: np.ndarray, count: int) -> None:
    """Add ``m sᵀ + s mᵀ - N m mᵀ`` of the middle m and the sums s, int64 ``[H]``, to the upper triangle."""
    for top in range(0, len(total), TILE):
        rows, columns = slice(top, top + TILE), slice(top, None)
        added = np.outer(middle[rows], sums[columns] - count * middle[columns])
        added += np.outer(sums[rows], middle[columns])
        corner = added[:, : len(added)]
        corner[:] = np.triu(corner)
        total[rows, columns] += added

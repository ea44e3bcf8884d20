"""Exact products of code rows: integer results from float32 matrix products at full speed."""

from __future__ import annotations

import numpy as np
from scipy.linalg.blas import ssyrk

from indeependence.errors import InputError
from indeependence.exact import EXACT, TOP

BLOCK = 4096  # rows to one product, where their codes allow it
STEP = 32  # rows looked at together: even of codes of 255, eight steps have exact products
TILE = 512  # rows of the product added at a time
NEAR = 64  # classes, and units, whose sums are added at a time


def add_gram(total: np.ndarray, codes: np.ndarray, middle: np.ndarray | None = None) -> None:
    """Add ``Σ h hᵀ`` of code rows ``h``, uint8 ``[N, H]``, to the upper triangle of ``total``, int64 ``[H, H]``.

    A block of rows is multiplied in float32. That is exact, in any order of adding, if every partial sum is a whole
    number below 2**24; by Cauchy and Schwarz no sum of products exceeds the largest sum of squares of one unit. So a
    block has as many rows as keep that below 2**24. The same holds for differences of codes, of either sign.

    >>> total = np.zeros((2, 2), np.int64)
    >>> add_gram(total, np.array([[1, 2], [3, 4]], np.uint8))
    >>> total
    array([[10, 14], [ 0, 20]])
    """
    start = 0
    room = np.zeros(total.shape, np.float32, order="F")  # used again and again: fresh memory is slow to touch
    block = np.empty((min(BLOCK, len(codes)), len(total)), np.float32)
    while start < len(codes):
        rows = block[: fill(block, codes[start : start + BLOCK], middle)]
        product = ssyrk(1.0, rows.T, c=room, overwrite_c=1, lower=1).T  # lower in Fortran's order is upper in ours
        for top in range(0, len(total), TILE):
            total[top : top + TILE, top:] += product[top : top + TILE, top:].astype(np.int64)
        start += len(rows)


def fill(block: np.ndarray, codes: np.ndarray, middle: np.ndarray | None = None) -> int:
    """Copy ``codes``, uint8 ``[N, H]``, into ``block``, float32, as far as products stay exact; return how many rows.

    With a ``middle``, float32 ``[H]``, it is taken away from each row.

    >>> fill(np.empty((300, 1), np.float32), np.full((300, 1), 255, np.uint8))
    256
    """
    squares = np.zeros(block.shape[1], np.float32)
    for first in range(0, len(codes), STEP):
        step = block[first : first + STEP][: len(codes) - first]
        step[:] = codes[first : first + STEP]
        if middle is not None:
            step -= middle
        squares += np.einsum("nh,nh->h", step, step)  # rounded only where it is above 2**24, to nothing below
        if squares.max(initial=0) >= EXACT:
            return first
    return len(codes)


def add_block(total: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
    """Add ``Σ l rᵀ`` of uint8 code rows ``[N, I]`` and ``[N, J]`` of the same examples to ``total``, int64 ``[I, J]``.

    This is a block off the diagonal of ``Σ h hᵀ``. It is exact by the same bound as in `add_gram`, on the sums of
    squares of both.

    >>> total = np.zeros((1, 2), np.int64)
    >>> add_block(total, np.array([[1], [2]], np.uint8), np.array([[3, 0], [4, 5]], np.uint8))
    >>> total
    array([[11, 10]])
    """
    start, rows = 0, BLOCK
    while start < len(left):
        pair = [codes[start : start + rows].astype(np.float32) for codes in (left, right)]
        largest = max(float(np.einsum("nh,nh->h", one, one, dtype=np.float64).max(initial=0)) for one in pair)
        if len(pair[0]) > 1 and largest >= EXACT:
            rows = len(pair[0]) // 2
            continue
        total += (pair[0].T @ pair[1]).astype(np.int64)
        start += len(pair[0])


def add_cross(total: np.ndarray, codes: np.ndarray, targets: np.ndarray) -> None:
    """Add ``Σ h yᵀ`` of uint8 code rows ``[N, H]`` and one-hot targets ``[N, C]`` to ``total``, int64 ``[H, C]``.

    Float32 products of a block are exact, since at most `BLOCK` codes of at most 255 are added.

    >>> total = np.zeros((2, 1), np.int64)
    >>> add_cross(total, np.array([[1, 2], [3, 4]], np.uint8), np.array([[1], [0]], np.uint8))
    >>> total.T
    array([[1, 2]])
    """
    for start in range(0, len(codes), BLOCK):
        rows = slice(start, start + BLOCK)
        total += (targets[rows].T.astype(np.float32) @ codes[rows].astype(np.float32)).T.astype(np.int64)


def add_class_sums(total: np.ndarray, codes: np.ndarray, columns: np.ndarray) -> None:
    """Add each of the uint8 rows ``[N, H]`` to the column of its class in ``total``, int64 ``[H, C]``.

    ``columns [N]`` are the numbers of the rows' classes. Two classes cost the same as a thousand; of ten thousand, a
    few are added at a time, and of those a few units, so that what is read and written stays in the processor's cache.

    >>> total = np.zeros((2, 3), np.int64)
    >>> add_class_sums(total, np.array([[1, 2], [3, 4], [5, 6]], np.uint8), np.array([2, 0, 2]))
    >>> total
    array([[3, 0, 6],
           [4, 0, 8]])
    """
    order = np.argsort(columns, kind="stable")
    present, starts = np.unique(columns[order], return_index=True)
    groups = np.split(order, starts[1:])
    for first in range(0, len(present), NEAR):
        some = slice(first, first + NEAR)
        sums = np.stack([_sum_of(codes, rows) for rows in groups[some]])
        for top in range(0, len(total), NEAR):
            total[top : top + NEAR, present[some]] += sums[:, top : top + NEAR].T


def _sum_of(codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the sum of some rows of codes, int64 ``[H]``; float32 products of a block stay below 2**24: exact."""
    total = np.zeros(codes.shape[1], np.int64)
    for start in range(0, len(rows), EXACT // TOP):
        block = codes[rows[start : start + EXACT // TOP]].astype(np.float32)
        total += (np.ones(len(block), np.float32) @ block).astype(np.int64)
    return total


def mirrored_upper(upper: np.ndarray) -> np.ndarray:
    """Return the symmetric float64 matrix whose upper triangle is that of ``upper``.

    Raise `InputError` for the products of several members, which do not tell how units of two members vary together.

    >>> mirrored_upper(np.array([[1, 2], [0, 3]]))
    array([[1., 2.], [2., 3.]])
    """
    if upper.ndim > 2:
        raise InputError(f"expected the sums of one encoder, got those of {len(upper)} members: leave --members out")
    full = upper.astype(np.float64)
    for top in range(0, len(full), TILE):
        end = min(top + TILE, len(full))
        corner = np.triu(full[top:end, top:end])
        full[top:end, top:end] = corner + np.triu(corner, 1).T
        full[end:, top:end] = full[top:end, end:].T
    return full

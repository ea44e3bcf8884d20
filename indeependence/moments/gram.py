"""Exact products of code rows: integer results from float32 matrix products at full speed."""

from __future__ import annotations

import numpy as np
from scipy.linalg.blas import ssyrk

EXACT = 2**24  # float32 holds every whole number up to here
BLOCK = 4096  # rows to one product, where their codes allow it
TILE = 512  # rows of the product that are added at a time


def add_gram(total: np.ndarray, codes: np.ndarray) -> None:
    """Adds ``Σ h hᵀ`` of code rows ``h``, uint8 ``[N, H]``, to the upper triangle of ``total``, int64 ``[H, H]``.

    A block of rows is multiplied in float32. That is exact, in any order of adding, if every partial sum is a whole
    number below 2**24; by Cauchy and Schwarz no sum of products exceeds the largest sum of squares of one unit, which
    stands on the product's own diagonal. Where it is too large, the block is cut in two.

    >>> total = np.zeros((2, 2), np.int64)
    >>> add_gram(total, np.array([[1, 2], [3, 4]], np.uint8))
    >>> total
    array([[10, 14], [ 0, 20]])
    """
    start, rows = 0, BLOCK
    room = np.zeros(total.shape, np.float32, order="F")  # used again and again: fresh memory is slow to touch
    while start < len(codes):
        block = codes[start : start + rows].astype(np.float32)
        product = ssyrk(1.0, block.T, c=room, overwrite_c=1, lower=1).T  # lower in Fortran's order is upper in ours
        if len(block) > 1 and product.diagonal().max() >= EXACT:
            rows = len(block) // 2
            continue
        for top in range(0, len(total), TILE):
            total[top : top + TILE, top:] += product[top : top + TILE, top:].astype(np.int64)
        start += len(block)


def add_cross(total: np.ndarray, codes: np.ndarray, targets: np.ndarray) -> None:
    """Adds ``Σ h yᵀ`` of uint8 code rows ``[N, H]`` and one-hot targets ``[N, C]`` to ``total``, int64 ``[H, C]``.

    Float32 products of a block are exact, since at most `BLOCK` codes of at most 255 are added.

    >>> total = np.zeros((2, 1), np.int64)
    >>> add_cross(total, np.array([[1, 2], [3, 4]], np.uint8), np.array([[1], [0]], np.uint8))
    >>> total.T
    array([[1, 2]])
    """
    for start in range(0, len(codes), BLOCK):
        rows = slice(start, start + BLOCK)
        total += (targets[rows].T.astype(np.float32) @ codes[rows].astype(np.float32)).T.astype(np.int64)


def mirrored_upper(upper: np.ndarray) -> np.ndarray:
    """The symmetric float64 matrix of which only the upper triangle of ``upper`` is filled in.

    >>> mirrored_upper(np.array([[1, 2], [0, 3]]))
    array([[1., 2.], [2., 3.]])
    """
    full = upper.astype(np.float64)
    for top in range(0, len(full), TILE):
        end = min(top + TILE, len(full))
        corner = np.triu(full[top:end, top:end])
        full[top:end, top:end] = corner + np.triu(corner, 1).T
        full[end:, top:end] = full[top:end, end:].T
    return full

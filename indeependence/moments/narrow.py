"""Whole numbers in the narrowest type that holds them."""

from __future__ import annotations

import numpy as np


def width(largest: int) -> int:
    """Return the bytes of the narrowest unsigned type that holds whole numbers up to ``largest``.

    >>> width(255), width(256)
    (1, 2)
    """
    return next(width for width in (1, 2, 4, 8) if largest < 256**width)


def narrowest(values: np.ndarray) -> np.ndarray:
    """Return the same values in the narrowest unsigned type that holds them all.

    >>> narrowest(np.array([3, 70_000])).dtype
    dtype('uint32')
    """
    return values.astype(f"u{width(int(values.max(initial=0)))}")

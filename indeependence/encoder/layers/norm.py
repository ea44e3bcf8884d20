"""A last layer that bounds the length of every code, so that no example weighs more than another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np


@dataclass(frozen=True, eq=False)
class NormLayer:
    """Codes of 0..255 ``[N, H]`` whose length is at most ``longest``: longer ones are scaled down and cut."""

    kind: ClassVar[str] = "norm"
    takes_pictures: ClassVar[bool] = False

    longest: int

    def __post_init__(self) -> None:
        if not isinstance(self.longest, int) or self.longest < 1:
            raise ValueError(f"expected a whole number of at least 1 for the longest code, got {self.longest!r}")

    def width(self, shape: tuple[int, ...]) -> int:
        """Return the number of code units for one input of ``shape``: as many as it has values."""
        return int(np.prod(shape))

    def pictured_bases(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], np.ndarray] | None:
        """Return None: there are no bases."""
        return None

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """Return the bounded codes, uint8 ``[N, H]``.

        The bound is strict: rounding changes a squared length by a factor of 1 + 2**-50 at most, and it is a whole
        number.

        >>> NormLayer(10)(np.array([[30, 40], [6, 8], [0, 3]], np.uint8))
        array([[6, 8],
               [6, 8],
               [0, 3]], dtype=uint8)
        """
        squares = np.einsum("nh,nh->n", codes, codes, dtype=np.int64)
        scale = np.minimum(self.longest / np.sqrt(np.maximum(squares, 1)), 1.0)
        return np.floor(codes * scale[:, None]).astype(np.uint8)


def typical_norm(codes: np.ndarray) -> int:
    """Return the length that a tenth of the codes ``[N, H]`` do not reach, at least 1.

    >>> typical_norm(np.array([[3, 4]] * 10 + [[30, 40]], np.uint8))
    5
    """
    squares = np.sort(np.einsum("nh,nh->n", codes, codes, dtype=np.int64))
    return max(1, math.isqrt(int(squares[len(squares) // 10])))

"""The mirrored layer on rows of codes: an exact projection, thresholded, mirrored and cut to whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from indeependence.encoder.layers.winners import winners
from indeependence.exact import EXACT, TOP


@dataclass(frozen=True, eq=False)
class DenseLayer:
    """``code = mirror(quantise((e - b) W))`` for codes ``e [N, D]`` of 0..255, as uint8 ``[N, 2 K]``.

    All that is added up is a whole number below 2**24, exact in float32; the product with ``scale`` that follows is
    a single IEEE operation. So equal rows have equal codes in any batch and on any machine.
    """

    kind: ClassVar[str] = "dense"
    takes_pictures: ClassVar[bool] = False

    bases: np.ndarray  # [D, K] int16: W
    offset: np.ndarray  # [K] int32: b W, rounded
    scale: np.float32  # brings the projections to -255..255
    threshold: np.float32  # that |projection| must exceed, in code steps
    winners: int  # units that keep their value in each row; 0 for all

    @property
    def units(self) -> int:
        """The number of code units, 2 K."""
        return 2 * self.bases.shape[1]

    def width(self, shape: tuple[int, ...]) -> int:
        """Return the number of code units for one input of ``shape``."""
        return self.units

    def project(self, codes: np.ndarray) -> np.ndarray:
        """Return signed values ``[N, K]`` float32 before threshold and mirror."""
        values = codes.astype(np.float32) @ self._float_bases
        values -= self.offset.astype(np.float32)
        values *= self.scale
        return values

    @cached_property
    def _float_bases(self) -> np.ndarray:
        return self.bases.astype(np.float32)  # once, not for every few rows

    def pictured_bases(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], np.ndarray] | None:
        """Return the shape of a basis and all bases ``[D, K]`` for pictures of ``shape``; None for vectors."""
        return (shape, self.bases[: int(np.prod(shape))]) if len(shape) > 1 else None

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        values = self.project(codes)
        if self.winners:
            values[~winners(np.abs(values), self.winners)] = 0
        return soft_mirror(values, self.threshold)


def soft_mirror(values: np.ndarray, threshold: np.float32) -> np.ndarray:
    """Return pairs ``floor(relu(±v - threshold))`` cut at 255, uint8 ``[..., 2 K]``: a mirrored soft threshold.

    >>> soft_mirror(np.array([[7.5, -3.0, -400.0]], np.float32), np.float32(2))
    array([[  5,   0,   0,   1,   0, 255]], dtype=uint8)
    """
    code = np.empty((*values.shape[:-1], 2 * values.shape[-1]), np.uint8)
    for side, signed in enumerate((values - threshold, -values - threshold)):
        np.clip(signed, 0, TOP, out=signed)
        code[..., side::2] = signed  # the cast cuts towards zero: floor, for what is not negative
    return code


def fits_exactly(bases: np.ndarray, largest: int = TOP) -> bool:
    """Return whether sums of codes up to ``largest`` times these whole-number bases stay below 2**24, in any order."""
    return largest * np.abs(bases.astype(np.int64)).sum(0).max() < EXACT

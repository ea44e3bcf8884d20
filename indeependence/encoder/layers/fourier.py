"""The Fourier layer: cosines of random directions, with the phase as a whole number and a table of 256 values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from indeependence.exact import TOP

TURN = 256  # steps of a full turn
TABLE = np.round(TOP / 2 + TOP / 2 * np.cos(2 * np.pi * np.arange(TURN) / TURN)).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class FourierLayer:
    """Codes ``cos(scale (2 e - 255) W + phase)`` of the first ``inputs`` codes ``e`` below it, as uint8 ``[N, K]``.

    Random Fourier features (Rahimi & Recht 2007): their inner products approximate a Gaussian kernel. Sums of whole
    numbers below 2**24 are exact in float32, and one product follows, so codes are equal on every machine.
    """

    kind: ClassVar[str] = "fourier"
    takes_pictures: ClassVar[bool] = False

    bases: np.ndarray  # [inputs, K] int16: W
    phase: np.ndarray  # [K] int32, in steps of a turn
    scale: np.float32  # steps of a turn for each unit of a projection
    inputs: int  # of the codes below, the first ones are looked at: the quantised inputs
    norm: int  # 1: each row is first brought to the same length, so only its direction counts

    def width(self, shape: tuple[int, ...]) -> int:
        """Return the number of code units."""
        return self.bases.shape[1]

    def pictured_bases(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], np.ndarray] | None:
        """Return None: its bases are no parts of pictures."""
        return None

    @cached_property
    def _float_bases(self) -> np.ndarray:
        return self.bases.astype(np.float32)

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """Return the codes above ``codes`` uint8 ``[N, D]``.

        >>> one = FourierLayer(np.array([[1]], np.int16), np.array([0], np.int32), np.float32(0.5), 1, 0)
        >>> one(np.array([[128], [255], [0]], np.uint8))
        array([[255],
               [  0],
               [  0]], dtype=uint8)
        """
        signed = 2 * codes[:, : self.inputs].astype(np.float32) - TOP
        turns = signed @ self._float_bases * self.factors(signed)
        steps = np.floor(turns).astype(np.int64) + self.phase
        return TABLE[steps % TURN]

    def factors(self, signed: np.ndarray) -> np.ndarray | np.float32:
        """Return what the projections of rows ``[N, inputs]`` of odd numbers are multiplied by, float32."""
        if not self.norm:
            return self.scale
        squares = np.einsum("nd,nd->n", signed, signed, dtype=np.float64)  # of odd numbers: never 0
        return (np.float64(self.scale) * np.sqrt(self.inputs / squares))[:, None].astype(np.float32)

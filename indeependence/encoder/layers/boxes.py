"""The box layer: soft conjunctions of a few thresholds on single inputs, as the leaves of a tree are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from indeependence.exact import TOP

MIDDLE = 128  # of a ramp, where a code equals its threshold


@dataclass(frozen=True, eq=False)
class BoxLayer:
    """Codes ``min over sides of clip(128 + gain (e - threshold))`` of inputs ``e``, as uint8 ``[N, K]``.

    Each unit is a soft box: high where every one of its sides, a threshold on one input, holds. A linear readout of
    random boxes can follow what depends on single columns and pairs of them, as trees do. A side of gain 0 is none.
    Only whole numbers are added, multiplied and compared.
    """

    kind: ClassVar[str] = "boxes"
    takes_pictures: ClassVar[bool] = False

    columns: np.ndarray  # [K, S] int32: the input of every side
    thresholds: np.ndarray  # [K, S] int16, of 0..255
    gains: np.ndarray  # [K, S] int16; the sign is the side's direction

    def width(self, shape: tuple[int, ...]) -> int:
        """Return the number of code units."""
        return len(self.columns)

    def pictured_bases(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], np.ndarray] | None:
        """Return None: there are no bases."""
        return None

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """Return the codes above ``codes`` uint8 ``[N, D]``.

        >>> sides = np.array([[0, 1]], np.int32), np.array([[100, 50]], np.int16), np.array([[2, -1]], np.int16)
        >>> BoxLayer(*sides)(np.array([[110, 50], [110, 70], [0, 0]], np.uint8)).ravel()
        array([128, 108,   0], dtype=uint8)
        """
        smallest = np.full((len(codes), len(self.columns)), TOP, np.int32)
        for columns, thresholds, gains in zip(self.columns.T, self.thresholds.T, self.gains.T, strict=True):
            ramp = codes[:, columns] - thresholds.astype(np.int32)
            ramp *= gains
            ramp += np.where(gains == 0, TOP, MIDDLE).astype(np.int32)
            np.minimum(smallest, ramp, out=smallest)
        return np.maximum(smallest, 0).astype(np.uint8)

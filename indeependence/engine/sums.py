"""Sums of products of codes that stay on a device while they grow."""

from __future__ import annotations

from typing import Any

import numpy as np

from indeependence.engine.device import Device
from indeependence.exact import EXACT

PANELS = 6  # of columns: only those from a panel's own on are multiplied with it, since the sums are symmetric
BLOCK = 2**15  # rows to one product, where their codes allow it


class DeviceProducts:
    """``Σ h hᵀ`` of code rows, int64 ``[H, H]`` on a device, exactly as `gram.add_gram` makes it.

    >>> from indeependence.engine.choice import chosen
    >>> sums = DeviceProducts(chosen("tensorflow", "cpu"), 2)
    >>> sums.add(np.array([[1, 2], [3, 4]], np.uint8))
    >>> sums.upper()
    array([[10, 14],
           [ 0, 20]])
    """

    def __init__(self, device: Device, units: int):
        self.device, self.units = device, units
        width = -(-units // PANELS)
        self.tops = range(0, units, width)
        self.width = width
        self.sums: list[Any] = [None] * len(self.tops)  # of each panel with all columns from its own on

    def add(self, codes: np.ndarray, middle: np.ndarray | None = None) -> None:
        """Add the sums of code rows uint8 ``[N, H]``; with a ``middle`` float32 ``[H]``, of differences from it."""
        from keras import ops

        with self.device.scope():
            for start in range(0, len(codes), BLOCK):
                rows = ops.cast(self.device.put(codes[start : start + BLOCK]), "float32")
                self._add(rows if middle is None else ops.subtract(rows, middle))

    def _add(self, rows: Any) -> None:
        """Add rows at once if no sum exceeds 2**24, by Cauchy and Schwarz; else each half of them."""
        from keras import ops

        if len(rows) > 1 and float(ops.max(ops.sum(ops.square(ops.cast(rows, "float64")), axis=0))) >= EXACT:
            middle = len(rows) // 2
            self._add(rows[:middle])
            self._add(rows[middle:])
            return
        for panel, top in enumerate(self.tops):
            product = ops.cast(self.device.product(rows[:, top : top + self.width], rows[:, top:]), "int64")
            self.sums[panel] = product if self.sums[panel] is None else self.sums[panel] + product

    @property
    def corner(self) -> float:
        """The last sum of all, as soon as it is there: whoever asks has waited for all that was added."""
        from keras import ops

        return 0.0 if self.sums[-1] is None else float(ops.convert_to_numpy(self.sums[-1][-1, -1]))

    def into(self, total: np.ndarray) -> None:
        """Add all to the upper triangle of ``total``, int64 ``[H, H]``."""
        total += self.upper()

    def upper(self) -> np.ndarray:
        """Return the sums, int64 ``[H, H]``, with zeros below the diagonal."""
        from keras import ops

        upper = np.zeros((self.units, self.units), np.int64)
        for top, sums in zip(self.tops, self.sums, strict=True):
            if sums is not None:
                upper[top : top + self.width, top:] = ops.convert_to_numpy(sums)
                corner = upper[top : top + self.width, top : top + self.width]
                corner[:] = np.triu(corner)
        return upper

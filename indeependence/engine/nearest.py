"""The nearest of many centres, found on a device."""

from __future__ import annotations

from typing import Any

import numpy as np

from indeependence.engine.device import Device

BLOCK = 2**13  # directions at a time


class NearestOnDevice:
    """The number of each direction's nearest centre, up to sign, the first of equals; and that sign.

    Directions ``[N, D]`` and centres ``[D, K]`` are whole numbers in float32 whose products add up exactly.

    >>> from indeependence.engine.choice import chosen
    >>> rows = np.array([[2, 0], [0, -3], [1, 1]], np.float32)
    >>> NearestOnDevice(chosen("tensorflow", "cpu"), rows)(np.eye(2, dtype=np.float32))
    (array([0, 1, 0]), array([ 1., -1.,  1.]))
    """

    def __init__(self, device: Device, directions: np.ndarray):
        self.device = device
        starts = range(0, len(directions), BLOCK)
        self.blocks = [device.put(np.ascontiguousarray(directions[start : start + BLOCK])) for start in starts]

    def __call__(self, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers ``[N]`` int64 and the signs ``[N]`` float64."""
        with self.device.scope():
            there = self.device.put(np.ascontiguousarray(centres))
            found = [self._of(block, there) for block in self.blocks]
        places, signs = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return places.astype(np.int64), signs.astype(np.float64)

    def _of(self, block: Any, centres: Any) -> tuple[np.ndarray, np.ndarray]:
        from keras import ops

        likeness = ops.matmul(block, centres)
        strengths = ops.abs(likeness)
        best = ops.equal(strengths, ops.max(strengths, axis=1, keepdims=True))
        count = likeness.shape[1]
        places = ops.min(ops.where(best, ops.arange(count, dtype="int32"), count), axis=1)  # the first on any device
        signs = ops.sign(ops.take_along_axis(likeness, places[:, None], axis=1)[:, 0])
        return ops.convert_to_numpy(places), ops.convert_to_numpy(signs)

"""Codes of inputs, made on a device."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from indeependence.encoder.encoder import Encoder
from indeependence.encoder.layers.patches import PatchLayer
from indeependence.encoder.operations import encoded, pooled
from indeependence.engine.device import Device

_kept: WeakKeyDictionary[Encoder, dict[Device, _OnDevice]] = WeakKeyDictionary()


def codes_on(device: Device, encoder: Encoder, rows: np.ndarray) -> np.ndarray:
    """Return codes uint8 ``[N, H]`` of rows that passed the encoder's front, equal to those of NumPy."""
    from keras import ops

    products = _kept.setdefault(encoder, {}).setdefault(device, _OnDevice(device))
    codes = np.empty((len(rows), encoder.units), np.uint8)
    step = _rows_at_once(device, encoder)
    with device.scope():
        for start in range(0, len(rows), step):
            part = encoder.quantiser(np.asarray(rows[start : start + step]))  # comparisons: quick where they are
            filled = _filled(part, step)
            made = encoded(ops.cast(device.put(filled), "float32"), encoder, products)
            codes[start : start + step] = ops.convert_to_numpy(ops.cast(made, "uint8"))[: len(part)]
    return codes


def pooled_on(device: Device, layer: PatchLayer, pictures: np.ndarray) -> np.ndarray:
    """Return the sums of a layer's cells, float32 ``[N, H]``, equal to those of `PatchLayer.pooled`."""
    from keras import ops

    products, sums = _OnDevice(device), []
    step = max(device.values // (layer.cells(*pictures.shape[1:3]).shape[1] * max(layer.bases.shape)), 1)
    with device.scope():
        for start in range(0, len(pictures), step):
            part = ops.cast(device.put(pictures[start : start + step]), "float32")
            sums.append(ops.convert_to_numpy(products.flat(pooled(part, layer, products))))
    return np.concatenate(sums)


def _filled(rows: np.ndarray, step: int) -> np.ndarray:
    """Return rows with others after them up to a power of two: each number of rows is compiled for by some."""
    count = min(1 << max(len(rows) - 1, 0).bit_length(), step)
    return np.concatenate([rows, np.zeros((count - len(rows), *rows.shape[1:]), rows.dtype)])


def _rows_at_once(device: Device, encoder: Encoder) -> int:
    """Return how many rows are encoded at a time, a power of two, so that the largest arrays fit."""
    largest = encoder.units
    for layer in encoder.layers:
        if isinstance(layer, PatchLayer):
            largest = max(largest, layer.cells(*encoder.shape[:2]).shape[1] * max(layer.bases.shape))
    return 1 << max(device.values // largest, 1).bit_length() - 1


@dataclass(eq=False)
class _OnDevice:
    """Products with fixed arrays that are put on the device once: `operations.Products`."""

    device: Device
    fixed: dict[tuple, tuple[np.ndarray, Any]] = field(default_factory=dict)  # by place in memory, which is held here

    def _put(self, array: np.ndarray) -> Any:
        place = array.ctypes.data, array.shape
        if place not in self.fixed:
            self.fixed[place] = array, self.device.put(array.astype(np.float32))
        return self.fixed[place][1]

    def project(self, rows: Any, bases: np.ndarray, offset: np.ndarray | None = None) -> Any:
        from keras import ops

        projected = ops.matmul(rows, self._put(bases))
        return projected if offset is None else projected - self._put(offset)

    def convolve(self, pictures: Any, kernel: np.ndarray) -> Any:
        """Compare all windows by one product: a library's convolution may round in ways of its own."""
        from keras import ops

        size, channels = kernel.shape[0], kernel.shape[2]
        rows, columns = (side - size + 1 for side in pictures.shape[1:3])
        shifted = [pictures[:, top : top + rows, left : left + columns] for top in range(size) for left in range(size)]
        windows = ops.concatenate(shifted, axis=-1)
        return ops.matmul(windows, self._put(kernel.reshape(size * size * channels, -1)))

    def pool(self, responses: Any, layer: PatchLayer) -> Any:
        from keras import ops

        count, rows, columns, bases = responses.shape
        grid = layer.over(rows, columns)
        return ops.matmul(self._put(grid.matrix), ops.reshape(responses, (count, rows * columns, bases)))

    def flat(self, values: Any) -> Any:
        from keras import ops

        return values if len(values.shape) == 2 else ops.reshape(values, (values.shape[0], -1))

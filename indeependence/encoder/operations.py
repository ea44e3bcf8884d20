"""An encoder's steps as operations of Keras, the same whole numbers: for export, and for engines on other devices."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder
from indeependence.encoder.layers import Layer
from indeependence.encoder.layers.boxes import MIDDLE, BoxLayer
from indeependence.encoder.layers.dense import DenseLayer
from indeependence.encoder.layers.fourier import TABLE, TURN, FourierLayer
from indeependence.encoder.layers.norm import NormLayer
from indeependence.encoder.layers.patches import PatchLayer
from indeependence.encoder.quantise import Quantiser
from indeependence.exact import TOP


class Products(Protocol):
    """How fixed arrays are multiplied with tensors of whole numbers, exactly.

    ``project`` multiplies rows ``[N, D]`` with bases ``[D, K]`` and adds an offset ``[K]``; ``convolve`` compares the
    windows of pictures ``[N, H, W, C]`` with a kernel ``[size, size, C, K]``; ``pool`` adds up responses
    ``[N, H', W', K]`` in the cells of a layer, ``[N, rows, columns, K]``; ``flat`` makes rows of anything.
    """

    def project(self, rows: Any, bases: np.ndarray, offset: np.ndarray | None = None) -> Any: ...
    def convolve(self, pictures: Any, kernel: np.ndarray) -> Any: ...
    def pool(self, responses: Any, layer: PatchLayer) -> Any: ...
    def flat(self, values: Any) -> Any: ...


def encoded(codes: Any, encoder: Encoder, products: Products) -> Any:
    """Return codes float32 ``[N, H]`` of quantised inputs, whole numbers of 0..255 in float32, as `Encoder` makes them.

    Each operation is exact on whole numbers or a single IEEE operation. A compiler that fuses a product with the sum
    that follows may still move a code unit by one step, so engines run them one by one.
    """
    from keras import ops

    if encoder.stacks:
        return ops.concatenate([_of_member(codes, one, products) for one in encoder.each], axis=-1)
    return _of_member(codes, encoder, products)


def _of_member(codes: Any, encoder: Encoder, products: Products) -> Any:
    from keras import ops

    for layer, keeps_input in zip(encoder.layers, encoder.keeps_input, strict=True):
        below = codes if layer.takes_pictures else products.flat(codes)
        codes = _above(below, layer, products)
        if keeps_input:
            codes = ops.concatenate([products.flat(below), codes], axis=-1)
    codes = products.flat(codes)
    return codes if encoder.kept is None else ops.take(codes, encoder.kept, axis=1)


def quantised(rows: Any, quantiser: Quantiser | Edges) -> Any:
    """Return rows as whole numbers of 0..255 in float32."""
    from keras import ops

    if isinstance(quantiser, Edges):
        return _counted(rows, quantiser)
    if quantiser.low is None or quantiser.high is None:
        return rows
    steps = (ops.cast(rows, "float64") - quantiser.low) / (quantiser.high - quantiser.low) * float(TOP)
    return ops.cast(ops.floor(ops.clip(steps, 0.0, float(TOP))), "float32")


def _counted(rows: Any, quantiser: Edges) -> Any:
    """Return how many edges each value reaches, resolution after resolution; the middle for NaN."""
    from keras import ops

    values = ops.expand_dims(ops.cast(rows, "float64"), -1)
    codes = []
    for edges in quantiser.edges:
        reached = ops.sum(ops.cast(values >= edges, "float32"), axis=-1)
        codes.append(ops.where(ops.isnan(values)[..., 0], float(TOP // 2 + 1), reached))
    return ops.concatenate(codes, axis=-1)


def _above(codes: Any, layer: Layer, products: Products) -> Any:
    if isinstance(layer, PatchLayer):
        return _patches(codes, layer, products)
    if isinstance(layer, DenseLayer):
        return _dense(codes, layer, products)
    if isinstance(layer, FourierLayer):
        return _cosines(codes, layer, products)
    return _boxes(codes, layer) if isinstance(layer, BoxLayer) else _bounded(codes, layer)


def _dense(codes: Any, layer: DenseLayer, products: Products) -> Any:
    from keras import ops

    values = products.project(codes, layer.bases, layer.offset) * float(layer.scale)
    if layer.winners:
        values = _winners(values, layer.winners)
    sides = [_floored(values - float(layer.threshold)), _floored(-values - float(layer.threshold))]
    return products.flat(ops.stack(sides, axis=-1))


def _cosines(codes: Any, layer: FourierLayer, products: Products) -> Any:
    from keras import ops

    signed = 2.0 * codes[:, : layer.inputs] - float(TOP)
    projected = products.project(signed, layer.bases)
    if layer.norm:
        squares = ops.sum(ops.square(ops.cast(signed, "float64")), axis=-1, keepdims=True)
        turns = projected * ops.cast(float(layer.scale) * ops.sqrt(_over(layer.inputs, squares)), "float32")
    else:
        turns = projected * float(layer.scale)
    steps = ops.mod(ops.add(ops.floor(turns), layer.phase.astype(np.float32)), float(TURN))
    return ops.take(TABLE.astype(np.float32), ops.cast(steps, "int32"))


def _boxes(codes: Any, layer: BoxLayer) -> Any:
    from keras import ops

    smallest: Any = float(TOP)
    for columns, thresholds, gains in zip(layer.columns.T, layer.thresholds.T, layer.gains.T, strict=True):
        # By Keras's own operations: with a plain sign, tensors on a card do not mix with arrays.
        ramp = ops.subtract(ops.take(codes, columns, axis=1), thresholds.astype(np.float32))
        ramp = ops.multiply(ramp, gains.astype(np.float32))
        ramp = ops.add(ramp, np.where(gains == 0, TOP, MIDDLE).astype(np.float32))
        smallest = ops.minimum(smallest, ramp)
    return ops.maximum(smallest, 0.0)


def _bounded(codes: Any, layer: NormLayer) -> Any:
    from keras import ops

    whole = ops.cast(codes, "float64")
    squares = ops.sum(ops.square(whole), axis=-1, keepdims=True)
    scale = ops.minimum(_over(layer.longest, ops.sqrt(ops.maximum(squares, 1.0))), 1.0)
    return ops.cast(ops.floor(whole * scale), "float32")


def _patches(pictures: Any, layer: PatchLayer, products: Products) -> Any:
    from keras import ops

    sums = pooled(pictures, layer, products)
    if layer.root:  # in float64: some devices round a root of float32 in ways of their own
        sums = ops.cast(ops.sqrt(ops.cast(sums, "float64")), "float32")
    return products.flat(_floored(sums * float(layer.scale)))


def pooled(pictures: Any, layer: PatchLayer, products: Products) -> Any:
    """Return exact sums of mirrored responses in the cells, float32 ``[N, rows, columns, K, 2]``, as the layer does."""
    from keras import ops

    if len(pictures.shape) == 3:
        pictures = ops.expand_dims(pictures, -1)
    if layer.pad:
        sides = [[0, 0], [layer.pad] * 2, [layer.pad] * 2, [0, 0]]
        pictures = ops.pad(pictures, sides, constant_values=float(layer.frame))
    sums = _one_way(pictures, layer, products)
    return sums + _one_way(ops.flip(pictures, axis=2), layer, products) if layer.flip else sums


def _one_way(pictures: Any, layer: PatchLayer, products: Products) -> Any:
    from keras import ops

    kernel = layer.bases.reshape(layer.size, layer.size, pictures.shape[-1], -1)
    responses = products.convolve(pictures, kernel) * _contrast(pictures, layer, products)
    if layer.winners:
        responses = _winners(responses, layer.winners)
    counted = (ops.floor(ops.relu(signed - float(layer.threshold))) for signed in (responses, -responses))
    return ops.stack([products.pool(one, layer) for one in counted], axis=-1)


def _contrast(pictures: Any, layer: PatchLayer, products: Products) -> Any:
    """Return the factor of every window's responses, float32 ``[N, H', W', 1]``: `PatchLayer.respond` in Keras."""
    from keras import ops

    ones = _ones(layer.size, pictures.shape[-1])
    total = ops.cast(products.convolve(pictures, ones), "float64")
    square = ops.cast(products.convolve(ops.square(pictures), ones), "float64")
    variance = (square - total * total / float(ones.size)) / float(ones.size)
    return ops.cast(_over(layer.gain, ops.sqrt(variance + layer.contrast**2)), "float32")


@lru_cache(maxsize=16)
def _ones(size: int, channels: int) -> np.ndarray:
    return np.ones((size, size, channels, 1), np.int16)


def _winners(values: Any, count: int) -> Any:
    """Return ``values`` with 0 for all but the ``count`` strongest of the last axis, as `winners.winners` does."""
    from keras import ops

    strengths = ops.abs(values)
    last = ops.top_k(strengths, count)[0][..., -1:]
    above, tied = (ops.cast(found, "int32") for found in (strengths > last, ops.equal(strengths, last)))
    places = count - ops.sum(above, axis=-1, keepdims=True)
    kept = above + tied * ops.cast(ops.cumsum(tied, axis=-1) <= places, "int32")
    return values * ops.cast(kept, values.dtype)


def _over(number: float, values: Any) -> Any:
    """Return a number over values float64, rounded once: PyTorch makes a reciprocal and a product of a plain ``/``."""
    from keras import ops

    return ops.divide(np.array(number, np.float64), values)


def _floored(values: Any) -> Any:
    from keras import ops

    return ops.floor(ops.clip(values, 0.0, float(TOP)))

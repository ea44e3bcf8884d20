"""An encoder in TensorFlow with the same codes, and gradients as if nothing were rounded to whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np

from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder, check_one_member
from indeependence.encoder.layers import Layer
from indeependence.encoder.layers.boxes import MIDDLE, BoxLayer
from indeependence.encoder.layers.dense import DenseLayer
from indeependence.encoder.layers.fourier import TURN, FourierLayer
from indeependence.encoder.layers.norm import NormLayer
from indeependence.encoder.layers.patches import PatchLayer
from indeependence.encoder.quantise import Quantiser
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.quiet_keras import tf

Step = Callable[[tf.Tensor], tf.Tensor]


def differentiable(encoder: Encoder) -> Step:
    """Return a function from inputs float32 ``[N, *shape]`` (8-bit pictures as 0..255) to codes float32 ``[N, H]``.

    Forward, codes are those of the encoder except for rounding in float32, where the encoder is exact: a code may be
    one step off. Backward, each rounding to whole numbers counts as the identity (straight-through, Bengio et al.
    2013), so a gradient is the slope of the encoder without its steps.
    """
    check_one_member(encoder)
    if encoder.front is not None or any(isinstance(layer, NormLayer) for layer in encoder.layers):
        raise InputError("expected layers with gradients, got a norm layer or a frozen model: choose other --layers")
    steps = [_step(layer, encoder.shape) for layer in encoder.layers]

    def encode(inputs: tf.Tensor) -> tf.Tensor:
        codes = _quantised(encoder.quantiser, inputs)
        for step, keeps_input in zip(steps, encoder.keeps_input, strict=True):
            above = step(codes)
            codes = tf.concat([_flat(codes), above], 1) if keeps_input else above
        codes = _flat(codes)
        return codes if encoder.kept is None else tf.gather(codes, encoder.kept, axis=1)

    return encode


@tf.custom_gradient
def floored(values: tf.Tensor):
    """Return ``values`` rounded down to whole numbers, with the gradient of ``values`` themselves.

    >>> x = tf.constant([1.7])
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = 3 * floored(x)
    >>> y.numpy(), tape.gradient(y, x).numpy()
    (array([3.], dtype=float32), array([3.], dtype=float32))
    """
    return tf.floor(values), lambda upstream: upstream


def _step(layer: Layer, shape: tuple[int, ...]) -> Step:
    if isinstance(layer, PatchLayer):
        return _patches(layer, shape)
    if isinstance(layer, FourierLayer):
        return _cosines(layer)
    return _boxes(layer) if isinstance(layer, BoxLayer) else _dense(cast(DenseLayer, layer))


def _quantised(quantiser: Quantiser | Edges, inputs: tf.Tensor) -> tf.Tensor:
    if isinstance(quantiser, Edges):
        return tf.concat([_interpolated(edges.astype(np.float32), inputs) for edges in quantiser.edges], 1)
    if quantiser.low is None or quantiser.high is None:
        return inputs
    low, high = quantiser.low.astype(np.float32), quantiser.high.astype(np.float32)
    return tf.clip_by_value(floored((inputs - low) / (high - low) * TOP), 0, TOP)


def _interpolated(edges: np.ndarray, values: tf.Tensor) -> tf.Tensor:
    """Return how many ``edges [D, 255]`` each of the values ``[N, D]`` reaches; its slope is that between two edges."""
    reached = tf.reduce_sum(tf.cast(values[..., None] >= edges, tf.float32), -1)
    place = tf.cast(tf.clip_by_value(reached, 1, TOP - 1), tf.int32)
    rows = tf.transpose(place)  # [D, N], as the edges
    low, high = (tf.transpose(tf.gather(edges, rows - back, axis=1, batch_dims=1)) for back in (1, 0))
    inside = tf.cast((reached > 0) & (reached < TOP), tf.float32)
    slope = inside / tf.maximum(high - low, 1e-6 * tf.reduce_max(tf.abs(edges)))
    sloped = tf.stop_gradient(slope) * values
    return reached + (sloped - tf.stop_gradient(sloped))  # plus an exact 0, which has a gradient


def _cosines(layer: FourierLayer) -> Step:
    bases, phase = layer.bases.astype(np.float32), layer.phase.astype(np.float32)

    def step(codes: tf.Tensor) -> tf.Tensor:
        signed = 2 * _flat(codes)[:, : layer.inputs] - TOP
        length = tf.norm(signed, axis=1, keepdims=True) / np.sqrt(layer.inputs) if layer.norm else 1.0
        turns = floored(signed @ bases * (layer.scale / length)) + phase
        return TOP / 2 + TOP / 2 * tf.cos(turns * (2 * np.pi / TURN))

    return step


def _boxes(layer: BoxLayer) -> Step:
    starts = np.where(layer.gains == 0, TOP, MIDDLE).astype(np.float32)
    gains, thresholds = layer.gains.astype(np.float32), layer.thresholds.astype(np.float32)

    def step(codes: tf.Tensor) -> tf.Tensor:
        ramps = (tf.gather(_flat(codes), layer.columns, axis=1) - thresholds) * gains + starts
        return tf.clip_by_value(tf.reduce_min(ramps, -1), 0, TOP)

    return step


def _dense(layer: DenseLayer) -> Step:
    bases, offset = layer.bases.astype(np.float32), layer.offset.astype(np.float32)

    def step(codes: tf.Tensor) -> tf.Tensor:
        values = _strongest((_flat(codes) @ bases - offset) * layer.scale, layer.winners)
        return _flat(
            tf.stack([floored(tf.clip_by_value(side, 0, TOP)) for side in _sides(values, layer.threshold)], -1)
        )

    return step


def _patches(layer: PatchLayer, shape: tuple[int, ...]) -> Step:
    bases, cells = layer.bases.astype(np.float32), layer.cells(*shape[:2])
    size, steps = [1, layer.size, layer.size, 1], [1, 1, 1, 1]

    def pooled(pictures: tf.Tensor) -> tf.Tensor:
        windows = tf.image.extract_patches(pictures, size, steps, steps, "VALID")
        windows = tf.reshape(windows, [-1, cells.shape[1], len(bases)])
        contrast = tf.sqrt(tf.math.reduce_variance(windows, -1, keepdims=True) + layer.contrast**2)
        responses = _strongest(windows @ bases * (layer.gain / contrast), layer.winners)
        sides = [
            tf.einsum("cw,nwk->nck", cells, floored(tf.nn.relu(side))) for side in _sides(responses, layer.threshold)
        ]
        return tf.stack(sides, -1)

    def step(inputs: tf.Tensor) -> tf.Tensor:
        pictures = tf.reshape(inputs, [-1, *shape[:2], *(shape[2:] or (1,))])
        pictures = tf.pad(pictures, [[0, 0], [layer.pad] * 2, [layer.pad] * 2, [0, 0]], constant_values=layer.frame)
        sums = pooled(pictures)
        if layer.flip:
            sums += pooled(tf.reverse(pictures, [2]))
        if layer.root:
            sums = tf.sqrt(tf.maximum(sums, 1e-6))  # no infinite slope at 0
        return _flat(tf.minimum(floored(sums * layer.scale), TOP))

    return step


def _strongest(values: tf.Tensor, k: int) -> tf.Tensor:
    """Return the ``k`` values of each row with the largest size, others as 0; all of them for k = 0."""
    if not k:
        return values
    strengths = tf.abs(values)
    return tf.where(strengths >= tf.math.top_k(strengths, k)[0][..., -1:], values, 0.0)


def _sides(values: tf.Tensor, threshold: np.float32) -> tuple[tf.Tensor, tf.Tensor]:
    return values - threshold, -values - threshold


def _flat(codes: tf.Tensor) -> tf.Tensor:
    return tf.reshape(codes, [tf.shape(codes)[0], -1])

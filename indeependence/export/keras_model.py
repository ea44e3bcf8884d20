"""A classifier as a plain Keras model: the same whole-number steps, in layers and operations that Keras has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder
from indeependence.encoder.fronts.front import Front
from indeependence.encoder.fronts.keras_network import KerasNetwork
from indeependence.encoder.fronts.preparation import PLAIN, SCALES, line_weights
from indeependence.encoder.layers import Layer
from indeependence.encoder.layers.boxes import MIDDLE, BoxLayer
from indeependence.encoder.layers.dense import DenseLayer
from indeependence.encoder.layers.fourier import TABLE, TURN, FourierLayer
from indeependence.encoder.layers.norm import NormLayer
from indeependence.encoder.layers.patches import PatchLayer
from indeependence.encoder.quantise import Quantiser
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.models.predictor import Predictor
from indeependence.moments.weights import Weights

if TYPE_CHECKING:
    import keras


def keras_model(predictor: Predictor) -> keras.Model:
    """Return a Keras model of probabilities float32 ``[N, C]``, in the order of ``predictor.labels``.

    Inputs are float32 of 0..255 if the classifier learned 8-bit inputs, otherwise float64, both of the shape that it
    learned. Only layers and operations of Keras itself are used, so its file is loaded without this package, in safe
    mode. The steps are those of the encoder, each exact on whole numbers or a single IEEE operation; the readout is
    in float64. A compiler that fuses operations may still move a code unit by one step.
    """
    from indeependence.quiet_keras import keras

    encoder, whole = predictor.encoder, _takes_bytes(predictor.encoder)
    inputs = keras.Input(encoder.shape, dtype="float32" if whole or encoder.front else "float64", name="inputs")
    rows = inputs if encoder.front is None else _front(encoder.front, inputs)
    codes = _quantised(rows, encoder.quantiser)
    for layer, keeps_input in zip(encoder.layers, encoder.keeps_input, strict=True):
        codes = _climb(codes, layer, keeps_input=keeps_input)
    codes = _flat(codes) if encoder.kept is None else keras.ops.take(_flat(codes), encoder.kept, axis=1)
    outputs = _probabilities(codes, predictor.weights)
    return keras.Model(inputs, outputs, name="indeependence")


def _front(front: Front, inputs: Any) -> Any:
    """Return the outputs of a Keras network on inputs that are prepared as `preparation.prepared` does."""
    import keras

    if not isinstance(front.network, KerasNetwork):
        raise InputError("an ONNX network cannot become Keras layers: export to a name that ends in .safetensors")
    asked = front.network.input_shape
    if len(inputs.shape) == 3 and len(asked) == 3:  # grey pictures: one channel, or three equal ones
        inputs = keras.ops.repeat(keras.ops.expand_dims(inputs, -1), asked[-1], axis=-1)
    if front.size_for(inputs.shape[1:]):
        for axis in (1, 2):
            inputs = _resized(inputs, asked[axis - 1] or inputs.shape[axis], axis)
    if front.scale != PLAIN:
        scale = SCALES[front.scale]
        inputs = keras.ops.flip(inputs, axis=-1) if scale.red_last else inputs
        mean, deviation = (np.array(one, np.float32) for one in (scale.mean, scale.deviation))
        inputs = (inputs / scale.divisor - mean) / deviation
    rows = _flat(front.network.model(inputs, training=False))
    return keras.ops.cast(rows, "float32")  # as a front gives them, in whatever precision it computes


def _resized(pictures: Any, size: int, axis: int) -> Any:
    """Return pictures of another size along one axis, as `preparation.resized` makes them."""
    from keras import ops

    shares = line_weights(pictures.shape[axis], size)
    return ops.moveaxis(ops.matmul(ops.moveaxis(pictures, axis, -1), shares.T), -1, axis)


def _takes_bytes(encoder: Encoder) -> bool:
    """Return whether inputs are 8-bit, and not quantised."""
    return isinstance(encoder.quantiser, Quantiser) and encoder.quantiser.low is None


def _quantised(rows: Any, quantiser: Quantiser | Edges) -> Any:
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


def _climb(codes: Any, layer: Layer, *, keeps_input: bool) -> Any:
    from keras import ops

    if isinstance(layer, PatchLayer):
        above = _patches(codes, layer)
    elif isinstance(layer, DenseLayer):
        above = _dense(_flat(codes), layer)
    elif isinstance(layer, FourierLayer):
        above = _cosines(_flat(codes), layer)
    else:
        above = _boxes(_flat(codes), layer) if isinstance(layer, BoxLayer) else _bounded(_flat(codes), layer)
    return ops.concatenate([_flat(codes), above], axis=-1) if keeps_input else above


def _dense(codes: Any, layer: DenseLayer) -> Any:
    import keras

    units = layer.bases.shape[1]
    fixed = keras.layers.Dense(units, trainable=False, dtype="float32")
    values = fixed(codes)
    fixed.set_weights([layer.bases.astype(np.float32), -layer.offset.astype(np.float32)])
    values = values * float(layer.scale)
    if layer.winners:
        values = _winners(values, layer.winners)
    sides = [_floored(values - float(layer.threshold)), _floored(-values - float(layer.threshold))]
    return _flat(keras.ops.stack(sides, axis=-1))


def _cosines(codes: Any, layer: FourierLayer) -> Any:
    import keras
    from keras import ops

    signed = 2.0 * codes[:, : layer.inputs] - float(TOP)
    fixed = keras.layers.Dense(layer.bases.shape[1], use_bias=False, trainable=False, dtype="float32")
    projected = fixed(signed)
    fixed.set_weights([layer.bases.astype(np.float32)])
    if layer.norm:
        squares = ops.sum(ops.square(ops.cast(signed, "float64")), axis=-1, keepdims=True)
        turns = projected * ops.cast(float(layer.scale) * ops.sqrt(float(layer.inputs) / squares), "float32")
    else:
        turns = projected * float(layer.scale)
    steps = ops.mod(ops.floor(turns) + layer.phase.astype(np.float32), float(TURN))
    return ops.take(TABLE.astype(np.float32), ops.cast(steps, "int32"))


def _boxes(codes: Any, layer: BoxLayer) -> Any:
    from keras import ops

    smallest: Any = float(TOP)
    for columns, thresholds, gains in zip(layer.columns.T, layer.thresholds.T, layer.gains.T, strict=True):
        ramp = (ops.take(codes, columns, axis=1) - thresholds.astype(np.float32)) * gains.astype(np.float32)
        ramp = ramp + np.where(gains == 0, TOP, MIDDLE).astype(np.float32)
        smallest = ops.minimum(smallest, ramp)
    return ops.maximum(smallest, 0.0)


def _bounded(codes: Any, layer: NormLayer) -> Any:
    from keras import ops

    whole = ops.cast(codes, "float64")
    squares = ops.sum(ops.square(whole), axis=-1, keepdims=True)
    scale = ops.minimum(float(layer.longest) / ops.sqrt(ops.maximum(squares, 1.0)), 1.0)
    return ops.cast(ops.floor(whole * scale), "float32")


def _floored(values: Any) -> Any:
    from keras import ops

    return ops.floor(ops.clip(values, 0.0, float(TOP)))


def _patches(pictures: Any, layer: PatchLayer) -> Any:
    from keras import ops

    if len(pictures.shape) == 3:
        pictures = ops.expand_dims(pictures, -1)
    if layer.pad:
        sides = [[0, 0], [layer.pad] * 2, [layer.pad] * 2, [0, 0]]
        pictures = ops.pad(pictures, sides, constant_values=float(layer.frame))
    sums = _pooled(pictures, layer)
    if layer.flip:
        sums = sums + _pooled(ops.flip(pictures, axis=2), layer)
    if layer.root:
        sums = ops.sqrt(sums)
    return _flat(_floored(sums * float(layer.scale)))


def _pooled(pictures: Any, layer: PatchLayer) -> Any:
    import keras
    from keras import ops

    responses = _convolved(pictures, _kernel(layer, pictures.shape[-1]))
    responses = responses * _contrast(pictures, layer)
    if layer.winners:
        responses = _winners(responses, layer.winners)
    sides = []
    for signed in (responses, -responses):
        counted = ops.floor(ops.relu(signed - float(layer.threshold)))
        pooling = keras.layers.DepthwiseConv2D(
            layer.pool, layer.stride, use_bias=False, trainable=False, dtype="float32"
        )
        sides.append(pooling(counted))
        pooling.set_weights([np.ones((layer.pool, layer.pool, counted.shape[-1], 1), np.float32)])
    return ops.stack(sides, axis=-1)


def _contrast(pictures: Any, layer: PatchLayer) -> Any:
    """Return the factor of every window's responses, float32 ``[N, H', W', 1]``: `PatchLayer.respond` in Keras."""
    from keras import ops

    channels = pictures.shape[-1]
    pixels = layer.size * layer.size * channels
    ones = np.ones((layer.size, layer.size, channels, 1), np.float32)
    total = ops.cast(_convolved(pictures, ones), "float64")
    square = ops.cast(_convolved(ops.square(pictures), ones), "float64")
    variance = (square - total * total / float(pixels)) / float(pixels)
    return ops.cast(float(layer.gain) / ops.sqrt(variance + layer.contrast**2), "float32")


def _kernel(layer: PatchLayer, channels: int) -> np.ndarray:
    return layer.bases.reshape(layer.size, layer.size, channels, -1).astype(np.float32)


def _convolved(pictures: Any, kernel: np.ndarray) -> Any:
    import keras

    fixed = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], use_bias=False, trainable=False, dtype="float32")
    outputs = fixed(pictures)
    fixed.set_weights([kernel])
    return outputs


def _winners(values: Any, count: int) -> Any:
    """Return ``values`` with 0 for all but the ``count`` strongest of the last axis, as `winners.winners` does."""
    from keras import ops

    strengths = ops.abs(values)
    last = ops.top_k(strengths, count)[0][..., -1:]
    above, tied = (ops.cast(found, "int32") for found in (strengths > last, ops.equal(strengths, last)))
    places = count - ops.sum(above, axis=-1, keepdims=True)
    kept = above + tied * ops.cast(ops.cumsum(tied, axis=-1) <= places, "int32")
    return values * ops.cast(kept, values.dtype)


def _probabilities(codes: Any, weights: Weights) -> Any:
    import keras

    readout = keras.layers.Dense(len(weights.labels), trainable=False, dtype="float64", name="scores")
    scores = readout(keras.ops.cast(codes, "float64"))
    readout.set_weights([weights.coefficients.astype(np.float32).astype(np.float64), weights.intercept])
    probabilities = keras.ops.softmax(scores / float(weights.temperature), axis=-1)
    return keras.layers.Activation("linear", dtype="float32", name="probabilities")(probabilities)


def _flat(values: Any) -> Any:
    import keras

    return values if len(values.shape) == 2 else keras.layers.Flatten(dtype=values.dtype)(values)

"""A model as a plain Keras model: the same whole-number steps, in layers and operations that Keras has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.encoder.encoder import Encoder
from indeependence.encoder.fronts.front import Front
from indeependence.encoder.fronts.keras_network import KerasNetwork
from indeependence.encoder.fronts.preparation import PLAIN, SCALES, line_weights
from indeependence.encoder.layers.patches import PatchLayer
from indeependence.encoder.operations import encoded, quantised
from indeependence.encoder.quantise import Quantiser
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.models.autoencoder.side_inference import SideInference
from indeependence.models.predictor import Predictor
from indeependence.moments.weights import Weights

if TYPE_CHECKING:
    import keras


def keras_model(predictor: Predictor | SideInference) -> keras.Model:
    """Return a Keras model of probabilities float32 ``[N, C]``, in the order of ``predictor.labels``.

    Of pairs it is one of the other side, float32 ``[N, *shape]``, in the units of that side.
    Inputs are float32 of 0..255 if the classifier learned 8-bit inputs, otherwise float64, both of the shape that it
    learned. Only layers and operations of Keras itself are used, so its file is loaded without this package, in safe
    mode. The steps are those of the encoder, each exact on whole numbers or a single IEEE operation; the readout is
    in float64. A compiler that fuses operations may still move a code unit by one step.
    """
    from indeependence.quiet_keras import keras

    encoder, whole = predictor.encoder, _takes_bytes(predictor.encoder)
    inputs = keras.Input(encoder.shape, dtype="float32" if whole or encoder.front else "float64", name="inputs")
    rows = inputs if encoder.front is None else _front(encoder.front, inputs)
    codes = encoded(quantised(rows, encoder.quantiser), encoder, _Layers())
    if isinstance(predictor, SideInference):
        outputs = _values(codes, predictor)
    else:
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


class _Layers:
    """Products with fixed arrays as layers of Keras, which hold the arrays: `operations.Products`."""

    def project(self, rows: Any, bases: np.ndarray, offset: np.ndarray | None = None) -> Any:
        import keras

        biased = offset is not None
        fixed = keras.layers.Dense(bases.shape[1], use_bias=biased, trainable=False, dtype="float32")
        projected = fixed(rows)
        fixed.set_weights([bases.astype(np.float32)] if offset is None else [bases.astype(np.float32), -offset])
        return projected

    def convolve(self, pictures: Any, kernel: np.ndarray) -> Any:
        import keras

        fixed = keras.layers.Conv2D(
            kernel.shape[-1], kernel.shape[:2], use_bias=False, trainable=False, dtype="float32"
        )
        outputs = fixed(pictures)
        fixed.set_weights([kernel.astype(np.float32)])
        return outputs

    def pool(self, responses: Any, layer: PatchLayer) -> Any:
        import keras

        if layer.slopes:
            return _sloped(responses, *layer.over(*responses.shape[1:3]).sides)
        pooling = keras.layers.DepthwiseConv2D(
            layer.pool, layer.stride, use_bias=False, trainable=False, dtype="float32"
        )
        sums = pooling(responses)
        pooling.set_weights([np.ones((layer.pool, layer.pool, responses.shape[-1], 1), np.float32)])
        return sums

    def flat(self, values: Any) -> Any:
        return _flat(values)


def _sloped(responses: Any, rows: np.ndarray, columns: np.ndarray) -> Any:
    """Return sums ``[N, cells, cells, K]`` of responses ``[N, H, W, K]`` that count as the sides of a grid say."""
    import keras

    for side in (rows, columns):
        # The axis to add up goes last, and comes back in front of the bases: after two turns all are in their places.
        turned = keras.ops.transpose(responses, (0, 2, 3, 1))
        fixed = keras.layers.Dense(len(side), use_bias=False, trainable=False, dtype="float32")
        summed = fixed(turned)  # [N, W, K, cells]
        fixed.set_weights([side.T])
        responses = keras.ops.transpose(summed, (0, 1, 3, 2))
    return responses


def _probabilities(codes: Any, weights: Weights) -> Any:
    import keras

    probabilities = keras.ops.softmax(_scores(codes, weights) / float(weights.temperature), axis=-1)
    return keras.layers.Activation("linear", dtype="float32", name="probabilities")(probabilities)


def _values(codes: Any, found: SideInference) -> Any:
    """Return the other side in its own units, as `Side.values` gives it."""
    import keras

    shares = keras.ops.reshape(_scores(codes, found.weights) / TOP, (-1, *found.side.shape))
    low, high = found.side.quantiser.low, found.side.quantiser.high
    if low is None or high is None:
        values = keras.ops.clip(shares, 0, 1) * TOP
    else:
        middle = 0.5 * keras.ops.cast(shares < 1, "float64")
        values = (shares * TOP + middle) / TOP * (high - low) + low
    return keras.layers.Activation("linear", dtype="float32", name="inferred")(values)


def _scores(codes: Any, weights: Weights) -> Any:
    import keras

    readout = keras.layers.Dense(weights.coefficients.shape[1], trainable=False, dtype="float64", name="scores")
    scores = readout(keras.ops.cast(codes, "float64"))
    readout.set_weights([weights.coefficients.astype(np.float32).astype(np.float64), weights.intercept])
    return scores


def _flat(values: Any) -> Any:
    import keras

    return values if len(values.shape) == 2 else keras.layers.Flatten(dtype=values.dtype)(values)

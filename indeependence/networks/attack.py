"""The gradient of a loss through a Keras network to pictures of 0 to 255, for `attacks.gradient`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from indeependence.attacks.gradient import Gradient, Loss
from indeependence.encoder.fronts.preparation import SCALES, times
from indeependence.errors import InputError
from indeependence.networks.own import BATCH, OwnNetwork
from indeependence.quiet_keras import keras, tf


def gradient_through(network: OwnNetwork, shape: tuple[int, ...], loss: Loss) -> Gradient:
    """Return the gradient of ``loss`` with respect to pictures of ``shape``, of which 0 to 255 are the values.

    A softmax at the end is taken off, so that slopes do not vanish where the network is sure. Raise `InputError` for
    pictures of another size than the network's.
    """
    asked, scores = network.asked, without_softmax(network.model)
    if len(asked) < 2 or any(want not in (None, have) for want, have in zip(asked[:2], shape, strict=False)):
        raise InputError(
            f"expected pictures of {times(asked)}, as the network takes them, got {times(shape)}: try --size"
        )

    @tf.function(reduce_retracing=True)
    def slope(pictures: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            total = tf.reduce_sum(loss(scores(_scaled(network, pictures)), right))
        return tape.gradient(total, pictures)

    def gradient(inputs: np.ndarray, right: np.ndarray) -> np.ndarray:
        starts = range(0, len(inputs), BATCH)
        parts = [
            slope(tf.constant(inputs[i : i + BATCH], tf.float32), tf.constant(right[i : i + BATCH], tf.int32))
            for i in starts
        ]
        return np.concatenate([part.numpy() for part in parts])

    return gradient


def _scaled(network: OwnNetwork, pictures: tf.Tensor) -> tf.Tensor:
    """Return pictures as the network takes them, as `prepared` makes them where no size changes."""
    if len(network.asked) == 3 and len(pictures.shape) == 3:
        pictures = tf.repeat(pictures[..., None], network.asked[-1] or 1, axis=-1)
    scale = SCALES[network.scale]
    ordered = pictures[..., ::-1] if scale.red_last else pictures
    return (ordered / scale.divisor - tf.constant(scale.mean)) / tf.constant(scale.deviation)


def without_softmax(model: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the network up to the scores whose softmax it gives; itself if it gives none."""
    last = model.layers[-1]
    if type(last).__name__ == "Softmax":
        return keras.Model(model.inputs[0], last.input)
    if getattr(last, "activation", None) is keras.activations.softmax:
        copy = keras.models.clone_model(model)
        copy.set_weights(model.get_weights())
        copy.layers[-1].activation = keras.activations.linear
        return copy
    return model

"""Pictures changed a little along the gradient of a loss, so that the readout of their codes is wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from indeependence.attacks.differentiable import differentiable
from indeependence.encoder.encoder import Encoder
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.quiet_keras import tf

Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # of scores [N, C] and the right columns [N], one value an example
Gradient = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of inputs [N, *shape] and the right columns [N]


def squared_loss(scores: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
    """Return ``Σ_c (score - target)²``, ``[N]``, with target 1 for the right column, else 0: what ridge minimises."""
    return tf.reduce_sum(tf.square(scores - tf.one_hot(right, scores.shape[1])), 1)


def cross_entropy_loss(scores: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
    """Return the negative logarithm ``[N]`` of the softmax in the right column."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(right, scores)


def margin_loss(scores: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
    """Return the best wrong score minus the right one, ``[N]``: above 0 if the answer is wrong (Carlini & Wagner 2017).

    >>> margin_loss(tf.constant([[0.2, 0.9, 0.5]]), tf.constant([1])).numpy()
    array([-0.4], dtype=float32)
    """
    chosen = tf.one_hot(right, scores.shape[1])
    return tf.reduce_max(scores - 1e9 * chosen, 1) - tf.reduce_sum(scores * chosen, 1)


def gradient_of(encoder: Encoder, coefficients: np.ndarray, intercept: np.ndarray, loss: Loss) -> Gradient:
    """Return the gradient of ``loss`` with respect to the inputs, through encoder and linear readout: a white box."""
    encode = differentiable(encoder)
    weights, bias = tf.constant(coefficients, tf.float32), tf.constant(intercept, tf.float32)

    @tf.function(reduce_retracing=True)
    def slope(inputs: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            total = tf.reduce_sum(loss(encode(inputs) @ weights + bias, right))
        return tape.gradient(total, inputs)

    return lambda inputs, right: slope(tf.constant(inputs, tf.float32), tf.constant(right, tf.int32)).numpy()


def fgsm(gradient: Gradient, pictures: np.ndarray, right: np.ndarray, reach: int) -> np.ndarray:
    """Return pictures uint8 changed by ``reach`` steps in every pixel, up the sign of the gradient.

    Source: Goodfellow et al. 2015. Raise `InputError` for other pictures, and for a reach that is not a whole number.

    >>> up = lambda inputs, right: np.ones_like(inputs)
    >>> fgsm(up, np.array([[[0, 250]]], np.uint8), np.array([0]), 8)
    array([[[  8, 255]]], dtype=uint8)
    """
    _check(pictures, reach)
    return _whole(pictures + reach * np.sign(gradient(pictures.astype(np.float32), right)))


def pgd(
    gradient: Gradient, pictures: np.ndarray, right: np.ndarray, reach: int, *, steps: int = 10, seed: int = 0
) -> np.ndarray:
    """Return pictures uint8 within ``reach`` steps of the given ones, after ``steps`` up the gradient.

    The start is random within reach, from ``seed``; each step is 2.5 · reach / steps; the result is rounded to whole
    pixel values. Source: Madry et al. 2018. Raise `InputError` as `fgsm` does.
    """
    _check(pictures, reach)
    clean: np.ndarray = pictures.astype(np.float32)
    changed: np.ndarray = clean + np.random.default_rng(seed).uniform(-reach, reach, clean.shape).astype(np.float32)
    for _ in range(steps):
        changed = changed + 2.5 * reach / steps * np.sign(gradient(np.clip(changed, 0, TOP), right))
        changed = np.clip(np.clip(changed, clean - reach, clean + reach), 0, TOP).astype(np.float32)
    return _whole(changed)


def margins(scores: np.ndarray) -> np.ndarray:
    """Return the best score of each row ``[N, C]`` minus the second best, ``[N]``: how sure an answer is.

    >>> margins(np.array([[0.25, 1.0, 0.5]]))
    array([0.5])
    """
    best = np.sort(scores, axis=1)
    return best[:, -1] - best[:, -2]


def _whole(pictures: np.ndarray) -> np.ndarray:
    return np.clip(np.round(pictures), 0, TOP).astype(np.uint8)


def _check(pictures: np.ndarray, reach: int) -> None:
    if pictures.dtype != np.uint8:
        raise InputError(f"expected 8-bit pictures to attack, got {pictures.dtype}")
    if reach < 0 or reach != int(reach):
        raise InputError(f"expected a whole number of pixel steps to reach, got {reach}")

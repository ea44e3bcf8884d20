"""A small convolutional network of k-winners and sparse weights, and its dense twin (arXiv 1903.11257), for Keras."""

from __future__ import annotations

from typing import Any

import keras

from indeependence.errors import InputError
from indeependence.keras_layers.k_winners import KWinners, KWinners2D
from indeependence.keras_layers.schedule import Setting
from indeependence.keras_layers.sparse import SparseDense

FILTERS = (32, 64)
WINNERS = (400 / 4608, 300 / 1024)  # of each map after pooling; here and below as published for MNIST
UNITS, UNITS_WINNING, DENSITY = 700, 100 / 700, 0.3
MORE = 1.5  # winners at inference for each winner in training


def convolutional_network(
    shape: tuple[int, ...],
    classes: int,
    *,
    sparse: bool = True,
    boost: Setting = 1.5,
    variance: float = 1 / 3,
    seed: int = 0,
) -> keras.Model:
    """Return an untrained Keras model from pictures ``[H, W, C]`` to probabilities.

    It has two convolutions and a hidden layer.

    With ``sparse``, k winners in each map and among the hidden units, which see three in ten of their inputs; otherwise
    the same sizes with ReLU and all weights. The sizes are those of "Sparse CNN-2" for MNIST (Ahmad & Scheinkman, arXiv
    1903.11257), with smaller windows below 20 pixels. ``boost`` is that of `KWinners`.

    Weights begin with ``variance`` over their fan-in, those of the sparse layer with 0.3 of that: as in the original,
    and a sixth of He's 2, since the remains of the first random weights pass noise on (docs/sparse.md reports how
    much). Raise `InputError` for pictures below 8 pixels and for fewer than 2 classes.

    >>> convolutional_network((28, 28, 1), 10).output_shape, convolutional_network((8, 8, 1), 3).output_shape
    ((None, 10), (None, 3))
    """
    if len(shape) != 3 or None in shape or min(shape[:2]) < 8 or classes < 2:
        raise InputError(
            f"expected pictures [H, W, C] of at least 8 pixels and 2 classes, got {tuple(shape)} and {classes}"
        )
    sizes = (5, 5) if min(shape[:2]) >= 20 else (3, 2)
    layers: list[Any] = [keras.layers.Input(shape)]
    for place, (filters, size, winners) in enumerate(zip(FILTERS, sizes, WINNERS, strict=True)):
        layers.append(keras.layers.Conv2D(filters, size, kernel_initializer=_begun(variance, seed + place)))
        layers.append(keras.layers.MaxPooling2D())
        competing = KWinners2D(winners, over="map", k_inference=MORE * winners, boost=boost)
        layers.append(competing if sparse else keras.layers.ReLU())
    layers.append(keras.layers.Flatten())
    if sparse:
        layers.append(SparseDense(UNITS, DENSITY, kernel_initializer=_begun(DENSITY * variance, seed + 2), seed=seed))
        layers.append(KWinners(UNITS_WINNING, k_inference=MORE * UNITS_WINNING, boost=boost))
    else:
        layers.append(keras.layers.Dense(UNITS, activation="relu", kernel_initializer=_begun(variance, seed + 2)))
    last = keras.layers.Dense(classes, activation="softmax", kernel_initializer=_begun(variance, seed + 3))
    return keras.Sequential([*layers, last])


def _begun(variance: float, seed: int) -> keras.initializers.Initializer:
    """Return an initialiser of uniform weights with ``variance`` over their fan-in."""
    return keras.initializers.VarianceScaling(variance, "fan_in", "uniform", seed=seed)

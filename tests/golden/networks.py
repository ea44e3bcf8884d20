"""Keras networks whose weights are whole numbers or simple fractions, from formulas."""

from __future__ import annotations

import keras
import numpy as np
from keras.optimizers.schedules import ExponentialDecay, PolynomialDecay

from indeependence import MirroredReLU
from indeependence.sparse import (
    ContrastiveLoss,
    KWinners,
    KWinners2D,
    PlaneKL,
    PlaneL1,
    PlaneWinners,
    ShrinkPlanes,
    SoftKWinners,
    SparseConv2D,
    SparseDense,
    TripletLoss,
)

layers = keras.layers


def mirrored(shape: tuple[int, ...]) -> keras.Model:
    """Return a network of a dense layer and a mirror, of whole-number weights."""
    inputs = keras.Input(shape, name="inputs")
    outputs = MirroredReLU(name="mirror")(layers.Dense(3, name="dense")(inputs))
    return _set(keras.Model(inputs, outputs, name="mirrored"), step=1)


def all_layers(shape: tuple[int, ...]) -> keras.Model:
    """Return a network with each of the project's layers, penalties and constraints, compiled with a loss."""
    inputs = keras.Input(shape, name="inputs")
    x = SparseConv2D(2, 3, 0.5, kernel_regularizer=PlaneL1(0.01), name="sparse_maps")(inputs)
    x = KWinners2D(0.5, over="map", name="winners_maps")(x)
    penalties = {"kernel_regularizer": PlaneL1(0.02, of="filters"), "activity_regularizer": PlaneKL(0.01, target=0.1)}
    x = layers.Conv2D(3, 2, kernel_constraint=ShrinkPlanes(0.02), name="shrunk", **penalties)(x)
    x = layers.Flatten(name="flat")(PlaneWinners(2, name="winning_planes")(x))
    x = MirroredReLU(name="mirror")(SparseDense(4, 0.5, activation="relu", seed=3, name="sparse")(x))
    x = KWinners(3, k_inference=4, boost=ExponentialDecay(1.5, 10, 0.5), period=50, name="winners")(x)
    x = SoftKWinners(2, hardness=PolynomialDecay(1.0, 10, 5.0), name="soft")(layers.Dense(4, name="dense")(x))
    model = _set(keras.Model(inputs, x, name="golden"), step=1 / 16)
    model.compile(keras.optimizers.SGD(0.01), TripletLoss(0.5, mining="all"))
    return model


def other_loss(shape: tuple[int, ...]) -> keras.Model:
    """Return the smallest network, with the other loss."""
    inputs = keras.Input(shape, name="inputs")
    model = _set(keras.Model(inputs, layers.Dense(2, name="dense")(inputs), name="pairs"), step=1 / 16)
    model.compile(keras.optimizers.SGD(0.01), ContrastiveLoss(0.7))
    return model


def _set(model: keras.Model, *, step: float) -> keras.Model:
    """Return the model with weights that can be trained set to multiples of ``step`` from -3 to 3."""
    for number, weights in enumerate(model.trainable_weights):
        place = np.arange(int(np.prod(weights.shape)))
        weights.assign(((5 * place * place + 3 * place + number) % 7 - 3).reshape(weights.shape) * step)
    return model

"""Losses that move codes of one class together and others apart; 0, not NaN, if there is no such pair."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indeependence.errors import InputError


def distances(codes):
    """Return Euclidean distances ``[N, N]`` between all codes ``[N, n]``; the slope at distance 0 is 0, not infinite.

    >>> ops.convert_to_numpy(distances(ops.array([[0.0, 0.0], [3.0, 4.0]])))
    array([[0., 5.],
           [5., 0.]], dtype=float32)
    """
    squares = ops.sum(ops.square(codes), 1)
    squared = squares[:, None] + squares[None] - 2 * ops.matmul(codes, ops.transpose(codes))
    apart = squared > 1e-6 * (squares[:, None] + squares[None]) + 1e-12  # larger than rounding errors
    return ops.where(apart, ops.sqrt(ops.where(apart, squared, 1.0)), 0.0)


def pairs(labels):
    """Return masks ``[N, N]`` of the pairs of two different rows with the same label, and with different labels."""
    flat = ops.reshape(labels, (-1,))
    equal = ops.equal(flat[:, None], flat[None])
    itself = ops.cast(ops.eye(ops.shape(flat)[0]), "bool")
    return ops.logical_and(equal, ops.logical_not(itself)), ops.logical_not(equal)


def _mean(values, mask):
    """Return the mean of the values in the mask, 0 if there are none."""
    mask = ops.cast(mask, values.dtype)
    return ops.sum(values * mask) / ops.maximum(ops.sum(mask), 1.0)


@keras.saving.register_keras_serializable(package="indeependence")
class TripletLoss(keras.losses.Loss):
    """The loss ``max(0, margin + d(anchor, positive) - d(anchor, negative))`` over triples of a batch.

    The targets are the labels. Source: Hermans, Beyer & Leibe 2017, arXiv 1703.07737.

    Parameters
    ----------
    margin : by which negatives should be further away than positives.
    mining : "hard", the mean over anchors of the triple with the furthest positive and the nearest negative, for
        anchors that have both; or "all", the mean over all triples above 0.

    Examples
    --------

    >>> codes = ops.array([[0.0], [1.0], [1.5]])
    >>> float(TripletLoss(1.0)(ops.array([0, 0, 1]), codes)), float(TripletLoss(1.0)(ops.array([0, 1, 2]), codes))
    (1.0, 0.0)
    """

    def __init__(self, margin: float = 1.0, *, mining: str = "hard", name: str = "triplet", **options: Any):
        super().__init__(name=name, **options)
        if mining not in ("hard", "all"):
            raise InputError(f"expected mining 'hard' or 'all', got {mining!r}")
        self.margin, self.mining = margin, mining

    def call(self, y_true, y_pred):
        apart = distances(y_pred)
        same, different = pairs(y_true)
        return self._hard(apart, same, different) if self.mining == "hard" else self._all(apart, same, different)

    def _hard(self, apart, same, different):
        furthest = ops.max(ops.where(same, apart, 0.0), 1)
        nearest = ops.min(ops.where(different, apart, ops.max(apart)), 1)
        valid = ops.logical_and(ops.any(same, 1), ops.any(different, 1))
        return _mean(ops.relu(self.margin + furthest - nearest), valid)

    def _all(self, apart, same, different):
        excess = self.margin + apart[:, :, None] - apart[:, None, :]
        valid = ops.logical_and(same[:, :, None], different[:, None, :])
        return _mean(excess, ops.logical_and(valid, excess > 0))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "margin": self.margin, "mining": self.mining}


@keras.saving.register_keras_serializable(package="indeependence")
class ContrastiveLoss(keras.losses.Loss):
    """The loss mean ``d²`` of pairs of one class plus mean ``max(0, margin - d)²`` of pairs of two classes.

    The targets are the labels. Both means count equally, although a batch of many classes has few pairs of one class.
    Source: Hadsell, Chopra & LeCun 2006.

    Parameters
    ----------
    margin : distance from which pairs of two classes cost nothing.

    Examples
    --------

    >>> codes = ops.array([[0.0], [1.0], [1.5]])
    >>> float(ContrastiveLoss(1.0)(ops.array([0, 0, 1]), codes)), float(ContrastiveLoss()(ops.array([0]), codes[:1]))
    (1.125, 0.0)
    """

    def __init__(self, margin: float = 1.0, *, name: str = "contrastive", **options: Any):
        super().__init__(name=name, **options)
        self.margin = margin

    def call(self, y_true, y_pred):
        apart = distances(y_pred)
        same, different = pairs(y_true)
        return _mean(ops.square(apart), same) + _mean(ops.square(ops.relu(self.margin - apart)), different)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "margin": self.margin}

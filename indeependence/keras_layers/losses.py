"""Losses that bring codes of a class together and those of others apart; 0, not NaN, where there is no such pair."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indeependence.errors import InputError


def distances(codes):
    """Euclidean distances ``[N, N]`` between all codes ``[N, n]``; the slope at distance 0 is 0, not infinite.

    >>> ops.convert_to_numpy(distances(ops.array([[0.0, 0.0], [3.0, 4.0]])))
    array([[0., 5.],
           [5., 0.]], dtype=float32)
    """
    squares = ops.sum(ops.square(codes), 1)
    squared = squares[:, None] + squares[None] - 2 * ops.matmul(codes, ops.transpose(codes))
    apart = squared > 1e-6 * (squares[:, None] + squares[None]) + 1e-12  # beyond what rounding leaves of 0
    return ops.where(apart, ops.sqrt(ops.where(apart, squared, 1.0)), 0.0)


def pairs(labels):
    """Masks ``[N, N]`` of the pairs of two different rows with the same label, and with different labels."""
    flat = ops.reshape(labels, (-1,))
    equal = ops.equal(flat[:, None], flat[None])
    itself = ops.cast(ops.eye(ops.shape(flat)[0]), "bool")
    return ops.logical_and(equal, ops.logical_not(itself)), ops.logical_not(equal)


def _mean(values, mask):
    """The mean of the values that the mask names, 0 if it names none."""
    mask = ops.cast(mask, values.dtype)
    return ops.sum(values * mask) / ops.maximum(ops.sum(mask), 1.0)


@keras.saving.register_keras_serializable(package="indeependence")
class TripletLoss(keras.losses.Loss):
    """``max(0, margin + d(anchor, positive) - d(anchor, negative))`` over triples of a batch; labels are the targets.

    ``mining`` is "hard": each row as an anchor with its furthest positive and its nearest negative, mean over anchors
    that have both; or "all": mean over all triples above 0. Hermans, Beyer & Leibe 2017, arXiv 1703.07737.

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
    """Mean ``d²`` of pairs of one class plus mean ``max(0, margin - d)²`` of pairs of two; labels are the targets.

    Both means count equally, although a batch of many classes has few pairs of one. Hadsell, Chopra & LeCun 2006.

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

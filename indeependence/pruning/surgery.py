"""Forgetting a class by cutting the weights of its units: a rough way, in contrast to the exact `forget`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.moments import Label, Moments
from indeependence.moments.weights import Weights
from indeependence.pruning.saliency import activated_values, place_of


def class_saliency(weights: Weights, moments: Moments, label: Label) -> np.ndarray:
    """Return how much more important each unit is for one class than for the mean of all others, float64 ``[H]``.

    It is the difference of the mean activated absolute values; every other class counts the same. Raise `InputError`
    for a class that was never learned, and if there is no other.
    """
    place_of(label, moments.labels)
    rest = [other for other, n in zip(moments.labels, moments.counts, strict=True) if n and other != label]
    if not rest:
        raise InputError(f"expected other classes besides {label!r} to compare with, got none")
    own = activated_values(weights, moments, label).sum(1)
    return own - np.mean([activated_values(weights, moments, other).sum(1) for other in rest], axis=0)


def most_salient_of_class(weights: Weights, moments: Moments, label: Label, fraction: float) -> np.ndarray:
    """Return a mask ``[H]`` of the ``fraction`` of all units that are most important for one class.

    Raise `InputError` for a fraction outside 0..1, and as `class_saliency` does.
    """
    if not 0 <= fraction <= 1:
        raise InputError(f"expected a fraction between 0 and 1, got {fraction:g}")
    order = np.argsort(-class_saliency(weights, moments, label), kind="stable")
    chosen = np.zeros(moments.units, bool)
    chosen[order[: round(fraction * moments.units)]] = True
    return chosen


def cut(weights: Weights, units: np.ndarray) -> Weights:
    """Return the weights with 0 in the rows of these ``units``, bool ``[H]``; nothing is solved again.

    >>> weights = Weights(("a",), np.array([[1.0], [2.0]]), np.zeros(1), 0, 0, 0, 0)
    >>> cut(weights, np.array([True, False])).coefficients.T
    array([[0., 2.]])
    """
    return replace(weights, coefficients=np.where(units[:, None], 0.0, weights.coefficients))

"""Forgetting a class by cutting the weights of units that work for it: beside the exact way, `forget`, it is crude."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.moments import Label, Moments
from indeependence.moments.ridge import Weights
from indeependence.pruning.saliency import activated_values, place_of


def class_saliency(weights: Weights, moments: Moments, label: Label) -> np.ndarray:
    """How much more each unit works for one class than for the mean of all other classes, float64 ``[H]``.

    The difference of the units' mean activated absolute values; every other class counts the same.
    """
    place_of(label, moments.labels)
    rest = [other for other, n in zip(moments.labels, moments.counts, strict=True) if n and other != label]
    if not rest:
        raise InputError(f"expected other classes besides {label!r} to compare with, got none")
    own = activated_values(weights, moments, label).sum(1)
    return own - np.mean([activated_values(weights, moments, other).sum(1) for other in rest], axis=0)


def most_salient_of_class(weights: Weights, moments: Moments, label: Label, fraction: float) -> np.ndarray:
    """Mask ``[H]`` of that ``fraction`` of all units that work most for one class."""
    if not 0 <= fraction <= 1:
        raise InputError(f"expected a fraction between 0 and 1, got {fraction:g}")
    order = np.argsort(-class_saliency(weights, moments, label), kind="stable")
    chosen = np.zeros(moments.units, bool)
    chosen[order[: round(fraction * moments.units)]] = True
    return chosen


def cut(weights: Weights, units: np.ndarray) -> Weights:
    """The weights with 0 in the rows of these ``units``, bool ``[H]``; nothing is solved again.

    >>> reading = Weights(("a",), np.array([[1.0], [2.0]]), np.zeros(1), 0, 0, 0, 0)
    >>> cut(reading, np.array([True, False])).coefficients.T
    array([[0., 2.]])
    """
    return replace(weights, coefficients=np.where(units[:, None], 0.0, weights.coefficients))

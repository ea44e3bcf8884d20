"""The importance of weights and code units, from weights and sums alone."""

from __future__ import annotations

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.moments import Label, Moments
from indeependence.moments.weights import Weights

WAYS = ("maav", "magnitude", "moment", "random")


def mean_codes(moments: Moments, label: Label | None = None) -> np.ndarray:
    """Return the mean ``Σ h / n``, ``[H]``, of all codes or of those of one class; it equals ``Σ|h|/n``.

    >>> rows = np.array([[1, 2], [3, 4], [9, 9]], np.uint8), np.array(["a", "a", "b"])
    >>> mean_codes(Moments.empty("encoder", 2).learn([rows]), "a")
    array([2., 3.])
    """
    if label is None:
        return moments.code_sum / max(moments.count, 1)
    place = place_of(label, moments.labels)
    return moments.cross[:, place] / max(int(moments.counts[place]), 1)


def place_of(label: Label, labels: tuple[Label, ...]) -> int:
    """Return the column of a class; raise `InputError` if it was never learned."""
    if label not in labels:
        raise InputError(
            f"expected a class among {', '.join(map(str, labels)) or 'none'}: no class {label!r} was learned"
        )
    return labels.index(label)


def activated_values(weights: Weights, moments: Moments, label: Label | None = None) -> np.ndarray:
    """Return the mean activated absolute values ``|W|·Σ|h|/n``, ``[H, C]``, over all examples or those of one class.

    The mean of a class is over its own examples, so the sizes of the classes do not matter.

    >>> rows = np.array([[1, 2], [3, 4]], np.uint8), np.array(["a", "b"])
    >>> weights = Weights(("a", "b"), np.array([[1.0, -1.0], [0.0, 2.0]]), np.zeros(2), 0, 0, 0, 0)
    >>> activated_values(weights, Moments.empty("encoder", 2).learn([rows]))
    array([[2., 2.],
           [0., 6.]])
    """
    return np.abs(weights.coefficients) * mean_codes(moments, label)[:, None]


def unit_saliency(weights: Weights, moments: Moments, by: str, *, seed: int = 0) -> np.ndarray:
    """Return the importance of each code unit, float64 ``[H]``; the least important are pruned first.

    ``maav``: the sum of its `activated_values`. ``magnitude``: of its absolute weights. ``moment``: ``Σ_c W²·Σ h²/n``,
    which is how much the squared error grows without the unit if units were independent: ``Σ h hᵀ`` is the Hessian of
    a linear readout (optimal brain damage, LeCun, Denker & Solla 1990). ``random``: by ``seed``, for comparison.
    Raise `InputError` for another way.
    """
    if by == "maav":
        return activated_values(weights, moments).sum(1)
    if by == "magnitude":
        return np.abs(weights.coefficients).sum(1)
    if by == "moment":
        return np.square(weights.coefficients).sum(1) * (moments.squares / max(moments.count, 1))
    if by == "random":
        return np.random.default_rng(seed).random(moments.units)
    raise InputError(f"expected units to be pruned by {', '.join(WAYS)}, got {by!r}")


def most_salient(saliency: np.ndarray, fraction: float, groups: np.ndarray | None = None) -> np.ndarray:
    """Return a mask ``[H]`` of the units to keep when a ``fraction`` of them is removed, the least salient first.

    Of tied units, the one with the lower number stays. With ``groups [H]``, whole numbers, units of one group are
    removed together, in the order of their mean saliency, as long as no more than the fraction is removed. At least one
    unit stays. Raise `InputError` unless the fraction is from 0 to below 1.

    >>> most_salient(np.array([3.0, 1.0, 2.0, 1.0]), 0.5)
    array([ True, False,  True, False])
    >>> most_salient(np.array([3.0, 1.0, 2.0, 1.0]), 0.5, np.array([0, 0, 1, 1]))
    array([ True,  True, False, False])
    """
    if not 0 <= fraction < 1:
        raise InputError(f"expected a fraction of at least 0 and below 1, got {fraction:g}")
    names, place = np.unique(np.arange(len(saliency)) if groups is None else groups, return_inverse=True)
    sizes = np.bincount(place)
    means = np.bincount(place, weights=saliency) / sizes
    least_first = np.lexsort((-np.arange(len(names)), means))
    gone = least_first[np.cumsum(sizes[least_first]) <= min(fraction * len(saliency) + 1e-9, len(saliency) - 1)]
    return ~np.isin(place, gone)

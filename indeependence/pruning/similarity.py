"""The similarity of codes within and between classes, from the sums alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.moments import Label, Moments


@dataclass(frozen=True, eq=False)
class Similarity:
    """Cosines over all pairs of examples: mean inner product over mean squared length."""

    labels: tuple[Label, ...]
    classes: np.ndarray  # [C, C] between classes; the diagonal is the length of a class's mean, own pairs included
    within: float  # over all pairs of two examples of one class
    between: float  # over all pairs of two examples of two classes


def similarity(moments: Moments, *, centred: bool = False) -> Similarity:
    """Return the within- and between-class cosines of codes ``[N, H]`` of which only sums are known.

    The inner products of all pairs add up to products of sums, ``Σ_{i∈c, j∈d} hᵢ·hⱼ = (Σ_c h)·(Σ_d h)``; pairs of an
    example with itself are subtracted by ``Σ h·h = tr Σ h hᵀ``. Only the total of all lengths is known, so this is a
    ratio of means, not the mean of ratios; both are equal if all codes are equally long. With ``centred``, the mean
    code is subtracted first. Raise `InputError` for fewer than two classes, or if a class was dropped from the sums.

    >>> rows = np.array([[1, 0], [1, 0], [0, 1]], np.uint8), np.array(["a", "a", "b"])
    >>> found = similarity(Moments.empty("encoder", 2).learn([rows]))
    >>> found.within, found.between
    (1.0, 0.0)
    """
    if moments.dropped:
        raise InputError("expected sums of which no class was dropped: the products of those examples are still there")
    told = moments.only(moments.counts > 0)
    n = told.counts.astype(np.float64)
    if len(n) < 2:
        raise InputError(f"expected at least two classes to compare, got {len(n)}")
    total = told.code_sum.astype(np.float64)
    mean = total / told.count if centred else np.zeros_like(total)
    sums = told.cross - np.outer(mean, n)
    lengths = float(told.squares.sum()) - told.count * float(mean @ mean)  # Σ ‖h - mean‖²
    products = sums.T @ sums
    own = float(products.trace())
    scale = max(lengths / told.count, 1e-300)
    pairs_within, pairs_between = float(np.sum(n * (n - 1))), float(told.count**2 - np.sum(n**2))
    return Similarity(
        labels=told.labels,
        classes=products / np.outer(n, n) / scale,
        within=(own - lengths) / max(pairs_within, 1.0) / scale,
        between=(float(products.sum()) - own) / pairs_between / scale,
    )

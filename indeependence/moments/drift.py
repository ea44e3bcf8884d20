"""What changed from one period to the next, from their sums alone: means and spreads of code units, and classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.moments.moments import Label, Moments


@dataclass(frozen=True, eq=False)
class Moved:
    """What moved between two periods."""

    shift: np.ndarray  # [H] mean after minus mean before, in pooled standard deviations
    ratio: np.ndarray  # [H] standard deviation after by that before; 1 where a unit never varies
    classes: tuple[tuple[Label, float, float], ...]  # label, its share before, and after; the largest change first


def moved(before: Moments, after: Moments) -> Moved:
    """Return how units and classes moved between the sums of two periods, neither of which is empty.

    >>> def of(*codes):
    ...     return Moments.empty("e", 1).learn([(np.array(codes, np.uint8)[:, None], np.zeros(len(codes), int))])
    >>> found = moved(of(10, 20), of(40, 50))
    >>> found.shift, found.ratio, found.classes
    (array([6.]), array([1.]), ((0, 1.0, 1.0),))
    """
    means = [sums.code_sum / sums.count for sums in (before, after)]
    variances = [
        np.maximum(sums.squares / sums.count - mean**2, 0) for sums, mean in zip((before, after), means, strict=True)
    ]
    pooled = np.sqrt((variances[0] + variances[1]) / 2)
    apart = means[1] - means[0]
    shift = np.divide(apart, pooled, out=np.sign(apart) * np.where(apart != 0, np.inf, 0.0), where=pooled > 0)
    ratio = np.sqrt(np.divide(variances[1], variances[0], out=np.ones_like(pooled), where=variances[0] > 0))
    shares = [(label, _share(before, label), _share(after, label)) for label in {*before.labels, *after.labels}]
    shares.sort(key=lambda one: (-abs(one[2] - one[1]), str(one[0])))
    return Moved(np.where(np.isnan(shift), 0.0, shift), ratio, tuple(shares))


def _share(sums: Moments, label: Label) -> float:
    """Return the share of the examples that are of a class."""
    return float(sums.counts[sums.labels.index(label)] / sums.count) if label in sums.labels else 0.0

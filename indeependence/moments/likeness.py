"""How far a code is from all that was learned, from the sums alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.moments.moments import Moments

LEAST = 20  # rows; fewer do not show how codes vary
FAR = 3.0  # a distance from which on an input counts as unlike all that was learned
FLOOR = 0.01  # of the mean variance, added to each: a unit that has never varied may vary later
STEP = 1 / 12  # variance of rounding to whole steps, the smallest possible
ROWS = 2048  # of codes at a time


@dataclass(frozen=True, eq=False)
class Likeness:
    """Mean and precision of each code unit over all that was learned.

    The distance of a code is ``Σ (h - mean)² precision``, scaled so that its mean over all learned codes is 1. So at
    most one in ``d`` learned codes is farther than ``d`` (Markov's inequality), whatever their distribution.
    """

    mean: np.ndarray  # [H] float32
    precision: np.ndarray  # [H] float32

    def distances(self, codes: np.ndarray) -> np.ndarray:
        """Return the distance ``[N]`` of codes uint8 ``[N, H]``: about 1 for what is like the learned ones.

        >>> rows = np.random.default_rng(0).integers(90, 110, (1000, 8)).astype(np.uint8)
        >>> found = likeness_of(Moments.empty("", 8).learn([(rows, np.zeros(1000, int))]))
        >>> round(float(found.distances(rows).mean()), 2), bool(found.distances(rows // 2).min() > 3)
        (1.0, True)
        """
        found = np.empty(len(codes))
        for start in range(0, len(codes), ROWS):
            rows = codes[start : start + ROWS] - self.mean
            found[start : start + ROWS] = np.square(rows, out=rows) @ self.precision
        return found


def likeness_of(moments: Moments) -> Likeness | None:
    """Return mean and precision of what was learned; None where too little was, or where no unit ever varied.

    Each variance is mixed with one part of the mean variance, as if one more row had been seen: that holds the false
    alarms down where rows are few.
    """
    rows = moments.count
    if rows < LEAST:
        return None
    mean = moments.code_sum / rows
    variance = np.maximum(moments.squares - moments.code_sum * mean, 0) / (rows - 1)
    typical = float(variance.mean())
    if typical <= 0:
        return None
    mixed = ((rows - 1) * variance + typical) / rows + FLOOR * typical + STEP
    precision = 1 / mixed / np.sum(variance / mixed)
    return Likeness(mean.astype(np.float32), precision.astype(np.float32))

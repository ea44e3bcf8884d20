"""Sums over whole rows, from which any part of a row can be regressed on any other part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.moments.average import Average
from indeependence.moments.centred import Centred
from indeependence.moments.gram import mirrored_upper
from indeependence.moments.moments import Moments
from indeependence.moments.ridge import best_ridge, ridge
from indeependence.moments.weights import Weights

Part = slice | np.ndarray  # of a row: a range, or indices [K]


@dataclass(frozen=True, eq=False)
class Joint:
    """Mean and scatter of rows ``[N, R]``, from exact sums or from a moving average."""

    count: float  # N
    mean: np.ndarray  # [R] float64
    scatter: np.ndarray  # [R, R] float64: Σ (h - mean)(h - mean)ᵀ

    def covariance(self, part: Part) -> np.ndarray:
        """Return the covariance ``[K, K]`` of a part of the row."""
        return self.scatter[part][:, part] / max(self.count, 1)


def add_rows(moments: Moments, rows: np.ndarray) -> Moments:
    """Return exact sums with those of ``rows [N, R]`` uint8 added; all rows count as one class, 0.

    >>> add_rows(Moments.empty("encoder", 2), np.array([[1, 2], [3, 4]], np.uint8)).code_sum
    array([4, 6])
    """
    return moments.learn([(rows, np.zeros(len(rows), np.int64))])


def joint(sums: Moments | Average) -> Joint:
    """Return mean and scatter from sums.

    >>> found = joint(add_rows(Moments.empty("encoder", 2), np.array([[1, 2], [3, 4]], np.uint8)))
    >>> found.mean, found.scatter
    (array([2., 3.]), array([[2., 2.], [2., 2.]]))
    """
    if isinstance(sums, Average):
        weight = max(sums.weight, 1e-300)
        mean = sums.row_sum / weight
        return Joint(sums.count, mean, sums.count * (sums.products / weight - np.outer(mean, mean)))
    mean = sums.code_sum / max(sums.count, 1)
    return Joint(sums.count, mean, mirrored_upper(sums.products) - np.outer(sums.code_sum, mean))


def regress(rows: Joint, known: Part, unknown: Part, *, penalty: float | None = None) -> Weights:
    """Return weights of the conditional mean of the ``unknown`` part of a row given the ``known`` part.

    For normally distributed rows it is ``E[u | k]``; for others the best linear estimate. The ridge penalty,
    in mean variances of a known entry, is chosen by generalised cross-validation unless it is given.

    >>> rows = np.array([[1, 10], [2, 20], [3, 30], [4, 40]], np.uint8)
    >>> weights = regress(joint(add_rows(Moments.empty("encoder", 2), rows)), slice(0, 1), slice(1, 2), penalty=0)
    >>> weights.scores(np.array([[5]]))
    array([[50.]])
    """
    scatter = rows.scatter[known][:, known]
    scale = float(scatter.diagonal().mean()) if len(scatter) else 0.0
    cross = rows.scatter[known][:, unknown]
    centred = Centred(
        labels=tuple(range(cross.shape[1])),
        count=int(rows.count),
        scatter=scatter,
        cross=cross,
        target_scatter=rows.scatter.diagonal()[unknown],
        code_mean=rows.mean[known],
        target_mean=rows.mean[unknown],
        scale=scale if scale > 0 else 1.0,
    )
    weights = best_ridge(centred) if penalty is None else ridge(centred, penalty)
    return best_ridge(centred) if weights is None else weights

"""Mutual information between parts of a row, and between codes and labels, from sums alone."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from indeependence.moments.moments import Moments
from indeependence.moments.regression import Joint, Part
from indeependence.moments.scatter import within_class_scatter

ROUNDING = 1 / 12  # the variance that cutting to whole numbers adds: with it no covariance is singular


def mutual_information(told: Joint, one: Part, other: Part, *, noise: float = ROUNDING) -> float:
    """Bits that two parts of a row tell about each other, if rows were Gaussians of their covariance.

    ``½ log2 (det C_one det C_other / det C_both)``, Cover & Thomas 2006, section 8.5. ``noise`` is added to every
    variance: a part that is a function of the other would else tell infinitely much. Real codes are no Gaussians; for
    them it counts what is linear in the relation.

    >>> told = Joint(1, np.zeros(2), np.array([[1.0, 0.6], [0.6, 1.0]]))
    >>> bits = mutual_information(told, slice(0, 1), slice(1, 2), noise=0)
    >>> round(bits, 4), round(float(-np.log2(1 - 0.6**2) / 2), 4)
    (0.3219, 0.3219)
    """
    covariance = told.scatter / max(told.count, 1)
    places = np.arange(len(covariance))
    parts = places[one], places[other], np.concatenate([places[one], places[other]])
    first, second, both = (_log2_det(covariance[np.ix_(part, part)], noise) for part in parts)
    return max((first + second - both) / 2, 0.0)


def label_entropy(counts: np.ndarray) -> float:
    """Entropy in bits of labels that occur so many times ``[C]``.

    >>> label_entropy(np.array([5, 5, 0]))
    1.0
    """
    shares = counts[counts > 0] / max(counts.sum(), 1)
    return float(np.abs(np.sum(shares * np.log2(shares))))


def label_information(moments: Moments, part: Part = slice(None), *, noise: float = ROUNDING) -> float:
    """Bits that codes, or a part of each, tell about labels; at most the labels' entropy.

    ``½ log2 (det T / det W)`` of the total and the within-class covariance: the information if codes were Gaussians of
    covariance T overall and W in each class. Since no code of covariance T has more entropy than a Gaussian, that is an
    upper bound for classes that are Gaussian, and the entropy of the labels is one for all.

    >>> codes, labels = np.array([[0], [2], [98], [100]], np.uint8), np.array(["a", "a", "b", "b"])
    >>> label_information(Moments.empty("encoder", 1).learn([(codes, labels)]))
    1.0
    """
    seen = moments.counts > 0
    counts, cross = moments.counts[seen], moments.cross[part][:, seen].astype(np.float64)
    n = max(moments.count, 1)
    within = within_class_scatter(moments, part) / n
    within[np.diag_indices(len(within))] += noise
    # T = W + B Bᵀ with one column a class, so det T / det W = det(I + Bᵀ W⁻¹ B), a matrix as small as the classes.
    between = (cross / counts - (cross.sum(1) / n)[:, None]) * np.sqrt(counts / n)
    half = solve_triangular(cholesky(within, lower=True, overwrite_a=True), between, lower=True)
    gaussian = _log2_det(half.T @ half, 1.0) / 2
    return float(min(gaussian, label_entropy(counts)))


def _log2_det(symmetric: np.ndarray, added: float) -> float:
    """``log2 det (A + added·I)`` by its Cholesky factor."""
    system = symmetric + added * np.eye(len(symmetric))
    return float(2 * np.log2(np.diagonal(cholesky(system))).sum())

"""Mutual information between parts of a row, and between codes and labels, from sums alone."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from indeependence.moments.moments import Moments
from indeependence.moments.regression import Joint, Part
from indeependence.moments.scatter import within_class_scatter

ROUNDING = 1 / 12  # the variance added by cutting to whole numbers: with it no covariance is singular


def mutual_information(joint: Joint, one: Part, other: Part, *, noise: float = ROUNDING) -> float:
    """Return the mutual information of two parts of a row, in bits, as if rows were Gaussian with their covariance.

    ``½ log2 (det C_one det C_other / det C_both)``, Cover & Thomas 2006, section 8.5. ``noise`` is added to every
    variance: without it, a part that is a function of the other would have infinite information. Real codes are not
    Gaussian; for them only the linear part of the relation counts.

    >>> joint = Joint(1, np.zeros(2), np.array([[1.0, 0.6], [0.6, 1.0]]))
    >>> bits = mutual_information(joint, slice(0, 1), slice(1, 2), noise=0)
    >>> round(bits, 4), round(float(-np.log2(1 - 0.6**2) / 2), 4)
    (0.3219, 0.3219)
    """
    covariance = joint.scatter / max(joint.count, 1)
    places = np.arange(len(covariance))
    parts = places[one], places[other], np.concatenate([places[one], places[other]])
    first, second, both = (_log2_det(covariance[np.ix_(part, part)], noise) for part in parts)
    return max((first + second - both) / 2, 0.0)


def label_entropy(counts: np.ndarray) -> float:
    """Return the entropy, in bits, of labels that occur ``counts [C]`` times.

    >>> label_entropy(np.array([5, 5, 0]))
    1.0
    """
    shares = counts[counts > 0] / max(counts.sum(), 1)
    return float(np.abs(np.sum(shares * np.log2(shares))))


def label_information(moments: Moments, part: Part = slice(None), *, noise: float = ROUNDING) -> float:
    """Return the information of codes, or of a ``part`` of each, about labels, in bits; at most the labels' entropy.

    ``½ log2 (det T / det W)`` of the total and the within-class covariance: the information if codes were Gaussian with
    covariance T overall and W in each class. No code of covariance T has more entropy than a Gaussian, so this is an
    upper bound for Gaussian classes; the entropy of the labels is an upper bound for all classes.

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
    """Return ``log2 det (A + added·I)`` by its Cholesky factor."""
    system = symmetric + added * np.eye(len(symmetric))
    return float(2 * np.log2(np.diagonal(cholesky(system))).sum())

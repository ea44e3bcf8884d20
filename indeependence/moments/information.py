"""Mutual information between parts of a row, from sums alone, and what a readout tells about labels."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cholesky

from indeependence.moments.regression import Joint, Part

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


def usable_information(probabilities: np.ndarray, right: np.ndarray) -> float:
    """Return the information about labels, in bits, that ``probabilities [N, C]`` of other examples give.

    ``H(Y) - mean -log2 p(right)``, with the columns ``right [N]`` of the labels: a lower bound of the mutual
    information of labels and whatever the probabilities were computed from (Barber & Agakov 2003), and the part of it
    that such a readout can use (Xu et al. 2020). It reaches the entropy of the labels only if all answers are right
    and sure, and is below 0 where the readout is worse than the shares of the labels.

    >>> right = np.array([0, 1, 0, 1])
    >>> [usable_information(np.eye(2)[right] * p + 0.5 * (1 - p), right).__round__(3) for p in (0.0, 0.8, 1.0)]
    [0.0, 0.848, 1.0]
    """
    shares = probabilities[np.arange(len(right)), right]
    surprise = -np.log2(np.maximum(shares, np.finfo(np.float64).tiny))
    return label_entropy(np.bincount(right)) - float(surprise.mean())


def _log2_det(symmetric: np.ndarray, added: float) -> float:
    """Return ``log2 det (A + added·I)`` by its Cholesky factor."""
    system = symmetric + added * np.eye(len(symmetric))
    return float(2 * np.log2(np.diagonal(cholesky(system))).sum())

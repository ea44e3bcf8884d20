"""Linear discriminant analysis from ridge weights: a product with a matrix of classes, and no second solve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indeependence.moments.centred import Centred
from indeependence.moments.weights import Weights

MOST_EXPLAINED = 1 - 1e-9  # of a squared canonical correlation: one of 1 would have infinite weight
ROWS = 1024  # classes whose distances from all others are computed at a time
LEAST_WITHIN = 1e-3  # of the variance within classes that the penalty lets one expect


def discriminant(centred: Centred, ridge: Weights) -> Weights:
    """Return the readout of linear discriminant analysis with the penalty of the ``ridge`` weights of the same sums.

    Both see the classes along the same directions: ridge weights are ``W = (S + λI)⁻¹ Q``, the discriminant's are
    ``(S_w + λI)⁻¹ Q`` with the scatter within classes ``S_w = S - Q N⁻¹ Qᵀ`` (N holds the classes' counts). By
    Woodbury's identity they are ``W (I - N⁻¹ QᵀW)⁻¹``, so ``C × C`` matrices are all that it takes. The eigenvalues
    of ``N^-½ QᵀW N^-½`` are the squared canonical correlations: ridge makes a direction of little variance between
    classes count less, the discriminant weighs each by how well it separates (Hastie, Buja & Tibshirani 1995).

    Scores are log-probabilities of normally distributed classes with one covariance, less their mean over the classes,
    in units of `Weights.temperature`, so that it turns them into probabilities as it does for ridge.

    >>> from indeependence.moments.centred import centre
    >>> from indeependence.moments.moments import Moments
    >>> from indeependence.moments.ridge import ridge
    >>> rows = np.array([[1, 0], [3, 2], [7, 8], [9, 6]], np.uint8), np.array(["a", "a", "b", "b"])
    >>> centred = centre(Moments.empty("encoder", 2).learn([rows]))
    >>> weights = discriminant(centred, ridge(centred, 0.1))
    >>> weights.scores(rows[0]).argmax(1)
    array([0, 0, 1, 1])
    """
    counts = centred.target_mean * centred.count
    explained, canonical = _canonical(centred, ridge)
    gain = 1 / (1 - explained)
    lengths = np.sum(canonical**2 * explained * gain, 1)  # the squared distance of each class from the mean, over N
    offset = np.log(counts / centred.count) - centred.count * lengths / 2
    unit = ridge.temperature / _overconfidence(centred, ridge, explained, canonical)
    coefficients = (ridge.coefficients @ (unit * centred.count * canonical * gain)) @ canonical.T
    coefficients -= coefficients.mean(1, keepdims=True)
    intercept = unit * (offset - offset.mean()) - centred.code_mean @ coefficients
    return replace(ridge, coefficients=coefficients, intercept=intercept)


def _canonical(centred: Centred, ridge: Weights) -> tuple[np.ndarray, np.ndarray]:
    """Return squared canonical correlations ``[K]``, and the axes ``[C, K]`` of ridge scores that they belong to.

    Of more classes than units, all but as many combinations as there are units have a correlation of 0, and no weight.
    """
    roots = 1 / np.sqrt(centred.target_mean * centred.count)
    if len(roots) <= len(centred.cross):
        between = (ridge.coefficients.T @ centred.cross) * roots[:, None] * roots
        explained, axes = np.linalg.eigh((between + between.T) / 2)
    else:
        basis, triangle = np.linalg.qr((centred.cross * roots).T)
        between = triangle @ ((ridge.coefficients * roots) @ basis)
        explained, turned = np.linalg.eigh((between + between.T) / 2)
        axes = basis @ turned
    return np.clip(explained, 0, MOST_EXPLAINED), axes * roots[:, None]


def _overconfidence(centred: Centred, ridge: Weights, explained: np.ndarray, canonical: np.ndarray) -> float:
    """Return by how much the log-probabilities of normally distributed classes are too large on unseen examples.

    Factors from the sums: what an example contributes to its own score is taken away, on average, since leaving it out
    scales its residual by ``1 / (1 - leverage)``. Of N examples of C classes, N - C tell about the scatter within. And
    the tails of real classes are those of a logistic rather than of a normal distribution, so the log-odds of two
    classes at a distance of Δ deviations are taken as Δ, not as Δ²/2. The last factor is an observation
    (`benchmarks/readouts.py`), as the temperature itself is.
    """
    absolute = ridge.penalty * centred.scale
    leverage = min((ridge.effective_units + 1) / max(centred.distinct, 1), 0.999)
    shrunk = absolute * np.sum((ridge.coefficients @ canonical) ** 2, 0)
    within = np.maximum(explained - explained**2 - shrunk, LEAST_WITHIN * (explained - explained**2))
    clean, gain = np.maximum(explained - leverage, 0), 1 / (1 - explained)
    separation = (1 - leverage) * np.sum(gain * clean)
    if not separation > 0:
        return 1.0
    places = canonical * clean * np.sqrt(centred.count / np.maximum(within, 1e-300))
    tails = max(_typical_distance(places, centred.target_mean) / 2, 1.0)
    freedom = centred.count - len(centred.labels) + 1  # examples tell about means first, then about the spread
    return float(np.sum(gain**2 * within) / separation) * tails * centred.count / max(freedom, 1)


def _typical_distance(places: np.ndarray, shares: np.ndarray) -> float:
    """Return how far the nearest other class is from a class, of ``places [C, K]``, on average over examples."""
    squares = np.sum(places**2, 1)
    nearest = np.empty(len(places))
    for start in range(0, len(places), ROWS):
        rows = slice(start, start + ROWS)
        distances = squares[rows, None] + squares - 2 * places[rows] @ places.T
        np.fill_diagonal(distances[:, start:], np.inf)
        nearest[rows] = distances.min(1)
    return float(shares @ np.sqrt(np.maximum(nearest, 0)))

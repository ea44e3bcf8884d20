"""The conditional mean of one part of a row given another, in closed form from the sums of whole rows."""

from __future__ import annotations

import numpy as np

from indeependence.models.autoencoder.layout import Layout
from indeependence.moments.regression import Joint, regress

LEADING = 30  # components of a class's Gaussian that are drawn


def complete(told: Joint, rows: np.ndarray, known: np.ndarray) -> np.ndarray:
    """``rows [N, R]`` float64 with the entries that are not ``known [N, R]`` replaced by their conditional mean.

    One solve for each pattern of known entries; entries that are known stay as they are.
    """
    filled = np.array(rows, np.float64)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    for index, pattern in enumerate(patterns):
        chosen = which.ravel() == index
        given, missing = np.flatnonzero(pattern), np.flatnonzero(~pattern)
        if not len(missing):
            continue
        if not len(given):
            filled[chosen] = told.mean[: rows.shape[1]]
            continue
        weights = regress(told, given, missing)
        filled[np.ix_(chosen, missing)] = weights.scores(filled[np.ix_(chosen, given)])
    return filled


def denoised(told: Joint, rows: np.ndarray, part: slice, noise: float) -> np.ndarray:
    """The mean of a clean ``part`` of rows ``[N, K]`` given one with noise of that standard deviation, in bytes.

    The Wiener filter ``m + S (S + σ² I)⁻¹ (x - m)`` with the covariance ``S`` from the sums (Wiener 1949).
    """
    covariance, mean = told.covariance(part), told.mean[part]
    noisy = covariance + (noise**2 + 1e-6) * np.eye(len(mean))
    return mean + np.linalg.solve(noisy, (rows - mean).T).T @ covariance


def sampled_codes(
    told: Joint, layout: Layout, target: np.ndarray, rng: np.random.Generator, *, count: int, spread: float
) -> np.ndarray:
    """Codes ``[count, H]`` float64 drawn from the Gaussian of the top code given ``target [C]`` bytes.

    Mean and covariance are those of the conditional distribution, from the sums; of the covariance only the
    `LEADING` components, since the many small ones draw speckles, not shapes. ``spread`` scales the deviations.
    """
    weights = regress(told, layout.targets, layout.code, penalty=1e-6)
    told_of_target = weights.coefficients.T @ told.covariance(layout.targets) @ weights.coefficients
    variances, vectors = leading(told.covariance(layout.code) - told_of_target, LEADING)
    drawn = rng.standard_normal((count, len(variances))) * np.sqrt(np.maximum(variances, 0))
    return weights.scores(target[None]) + spread * drawn @ vectors.T


def leading(covariance: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``count`` largest eigenvalues of ``covariance [H, H]``, or all if there are fewer, and their vectors.

    >>> leading(np.diag([1.0, 5.0, 3.0]), 2)[0]
    array([3., 5.])
    """
    from scipy.sparse.linalg import eigsh

    if len(covariance) <= 3 * count:
        variances, vectors = np.linalg.eigh(covariance)
        return variances[-count:], vectors[:, -count:]
    return eigsh(covariance, k=count, v0=np.ones(len(covariance)))

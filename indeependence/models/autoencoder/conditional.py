"""The conditional mean of one part of a row given another, in closed form from the sums of whole rows."""

from __future__ import annotations

import numpy as np

from indeependence.exact import TOP
from indeependence.models.autoencoder.cut_noise import seen_through
from indeependence.models.autoencoder.layout import Layout
from indeependence.moments.regression import Joint, regress

LEADING = 30  # components of a class's Gaussian that are drawn


def complete(sums: Joint, rows: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return ``rows`` float64 ``[N, R]`` with all entries that are not ``known`` (bool ``[N, R]``) replaced.

    Each is replaced by its conditional mean given the known entries of its row, which stay as they are. There is one
    solve for each pattern of known entries.
    """
    filled = np.array(rows, np.float64)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    for index, pattern in enumerate(patterns):
        chosen = which.ravel() == index
        given, missing = np.flatnonzero(pattern), np.flatnonzero(~pattern)
        if not len(missing):
            continue
        if not len(given):
            filled[chosen] = sums.mean[: rows.shape[1]]
            continue
        weights = regress(sums, given, missing)
        filled[np.ix_(chosen, missing)] = weights.scores(filled[np.ix_(chosen, given)])
    return filled


def denoised(sums: Joint, rows: np.ndarray, part: slice, noise: float) -> np.ndarray:
    """Return the mean ``[N, K]`` of a clean ``part`` given ``rows [N, K]`` with noise, in full bytes.

    ``noise`` is its standard deviation, above 0. This is the Wiener filter ``m + S A (A S A + R)⁻¹ (x - m')`` with the
    covariance ``S`` from the sums (Wiener 1949), for noise that was cut to 0..1 with the values that it was added to:
    `seen_through` has ``m'``, the slopes ``A`` and the remaining variances ``R``.
    """
    mean, covariance = sums.mean[part] / TOP, sums.covariance(part) / TOP**2
    seen = seen_through(mean, covariance, noise)
    return mean + np.linalg.solve(seen.covariance, (rows - seen.mean).T).T @ (seen.slope[:, None] * covariance)


def sampled_codes(
    sums: Joint, layout: Layout, target: np.ndarray, rng: np.random.Generator, *, count: int, spread: float
) -> np.ndarray:
    """Return codes float64 ``[count, H]`` drawn from the Gaussian of the top code given ``target [C]`` bytes.

    Mean and covariance are those of the conditional distribution, from the sums. Only the `LEADING` components of the
    covariance are drawn, since the many small ones draw speckles, not shapes. ``spread`` scales the deviations.
    """
    weights = regress(sums, layout.targets, layout.code, penalty=1e-6)
    explained = weights.coefficients.T @ sums.covariance(layout.targets) @ weights.coefficients
    variances, vectors = leading(sums.covariance(layout.code) - explained, LEADING)
    drawn = rng.standard_normal((count, len(variances))) * np.sqrt(np.maximum(variances, 0))
    return weights.scores(target[None]) + spread * drawn @ vectors.T


def drawn_codes(sums: Joint, codes: slice, rng: np.random.Generator, *, count: int, spread: float) -> np.ndarray:
    """Return ``codes`` float64 ``[count, H]`` drawn from their Gaussian, of its `LEADING` components alone."""
    variances, vectors = leading(sums.covariance(codes), LEADING)
    drawn = rng.standard_normal((count, len(variances))) * np.sqrt(np.maximum(variances, 0))
    return sums.mean[codes] + spread * drawn @ vectors.T


def leading(covariance: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``count`` largest eigenvalues of ``covariance [H, H]``, or all if there are fewer, and their vectors.

    >>> leading(np.diag([1.0, 5.0, 3.0]), 2)[0]
    array([3., 5.])
    """
    from scipy.sparse.linalg import eigsh

    if len(covariance) <= 3 * count or not covariance.any():  # of examples that are all the same, nothing varies
        variances, vectors = np.linalg.eigh(covariance)
        return variances[-count:], vectors[:, -count:]
    return eigsh(covariance, k=count, v0=np.ones(len(covariance)))

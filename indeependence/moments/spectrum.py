"""How the variance of a code is spread over its directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Spectrum:
    """How the variance of a code is spread over its directions."""

    eigenvalues: np.ndarray  # [K] the largest of the covariance, largest first
    total: float  # of all of them
    units: int  # H
    effective: float  # (Σ e)² / Σ e²: as many equal directions would be spread as widely

    @property
    def explained(self) -> np.ndarray:
        """The share ``[K]`` of all variance that the first 1, 2, … K directions hold."""
        return np.cumsum(self.eigenvalues) / self.total


def spectrum_of(covariance: np.ndarray, *, count: int = 100) -> Spectrum | None:
    """Return the spectrum of a covariance ``[H, H]``, its ``count`` largest eigenvalues; None if nothing varies.

    Few eigenvalues of a large matrix are found by a randomised projection (Halko, Martinsson & Tropp 2011); their sum
    and the sum of their squares are the trace and the squared norm of the covariance, which need no eigenvalue.

    >>> found = spectrum_of(np.diag([3.0, 1.0, 0.0]))
    >>> found.eigenvalues, round(found.effective, 6)
    (array([3., 1., 0.]), 1.6)
    """
    from sklearn.utils.extmath import randomized_svd

    total, squares = float(np.trace(covariance)), float(np.sum(covariance**2))
    if total <= 0 or not np.isfinite(squares) or squares <= 0:
        return None
    count = min(count, len(covariance))
    if len(covariance) <= 4 * count:
        values = np.linalg.eigvalsh(covariance)[::-1][:count]
    else:
        values = randomized_svd(covariance, count, n_iter=4, random_state=0)[1]
    return Spectrum(np.clip(values, 0, None), total, len(covariance), total**2 / squares)

"""Sums as if every code had been learned with noise on it: in closed form, without a noisy example."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.centred import Centred


def with_noise(centred: Centred, covariance: np.ndarray, strength: float = 1.0) -> Centred:
    """Return the same sums about the means, solved as if each code had noise of ``strength`` times the ``covariance``.

    ``E ‖Wᵀ(h + n) - y‖² = ‖Wᵀh - y‖² + tr Wᵀ E[n nᵀ] W`` for noise ``n`` whose mean is 0 for every code: training with
    noise is the same as adding N times its covariance ``[H, H]`` to ``Σ h hᵀ`` (Bishop 1995; Chen et al. 2012). The
    expected error is then that of a noisy example. `indeependence.experiment.noise.noise_covariance` measures the
    covariance. Raise `InputError` if it does not fit the sums or is not a covariance.

    >>> from indeependence.moments.moments import Moments
    >>> from indeependence.moments.centred import centre
    >>> from indeependence.moments.ridge import ridge
    >>> rows = np.array([[1, 0], [3, 0]], np.uint8), np.array(["a", "b"])
    >>> clean = centre(Moments.empty("encoder", 2).learn([rows]))
    >>> [ridge(one, 0.001).coefficients[0, 1].round(2) for one in (clean, with_noise(clean, np.eye(2)))]
    [np.float64(0.5), np.float64(0.25)]
    """
    if covariance.shape != centred.scatter.shape:
        raise InputError(f"expected a covariance {centred.scatter.shape}, of this encoder, got {covariance.shape}")
    if not np.isfinite(covariance).all() or (covariance.diagonal() < 0).any():
        least = covariance.diagonal().min()
        raise InputError(f"expected a covariance of finite numbers, with variances of at least 0, got {least}")
    if not 0 <= strength < np.inf:
        raise InputError(f"expected a strength of noise of at least 0, got {strength}")
    return replace(centred, noise=(strength * centred.count) * covariance)

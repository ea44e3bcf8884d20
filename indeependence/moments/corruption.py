"""Sums as if every example had been learned with noise on its code: in closed form, without a noisy example."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.solvers import Centred


def with_noise(centred: Centred, noise: np.ndarray, strength: float = 1.0) -> Centred:
    """The same sums about the means with ``strength`` times the noise ``[H, H]`` on each example's code.

    ``E ‖W (h + n) - y‖² = ‖W h - y‖² + tr W E[n nᵀ] Wᵀ`` for noise ``n`` of mean 0 that does not depend on ``h``: N
    times its mean products on ``Σ h hᵀ`` is all that training with noise comes to (Bishop 1995; Chen et al. 2012). What
    solves the sums does not change, and cross-validation then tells the error of noisy examples.
    ``indeependence.robustness.noise_products`` measures the products. InputError if they do not fit.

    >>> from indeependence.moments.accumulator import Moments, accumulate
    >>> from indeependence.moments.solvers import centre
    >>> rows = np.array([[1, 0], [3, 0]], np.uint8), np.array(["a", "b"])
    >>> with_noise(centre(accumulate(Moments.empty("encoder", 2), [rows])), np.eye(2), 0.5).scatter
    array([[3., 0.],
           [0., 1.]])
    """
    if noise.shape != centred.scatter.shape:
        raise InputError(f"expected products of noise {centred.scatter.shape}, of this encoder, got {noise.shape}")
    if not 0 <= strength < np.inf:
        raise InputError(f"expected a strength of noise of at least 0, got {strength}")
    return replace(centred, scatter=centred.scatter + (strength * centred.count) * noise)

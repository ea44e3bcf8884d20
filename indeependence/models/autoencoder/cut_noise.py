"""Gaussian noise as pictures have it: what it pushes below 0 or above 255 is cut off, so black stays nearly black."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.exact import TOP

LEVELS = np.linspace(0, 1, TOP + 1)  # of a byte
STILL = 1e-6  # variance, in full bytes: below it a value counts as constant
FAR = 1e6  # deviations in a full byte
LEAST = 1e-4  # parameter of a beta distribution


@dataclass(frozen=True, eq=False)
class Seen:
    """What is known of noisy values ``[D]``, in full bytes: ``seen ≈ mean + slope (clean - its mean) + the rest``."""

    mean: np.ndarray
    slope: np.ndarray
    covariance: np.ndarray  # [D, D]


def seen_through(mean: np.ndarray, covariance: np.ndarray, noise: float) -> Seen:
    """Return what noise of this deviation makes of values with this ``mean [D]`` and ``covariance [D, D]``.

    All are in full bytes. The noise that is left in a value depends on how near to an end it lies, and sums do not
    tell how values are spread. They are taken as beta distributed, the usual family on 0..1 with a given mean and
    variance. The slope is that of linear regression (Bussgang 1952).
    """
    variance = covariance.diagonal()
    shares = beta_shares(mean, variance)
    expected, left = cut_moments(noise)

    def average(values: np.ndarray) -> np.ndarray:
        return shares @ values

    centre = average(expected)
    spread = average(LEVELS**2) - average(LEVELS) ** 2
    shared = average(expected * LEVELS) - centre * average(LEVELS)
    slope = np.where(spread > STILL, shared / np.maximum(spread, STILL), 1.0)
    found = slope[:, None] * covariance * slope
    bent = average(expected**2) - centre**2 - slope**2 * variance  # what the line leaves of the expected values
    found[np.diag_indices(len(mean))] += np.maximum(bent, 0) + average(left) + STILL
    return Seen(centre, slope, found)


def cut_moments(noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance ``[256]`` of each level of a byte with noise of this deviation, cut to 0..1.

    >>> mean, variance = cut_moments(0.1)
    >>> mean[[0, 128]].round(3), np.sqrt(variance[[0, 128]]).round(3)
    (array([0.04 , 0.502]), array([0.058, 0.1  ]))
    """
    from scipy.stats import norm

    noise = min(max(noise, 1 / FAR), FAR)  # beyond, nothing or everything is cut, and squares would overflow
    low, high = -LEVELS / noise, (1 - LEVELS) / noise
    inside, above = norm.cdf(high) - norm.cdf(low), norm.sf(high)
    mean = LEVELS * inside + noise * (norm.pdf(low) - norm.pdf(high)) + above
    square = (LEVELS**2 + noise**2) * inside + noise * (LEVELS * norm.pdf(low) - (1 + LEVELS) * norm.pdf(high)) + above
    return mean, np.maximum(square - mean**2, 0)


def beta_shares(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return the share ``[D, 256]`` of each level of a byte in beta distributions of this ``mean`` and ``variance``.

    >>> beta_shares(np.array([0.5]), np.array([0.25]))[0, [0, 128, 255]].round(2)  # only black and white have it
    array([0.5, 0. , 0.5])
    """
    from scipy.special import betainc

    size = np.maximum(mean * (1 - mean) / np.maximum(variance, STILL) - 1, LEAST)
    one, other = np.maximum(mean * size, LEAST), np.maximum((1 - mean) * size, LEAST)
    ends = np.clip((np.arange(TOP + 2) - 0.5) / TOP, 0, 1)
    return np.diff(betainc(one[:, None], other[:, None], ends), axis=1)

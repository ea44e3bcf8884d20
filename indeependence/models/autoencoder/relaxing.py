"""From white noise to a picture of a class: a code relaxes towards what the class's sums expect."""

from __future__ import annotations

import numpy as np

from indeependence.models.autoencoder.mixture import Mixture
from indeependence.moments.sketch import MIDDLE

ROUNDS = 60
MOST, LEAST = 2000.0, 0.5  # deviations of the noise in codes: of the first round, far above any code, and of the last


def relaxed(mixture: Mixture, noise: np.ndarray, spread: float) -> list[np.ndarray]:
    """Return codes float64 ``[N, K]`` after 0, 1, … `ROUNDS` rounds, which start from ``noise`` of deviation 1.

    In each round a code moves towards the mean of all codes of the class that it may be a noisy form of, and its noise
    becomes smaller by a factor. At the end it is drawn from the class's mixture: the flow of Song et al. 2021, whose
    denoiser is here known in closed form and not learned.
    """
    deviations = np.geomspace(MOST, LEAST, ROUNDS)
    codes = [MIDDLE + MOST * noise]
    for deviation, after in zip(deviations, [*deviations[1:], 0.0], strict=True):
        clean = expected(mixture, codes[-1], deviation, spread)
        codes.append(clean + after / deviation * (codes[-1] - clean))
    return codes


def expected(mixture: Mixture, codes: np.ndarray, deviation: float, spread: float = 1.0) -> np.ndarray:
    """Return the mean ``[N, K]`` of a code of the class given the same with noise of a standard ``deviation``."""
    noise = deviation**2
    scores, means = [], []
    for share, (mean, variances, vectors) in zip(mixture.shares, mixture.gaussians, strict=True):
        variances = spread**2 * variances
        apart = codes - mean
        within = apart @ vectors
        outside = (apart**2).sum(1) - (within**2).sum(1)
        logs = np.log(variances + noise).sum() + (codes.shape[1] - len(variances)) * np.log(noise)
        scores.append(np.log(share) - (within**2 / (variances + noise)).sum(1) / 2 - outside / (2 * noise) - logs / 2)
        means.append(mean + within * (variances / (variances + noise)) @ vectors.T)
    likely = np.exp(np.array(scores) - np.max(scores, axis=0))
    return np.einsum("rn,rnk->nk", likely / likely.sum(0), np.array(means))

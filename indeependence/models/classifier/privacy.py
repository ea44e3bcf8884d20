"""Weights from noisy sums, with a bound (ε, δ) on what they reveal about any one example.

"Analyze Gauss" (Dwork, Talwar, Thakurta & Zhang, STOC 2014) adds Gaussian noise to the upper triangle of a matrix of
products; the noise is as large as the exact condition of Balle & Wang (ICML 2018, theorem 8) asks for. Two sets of
examples are neighbours if one has an example more. The encoder is taken as public, and so are the labels.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_ndtr

from indeependence.encoder.encoder import Encoder, check_one_member
from indeependence.errors import InputError, some
from indeependence.exact import TOP
from indeependence.models.classifier.normal_noise import rounded_noise
from indeependence.moments.centred import Centred, centre
from indeependence.moments.moments import Label, Moments, sorted_labels
from indeependence.moments.ridge import least_ridge
from indeependence.moments.weights import Weights

Normal = Callable[[int], np.ndarray]  # so many independent standard normal numbers, float64
SMALLEST = 1e-3  # ε: below, the noise would drown anything
FEW = 10  # examples of a class; the names of smaller classes are pointed out


@dataclass(frozen=True)
class Privacy:
    """The bound: with or without one example, no set of outcomes is more than e^ε times as likely, except for δ.

    Raise `InputError` for an epsilon below 0.001 and for a delta that is not between 0 and 1.
    """

    epsilon: float
    delta: float

    def __post_init__(self) -> None:
        if not SMALLEST <= self.epsilon < math.inf:
            raise InputError(f"expected an epsilon of at least {SMALLEST}, got {self.epsilon:g}: try 1")
        if not 0 < self.delta < 1:
            raise InputError(f"expected a delta above 0 and below 1, got {self.delta:g}: try 1e-6")


@dataclass(frozen=True)
class Noise:
    """The standard deviation of the noise on one number of each kind of sums."""

    products: float  # Σ h hᵀ
    cross: float  # Σ h yᵀ
    counts: float  # Σ y


def noise_for(longest: float, privacy: Privacy) -> Noise:
    """Return the least noise that keeps ``privacy`` if no code is longer than ``longest``.

    Σ h yᵀ and Σ y are small compared with Σ h hᵀ and would drown in the same noise. They are published in multiples, of
    ``longest / 2`` and ``longest² / 4``, and their noise is divided by the same; `sensitivity` counts the multiples.
    """
    deviation = gaussian_scale(privacy) * sensitivity(longest)
    cross, counts = _multiples(longest)
    return Noise(deviation, deviation / cross, deviation / counts)


def _multiples(longest: float) -> tuple[float, float]:
    return longest / 2, longest**2 / 4


def sensitivity(longest: float) -> float:
    """Return how far, in Euclidean length, one example can move the published sums.

    No code is longer than ``longest``. The upper triangle of ``h hᵀ`` has the squared length ``(‖h‖⁴ + Σ hᵢ⁴) / 2``,
    and ``Σ hᵢ⁴ ≤ 255² ‖h‖²``.
    """
    cross, counts = _multiples(longest)
    triangle = (longest**4 + min(TOP, longest) ** 2 * longest**2) / 2
    return math.sqrt(triangle + (cross * longest) ** 2 + counts**2)


def gaussian_delta(epsilon: float, scale: float) -> float:
    """Return the least δ that Gaussian noise of ``scale`` times the sensitivity keeps at ``epsilon``, exactly.

    ``Φ(1/2σ - εσ) - e^ε Φ(-1/2σ - εσ)``: theorem 8 of Balle & Wang (2018).

    >>> round(gaussian_delta(1.0, 3.7305), 7)
    1e-05
    """
    upper, lower = 0.5 / scale - epsilon * scale, -0.5 / scale - epsilon * scale
    return max(0.0, math.exp(log_ndtr(upper)) - math.exp(epsilon + log_ndtr(lower)))


def gaussian_scale(privacy: Privacy) -> float:
    """Return the least noise, as a multiple of the sensitivity, that keeps ``privacy``; rounded up.

    >>> round(gaussian_scale(Privacy(1.0, 1e-5)), 3)
    3.731
    """
    from scipy.optimize import brentq  # slow to load, and answers do not need it

    def excess(log_scale: float) -> float:
        return gaussian_delta(privacy.epsilon, math.exp(log_scale)) - privacy.delta

    low, high = -1.0, 1.0
    while excess(low) < 0:
        low *= 2
    while excess(high) > 0:
        high *= 2
    scale = math.exp(brentq(excess, low, high, xtol=1e-12))
    while gaussian_delta(privacy.epsilon, scale) > privacy.delta:
        scale *= 1 + 1e-9
    return scale


def noisy(moments: Moments, noise: Noise, *, normal: Normal | None = None) -> Moments:
    """Return the sums with noise on every number, rounded to whole numbers.

    Everything that is computed from them keeps the bound. They need not be the sums of any examples: counts may be
    wrong, products negative, and their matrix not positive semi-definite. ``normal`` draws standard normal numbers for
    tests; otherwise `rounded_noise` draws.
    """

    def drawn(deviation: float, count: int) -> np.ndarray:
        return (
            rounded_noise(deviation, count) if normal is None else np.rint(deviation * normal(count)).astype(np.int64)
        )

    products, units = moments.products.copy(), moments.units
    for i in range(units):
        products[i, i:] += drawn(noise.products, units - i)
    cross = moments.cross + drawn(noise.cross, moments.cross.size).reshape(moments.cross.shape)
    counts = np.maximum(moments.counts + drawn(noise.counts, len(moments.counts)), 1)
    return replace(moments, products=products, cross=cross, counts=counts, dropped=0)


def least_delta(moments: Moments) -> float:
    """Return the least δ that the noise can be said to keep: 2⁻⁵² for each number that gets some.

    Each is 2⁻⁶⁴ from what it should be, in all: the tails end. Up to ε = 8 that costs less than 2⁻⁵² of δ.
    """
    numbers = moments.units * (moments.units + 1) // 2 + moments.cross.size + len(moments.counts)
    return numbers / 2.0**52


def private_weights(
    moments: Moments,
    encoder: Encoder,
    privacy: Privacy,
    *,
    labels: Sequence[Label] | None = None,
    normal: Normal | None = None,
) -> tuple[Weights, Noise]:
    """Return weights that keep ``privacy``, and the noise that they needed.

    The scatter of the noisy sums is replaced by the nearest positive semi-definite one. The ridge penalty is the noise
    on one product times √H, half of the largest eigenvalue of noise alone, so it does not depend on the exact sums.
    The weights are of exactly the ``labels`` that everybody may know, whether or not there are examples of each; by
    default of those that were learned, whose list is then revealed.

    Raise `InputError` if the model has learned nothing or a class that is not among the labels, if it has several
    members or learns several copies of each example, and for a delta that the noise cannot keep. Warn of a delta above
    1/N.
    """
    if not moments.count:
        raise InputError("the model has learned no examples yet: train it first")
    check_one_member(encoder)
    if encoder.copies > 1:
        raise InputError(
            "expected an encoder that learns each example once, got one with shifted copies: "
            "train with --layers without shift, such as patches:16,norm"
        )
    noise = noise_for(encoder.longest, privacy)
    seen = _listed(moments.only(moments.counts > 0), labels)
    _check_delta(privacy.delta, seen)
    if labels is None:
        _point_out_small_classes(seen)
    centred = _repaired(centre(noisy(seen, noise, normal=normal)))
    penalty = noise.products * math.sqrt(seen.units) / centred.scale
    weights = least_ridge(centred, penalty)
    error = weights.expected_error + _fitted_noise(weights, centred, noise)
    return replace(weights, expected_error=error), noise


def _fitted_noise(weights: Weights, centred: Centred, noise: Noise) -> float:
    """Return by how much the expected error of an example looks too small, since the weights fit the noise, too.

    With noise E of deviation σ on ``Σ h yᵀ``, the weights are ``W = (S + λI)⁻¹ (Q + E)``, and their error from the
    noisy sums has ``-2 tr WᵀE`` too much: on average ``-2σ² C tr (S + λI)⁻¹``. That trace is ``(H - df) / λ``.
    Without it, probabilities of nearly 1 would be told of answers that are mostly noise.
    """
    units, classes = centred.cross.shape
    trace = (units - weights.effective_units) / (weights.penalty * centred.scale)
    return 2 * noise.cross**2 * classes * trace / centred.count


def _listed(seen: Moments, labels: Sequence[Label] | None) -> Moments:
    """Return the sums with a column for each of the public ``labels``."""
    if labels is None:
        return seen
    secret = [str(label) for label in seen.labels if label not in labels]
    if secret:
        raise InputError(f"--labels: expected all classes of the model, got none of {some(secret)}: add or forget them")
    return seen.grown(sorted_labels(labels))


def _point_out_small_classes(seen: Moments) -> None:
    few = [str(label) for label, count in zip(seen.labels, seen.counts, strict=True) if count < FEW]
    if few:
        warnings.warn(
            f"classes of fewer than {FEW} examples: {some(few)}. The list of labels is exported and shows that "
            "somebody is in each: give the public list (--labels), or forget them first",
            UserWarning,
            stacklevel=3,
        )


def _check_delta(delta: float, seen: Moments) -> None:
    least, share = least_delta(seen), 1 / seen.count
    if delta < least:
        raise InputError(f"expected a delta of at least {least:.2g}, what noise of 64 bits can keep, got {delta:g}")
    if delta > share:
        warnings.warn(
            f"delta {delta:g} is above one over the number of examples, {share:.2g}: it would allow giving one of them "
            "away whole. Take a smaller one",
            UserWarning,
            stacklevel=3,
        )


def _repaired(centred: Centred) -> Centred:
    """Return ``centred`` with the nearest positive semi-definite scatter."""
    values, vectors = np.linalg.eigh(centred.scatter)
    scatter = (vectors * np.maximum(values, 0)) @ vectors.T
    scale = float(scatter.diagonal().mean())
    return replace(centred, scatter=(scatter + scatter.T) / 2, scale=scale if scale > 0 else 1.0)

"""From sums to the weights of ridge regression: pure functions, and the only place where anything is divided."""

from __future__ import annotations

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.centred import LEAST_VARIANCE, Centred
from indeependence.moments.curve import Curve, curve_around
from indeependence.moments.penalty import LARGEST
from indeependence.moments.probes import probes_of
from indeependence.moments.weights import Weights

STEP = 4.0  # from one penalty tried to the next where each costs a factorisation
FINE = 2.0  # where it costs next to nothing; the error is flat around its minimum
LOWEST, HIGHEST = LEAST_VARIANCE, 4.0**6
START = 4.0**-4
ROUNDS = 12  # of factorisations at most, to find a penalty
CAUTION = 1.2  # on the degrees of freedom, when a penalty is chosen


def ridge(centred: Centred, penalty: float) -> Weights | None:
    """Return the weights that minimise ``Σ ‖Wᵀ(h - mean) - (y - mean)‖² + penalty·scale·‖W‖²``; None if singular.

    One Cholesky factor in float64 gives the weights and, by ``tr S (S + λI)⁻¹`` from random probes (Hutchinson 1989),
    their degrees of freedom ``df`` and generalised cross-validation error ``N·RSS / (N - 1 - df)²`` per example (Golub,
    Heath & Wahba 1979). The criterion is the same with ``1.2 df``, which keeps it from choosing almost no penalty
    where units are about as many as examples (Kim & Gu 2004).
    """
    absolute = penalty * centred.scale
    if centred.noise is None and penalty >= LOWEST and centred.parts is not None:
        coefficients = centred.parts.solve(centred.cross, absolute)
        return _weights(centred, penalty, coefficients, centred.parts.effective_units(absolute))
    units, classes = centred.cross.shape
    factor = centred.factor(absolute)
    if factor is None:
        return None
    probes = probes_of(units)
    solved = factor.solve(np.hstack([centred.cross, probes]))
    coefficients = solved[:, :classes]
    shrinking = absolute * probes if centred.noise is None else absolute * probes + centred.noise @ probes
    return _weights(centred, penalty, coefficients, units - float(np.mean(np.sum(shrinking * solved[:, classes:], 0))))


def _weights(centred: Centred, penalty: float, coefficients: np.ndarray, effective_units: float) -> Weights:
    """Return the weights of these ``coefficients [H, C]``, with the errors that they should have."""
    absolute = penalty * centred.scale
    # Σ y² - 2 tr WᵀQ + tr Wᵀ(S + noise)W, with (S + noise) W = Q - λ W by the normal equation.
    residual = float(
        np.sum(centred.target_scatter) - np.sum(coefficients * centred.cross) - absolute * np.sum(coefficients**2)
    )
    return Weights(
        labels=centred.labels,
        coefficients=coefficients,
        intercept=centred.target_mean - centred.code_mean @ coefficients,
        penalty=penalty,
        effective_units=effective_units,
        expected_error=cross_validated(residual, centred, max(effective_units, 0.0)),
        criterion=cross_validated(residual, centred, CAUTION * effective_units),
    )


def cross_validated(residual: float, centred: Centred, effective_units: float) -> float:
    """Return ``RSS/N · (M / (M - 1 - df))²`` of N examples, M of them distinct; infinite where no freedom is left."""
    count, distinct = centred.count, centred.distinct
    freedom = distinct - 1 - effective_units
    return max(residual, 0.0) * (distinct * distinct / count) / freedom**2 if freedom > 0 else np.inf


def best_ridge(centred: Centred, *, start: float = START) -> Weights:
    """Return ridge weights with the `best_penalty`."""
    return least_ridge(centred, best_penalty(centred, start=start))


def best_penalty(centred: Centred, *, start: float = START) -> float:
    """Return the penalty of least `Weights.criterion`: cross-validation from the sums alone.

    The search goes downhill from ``start``, in steps of a factor 2 on the curve of all penalties. Where that is known
    around a penalty only, another one is made when the search comes to its end; mostly one is enough.
    """
    if centred.noise is not None:  # its share of the degrees of freedom is not on the curve
        tried = [ridge(centred, START * STEP**k) for k in range(-8, 9)]
        return min((weights for weights in tried if weights is not None), key=lambda weights: weights.criterion).penalty
    best, inside = start, False
    for _ in range(ROUNDS):
        known = curve_around(centred, best * centred.scale)
        if known is not None:
            best, inside = _downhill(centred, known, best)
        elif best < HIGHEST:
            best *= STEP
        if inside:
            break
    return best


def _downhill(centred: Centred, known: Curve, start: float) -> tuple[float, bool]:
    """Return the penalty of least criterion downhill from ``start``, and whether it lies inside of what is known."""
    tried: dict[float, float] = {}
    total = float(np.sum(centred.target_scatter))
    low, high = max(known.lowest / centred.scale, LOWEST), min(known.highest / centred.scale, HIGHEST)

    def criterion(penalty: float) -> float:
        if penalty not in tried:
            absolute = penalty * centred.scale
            residual, units = total - known.explained(absolute), known.effective_units(absolute)
            tried[penalty] = cross_validated(residual, centred, CAUTION * units)
        return tried[penalty]

    best = start
    while np.isinf(criterion(best)) and best * FINE <= high:
        best *= FINE
    for factor in (FINE, 1 / FINE):
        while low <= best * factor <= high and criterion(best * factor) < criterion(best):
            best *= factor
    at_end = (best / FINE < low and low > LOWEST) or (best * FINE > high and high < HIGHEST)
    return best, not at_end


def least_ridge(centred: Centred, penalty: float) -> Weights:
    """Return finite ridge weights with the least penalty that has them, from ``penalty`` upwards by factors of 4.

    Raise `InputError` where no penalty has them: the sums are then not of any examples.
    """
    weights = ridge(centred, penalty)
    while weights is None or not np.isfinite(weights.coefficients).all():
        penalty = max(STEP * penalty, LOWEST)
        if not penalty <= LARGEST:
            raise InputError(
                f"{centred.count} examples, but their sums have no finite solution: use a copy of the file"
            )
        weights = ridge(centred, penalty)
    return weights

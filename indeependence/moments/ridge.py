"""From sums to the weights of ridge regression: pure functions, and the only place where anything is divided."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs

from indeependence.errors import InputError
from indeependence.moments.centred import LEAST_VARIANCE, Centred
from indeependence.moments.penalty import LARGEST
from indeependence.moments.weights import Weights

STEP = 4.0  # from one penalty tried to the next; the error is flat around its minimum
LOWEST, HIGHEST = LEAST_VARIANCE, 4.0**6
START = 4.0**-4
CAUTION = 1.2  # on the degrees of freedom, when a penalty is chosen
PROBES = 32  # random vectors that estimate a trace


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
    system = centred.scatter.copy() if centred.noise is None else centred.scatter + centred.noise
    system[np.diag_indices(units)] += absolute
    factor, failed = dpotrf(system.T, lower=1, overwrite_a=1)
    if failed:
        return None
    probes = _probes(units)
    solved, _ = dpotrs(factor, np.hstack([centred.cross, probes]), lower=1)
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
        expected_error=_cross_validated(residual, centred, max(effective_units, 0.0)),
        criterion=_cross_validated(residual, centred, CAUTION * effective_units),
    )


def _cross_validated(residual: float, centred: Centred, effective_units: float) -> float:
    """Return ``RSS/N · (M / (M - 1 - df))²`` of N examples, M of them distinct; infinite where no freedom is left."""
    count, distinct = centred.count, centred.distinct
    freedom = distinct - 1 - effective_units
    return max(residual, 0.0) * (distinct * distinct / count) / freedom**2 if freedom > 0 else np.inf


def best_ridge(centred: Centred, *, start: float = START) -> Weights:
    """Return ridge weights with the penalty of least `Weights.criterion`: cross-validation from the sums alone.

    The search goes downhill from ``start`` in steps of a factor 4; the start only decides how many steps it takes.
    """
    tried: dict[float, Weights | None] = {}

    def criterion(penalty: float) -> float:
        if penalty not in tried:
            tried[penalty] = ridge(centred, penalty) if LOWEST <= penalty <= HIGHEST else None
        weights = tried[penalty]
        return np.inf if weights is None else weights.criterion

    best = start
    while np.isinf(criterion(best)) and best < HIGHEST:
        best *= STEP
    for factor in (STEP, 1 / STEP):
        while criterion(best * factor) < criterion(best):
            best *= factor
    weights = tried[best]
    if weights is None:
        raise InputError(f"{centred.count} examples, but their sums have no finite solution: use a copy of the file")
    return weights


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


def _probes(units: int) -> np.ndarray:
    """Return columns z ``[H, P]`` with ``mean zᵀ A z = tr A``: exact for few units, seeded random signs for many."""
    if units <= 8 * PROBES:
        return np.sqrt(units) * np.eye(units)
    signs = np.random.default_rng(0).integers(0, 2, (units, PROBES))
    return signs * 2.0 - 1.0

"""From sums to weights: pure functions, and the only place where anything is divided."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs

from indeependence.errors import InputError
from indeependence.moments.gram import mirrored_upper
from indeependence.moments.low_rank import LowRank, low_rank
from indeependence.moments.moments import Label, Moments
from indeependence.moments.penalty import LARGEST, usable_penalty
from indeependence.moments.scores import softmax

STEP = 4.0  # from one penalty tried to the next; the error is flat around its minimum
LOWEST, HIGHEST = 4.0**-16, 4.0**6
START = 4.0**-4
CAUTION = 1.2  # on the degrees of freedom, when a penalty is chosen
PROBES = 32  # random vectors that estimate a trace
ROWS = 2048  # of codes, turned into scores at a time


@dataclass(frozen=True, eq=False)
class Centred:
    """Sums about the means: what ridge regression with an intercept needs."""

    labels: tuple[Label, ...]
    count: int  # N
    scatter: np.ndarray  # [H, H] float64: Σ (h - mean)(h - mean)ᵀ
    cross: np.ndarray  # [H, C] float64: Σ (h - mean)(y - mean)ᵀ
    target_scatter: np.ndarray  # [C] float64: Σ (y - mean)²
    code_mean: np.ndarray  # [H]
    target_mean: np.ndarray  # [C]
    scale: float  # mean of the scatter's diagonal: a penalty of 1 is as strong as the average unit
    noise: np.ndarray | None = None  # [H, H] float64: N E n nᵀ of noise n on the codes; None for no noise

    @cached_property
    def distinct(self) -> int:
        """The number of examples that cross-validation may count: all, or fewer where many are alike.

        A copy of an example tells nothing about unseen ones. Where there are no more examples than units, the rank of
        the scatter is one less than the number of distinct examples (for codes in general position), so the sums show
        how many are copies. With more examples than units they do not.
        """
        return self.count if self.parts is None else min(self.count, len(self.parts.sizes) + 1)

    @cached_property
    def parts(self) -> LowRank | None:
        """The scatter taken apart, where there are no more examples than units that vary; None elsewhere."""
        many = self.count > (self.scatter.diagonal() > 0).sum()
        return None if many else low_rank(self.scatter, LOWEST * self.scale)


@dataclass(frozen=True, eq=False)
class Weights:
    """A linear readout of codes, one column of scores for each class."""

    labels: tuple[Label, ...]
    coefficients: np.ndarray  # [H, C] float64
    intercept: np.ndarray  # [C] float64
    penalty: float  # λ over the mean variance of a unit
    effective_units: float  # degrees of freedom, tr S (S + λ I)⁻¹
    expected_error: float  # generalised cross-validation: mean squared error of one unseen example
    criterion: float  # what the choice of a penalty minimises; infinite where too few examples are left to judge it

    def scores(self, codes: np.ndarray) -> np.ndarray:
        """Return scores ``[N, C]`` of code rows ``[N, H]``: about 1 for the right class, about 0 for others."""
        # Rounded to float32 as in an exported file; added up in float64, so that the cut into batches hardly shows;
        # and row after row, as they come from a file, since a product's last bit depends on the order in memory.
        coefficients = self.coefficients.astype(np.float32).astype(np.float64, order="C")
        return np.concatenate(
            [
                codes[start : start + ROWS].astype(np.float64) @ coefficients + self.intercept
                for start in range(0, max(len(codes), 1), ROWS)
            ]
        )

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Return probabilities ``[N, C]``: the softmax of scores at `temperature`."""
        return softmax(scores / self.temperature)

    @property
    def temperature(self) -> float:
        """The expected error of one score on an unseen example, as a standard deviation.

        ``softmax(scores / temperature)`` turns scores into probabilities. The temperature follows from the sums alone.
        It is close to the one of least cross-entropy on held-out examples; this is an observation
        (`benchmarks/calibration.py`), not a theorem.
        """
        if not np.isfinite(self.expected_error):
            return 1.0
        return max(float(np.sqrt(self.expected_error / max(len(self.labels), 1))), 1e-3)


def centre(moments: Moments) -> Centred:
    """Return sums about the means from raw sums, in float64; integers are exact until the one subtraction.

    >>> rows = np.array([[1, 0], [3, 0]], np.uint8), np.array(["a", "b"])
    >>> centre(Moments.empty("encoder", 2).learn([rows])).scatter
    array([[2., 0.], [0., 0.]])
    """
    n = max(moments.count, 1)
    code_mean, target_mean = moments.code_sum / n, moments.counts / n
    scatter = mirrored_upper(moments.products)
    scatter -= np.outer(moments.code_sum, code_mean)
    cross = moments.cross - np.outer(moments.code_sum, target_mean)
    target_scatter = moments.counts * (1 - target_mean)
    scale = float(scatter.diagonal().mean())
    return Centred(
        moments.labels,
        moments.count,
        scatter,
        cross,
        target_scatter,
        code_mean,
        target_mean,
        scale if scale > 0 else 1.0,
    )


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


def solved(moments: Moments, penalty: float | str) -> Weights:
    """Return ridge weights from sums, with that ``penalty``; for "auto", with the one chosen by cross-validation.

    A number too small for the sums to have a solution is increased, with a warning.
    """
    penalty = usable_penalty(penalty)
    if isinstance(penalty, str):
        return best_ridge(centre(moments))
    weights = least_ridge(centre(moments), penalty)
    if weights.penalty > penalty:
        message = f"penalty raised from {penalty} to {weights.penalty:.3g}: below, the sums have no solution"
        warnings.warn(message, RuntimeWarning, stacklevel=3)
    return weights


def held_out_error(weights: Weights, moments: Moments) -> float:
    """Return the mean squared error of ``weights`` for each example of ``moments``, from their sums alone.

    ``Σ ‖Wᵀh - y‖² = tr Wᵀ G W - 2 tr Wᵀ Q + Σ y²`` with the sums ``G = Σ h hᵀ`` and ``Q = Σ h yᵀ``: no example is
    needed, so a model can be judged on data that may not leave another machine.
    """
    labels = tuple(dict.fromkeys((*weights.labels, *moments.labels)))
    known = len(weights.labels)
    sums = moments.grown(labels)
    # The intercept as the weight of one more unit that is always 1.
    coefficients = np.zeros((sums.units + 1, len(labels)))
    coefficients[:-1, :known], coefficients[-1, :known] = weights.coefficients, weights.intercept
    gram = np.empty((sums.units + 1, sums.units + 1))
    gram[:-1, :-1] = mirrored_upper(sums.products)
    gram[-1, :-1] = gram[:-1, -1] = sums.code_sum
    gram[-1, -1] = sums.count
    cross = np.vstack([sums.cross, sums.counts])
    total = np.sum(coefficients * (gram @ coefficients)) - 2 * np.sum(coefficients * cross) + sums.counts.sum()
    return float(total / max(sums.count, 1))


def _probes(units: int) -> np.ndarray:
    """Return columns z ``[H, P]`` with ``mean zᵀ A z = tr A``: exact for few units, seeded random signs for many."""
    if units <= 8 * PROBES:
        return np.sqrt(units) * np.eye(units)
    signs = np.random.default_rng(0).integers(0, 2, (units, PROBES))
    return signs * 2.0 - 1.0

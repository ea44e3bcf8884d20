"""From the sums of rows, which are codes followed by numbers in bytes, to a linear readout of these numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.centred import Centred
from indeependence.moments.cholesky import Factor
from indeependence.moments.gram import mirrored_upper
from indeependence.moments.moments import Moments
from indeependence.moments.penalty import usable_penalty
from indeependence.moments.ridge import best_ridge, least_ridge
from indeependence.moments.weights import Weights

BASE = 256
ROWS = 1024  # of codes, whose errors are found at a time
BYTES = 4  # of a number, the lowest first


@dataclass(frozen=True, eq=False)
class Joined:
    """The sums of rows ``[h, t]`` of codes ``h [H]`` and whole numbers ``t [T]`` about their means."""

    count: int
    scatter: np.ndarray  # [H, H] float64: Σ (h - mean)(h - mean)ᵀ
    cross: np.ndarray  # [H, T] float64: Σ (h - mean)(t - mean)
    target_scatter: np.ndarray  # [T] float64: Σ (t - mean)²
    code_mean: np.ndarray  # [H]
    target_mean: np.ndarray  # [T]

    def centred(self, target: int | None = None) -> Centred:
        """Return what ridge regression needs for one target, or all, in standard deviations from their means."""
        chosen = slice(None) if target is None else slice(target, target + 1)
        spread, scale = self.spread[chosen], float(self.scatter.diagonal().mean())
        return Centred(
            labels=tuple(range(len(spread))),
            count=self.count,
            scatter=self.scatter,
            cross=self.cross[:, chosen] / spread,
            target_scatter=self.target_scatter[chosen] / spread**2,
            code_mean=self.code_mean,
            target_mean=np.zeros(len(spread)),
            scale=scale if scale > 0 else 1.0,
        )

    @property
    def spread(self) -> np.ndarray:
        """The standard deviation of each target ``[T]``; 1 where all are equal."""
        found = np.sqrt(self.target_scatter / max(self.count, 1))
        return np.where(found > 0, found, 1.0)


def joined(sums: Moments, units: int, digits: int = BYTES) -> Joined:
    """Return the sums of codes of so many ``units`` and of the numbers of ``digits`` bytes behind them, about means.

    What is subtracted is exact before the one division, however far from 0 the numbers are.

    >>> rows = np.array([[1, 2, 1, 0, 0], [3, 4, 1, 0, 0]], np.uint8)  # one code unit, then 258 and 260
    >>> found = joined(Moments.empty("rows", 5).learn([(rows, np.zeros(2, np.int64))]), 1)
    >>> found.target_mean, found.target_scatter, found.cross
    (array([259.]), array([2.]), array([[2.]]))
    """
    count, total = max(sums.count, 1), sums.code_sum
    code_sum, digit_sum = total[:units], total[units:]
    targets = len(digit_sum) // digits
    powers = [BASE**k for k in range(digits)]

    def numbers(written: np.ndarray) -> np.ndarray:
        """Return whole numbers of Python ``[..., T]`` of their digits ``[..., D T]``."""
        apart = written.astype(object).reshape(*written.shape[:-1], targets, digits)
        return (apart * np.array(powers, object)).sum(-1)

    number_sum = numbers(digit_sum)
    cross = numbers(sums.products[:units, units:]) * count - np.multiply.outer(code_sum.astype(object), number_sum)
    places = [slice(units + digits * target, units + digits * (target + 1)) for target in range(targets)]
    squares = [_square_sum(sums.products[rows, rows], powers) for rows in places]
    within = [square * count - int(one) ** 2 for square, one in zip(squares, number_sum, strict=True)]
    scatter = mirrored_upper(sums.products[:units, :units])
    code_mean = code_sum / count
    scatter -= np.outer(code_sum, code_mean)
    return Joined(
        count=sums.count,
        scatter=scatter,
        cross=(cross / count).astype(np.float64).reshape(units, targets),
        target_scatter=np.array([one / count for one in within], np.float64),
        code_mean=code_mean,
        target_mean=np.array([int(one) / count for one in number_sum], np.float64),
    )


def _square_sum(products: np.ndarray, powers: Sequence[int]) -> int:
    """Return ``Σ t²`` of the products of the digits of ``t``, int64 ``[D, D]``, upper triangle."""
    pairs = ((i, j) for i in range(len(powers)) for j in range(i, len(powers)))
    return sum(int(products[i, j]) * powers[i] * powers[j] * (1 if i == j else 2) for i, j in pairs)


@dataclass(frozen=True, eq=False)
class NumberReadout:
    """A linear readout of numbers ``t [T]`` from codes: each target is solved as if it were alone."""

    sums: Joined
    weights: tuple[Weights, ...]  # one for each target, in standard deviations from its mean

    def numbers(self, codes: np.ndarray) -> np.ndarray:
        """Return the numbers ``[N, T]`` float64 that are expected after codes ``[N, H]``."""
        scores = np.hstack([weights.scores(codes) for weights in self.weights])
        return self.sums.target_mean + scores * self.sums.spread

    def errors(self, codes: np.ndarray) -> np.ndarray:
        """Return the standard deviation ``[N, T]`` that the error of each number should have.

        It is that of an unseen example by generalised cross-validation, larger where a code is far from all that was
        learned: by ``1 + 1/N + (h - mean)ᵀ (S + λ I)⁻¹ (h - mean)``, whose mean over the learned ones is divided out.
        Infinite where too few examples are left to tell.
        """
        starts = range(0, max(len(codes), 1), ROWS)
        return np.concatenate([self._errors(codes[start : start + ROWS]) for start in starts])

    @cached_property
    def _factors(self) -> list[Factor | None]:
        """The factor of the scatter with the penalty of each target."""
        parts = [self.sums.centred(target) for target in range(len(self.weights))]
        return [part.factor(one.penalty * part.scale) for part, one in zip(parts, self.weights, strict=True)]

    def _errors(self, codes: np.ndarray) -> np.ndarray:
        sums, columns = self.sums, []
        away = (codes.astype(np.float64) - sums.code_mean).T
        for factor, weights, spread in zip(self._factors, self.weights, sums.spread, strict=True):
            leverage = np.zeros(len(codes)) if factor is None else np.sum(away * factor.solve(away), 0)
            usual = 1 + (1 + max(weights.effective_units, 0.0)) / max(sums.count, 1)
            grown = (1 + 1 / max(sums.count, 1) + leverage) / usual
            columns.append(np.sqrt(weights.expected_error * grown) * spread)
        return np.stack(columns, 1)


def solved_numbers(
    sums: Moments, units: int, penalty: float | str, *, penalties: Sequence[float] | None = None
) -> NumberReadout:
    """Return ridge regression of the numbers behind codes of so many ``units``; "auto": cross-validated for each.

    Instead, ``penalties`` are one for each. Raise `InputError` for sums of nothing.
    """
    penalty, found = usable_penalty(penalty), joined(sums, units)
    if not sums.count:
        raise InputError("the model has learned no examples yet: train it first")
    parts = [found.centred(target) for target in range(len(found.target_mean))]
    if penalties is not None:
        return NumberReadout(found, tuple(map(least_ridge, parts, penalties)))
    solve = (lambda part: best_ridge(part)) if isinstance(penalty, str) else (lambda part: least_ridge(part, penalty))
    return NumberReadout(found, tuple(map(solve, parts)))

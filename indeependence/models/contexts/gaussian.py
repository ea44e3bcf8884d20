"""The likelihood of inputs under those that a context has seen: a diagonal Gaussian from exact whole-number sums."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indeependence.exact import TOP, check_size
from indeependence.moments.narrow import narrowest

FLOOR = 0.1  # of the mean variance, added to each: a value that has never varied may vary later
STEP = 1 / 12  # variance of rounding to whole steps, the smallest possible
ROWS = 2048  # of inputs at a time


@dataclass(frozen=True, eq=False)
class InputSums:
    """``N``, ``Σ x`` and ``Σ x²`` of 8-bit inputs ``x [N, D]``: whole numbers, so no order of adding matters.

    >>> sums = InputSums.empty(2).learn(np.array([[1, 0], [3, 0]], np.uint8))
    >>> sums.mean, sums.squares
    (array([2., 0.]), array([10,  0]))
    """

    count: int  # N
    total: np.ndarray  # [D] int64: Σ x
    squares: np.ndarray  # [D] int64: Σ x²

    @classmethod
    def empty(cls, size: int) -> InputSums:
        """Return empty sums for inputs of ``size`` values."""
        return cls(0, np.zeros(size, np.int64), np.zeros(size, np.int64))

    def learn(self, inputs: np.ndarray) -> InputSums:
        """Return these sums plus those of ``inputs``, uint8 ``[N, ...]``.

        Raise `InputError` for more examples than can be added up exactly.
        """
        rows = inputs.reshape(len(inputs), -1)
        check_size(self.count + len(rows))
        squares = np.square(rows, dtype=np.uint32).sum(0, dtype=np.int64)
        return InputSums(self.count + len(rows), self.total + rows.sum(0, dtype=np.int64), self.squares + squares)

    @property
    def mean(self) -> np.ndarray:
        """The mean input, float64 ``[D]``."""
        return self.total / max(self.count, 1)

    @cached_property
    def variance(self) -> np.ndarray:
        """The variance of each value, float64 ``[D]`` above 0, plus a tenth of the mean variance."""
        exact = self.squares / max(self.count, 1) - self.mean**2
        return np.maximum(exact, 0) + max(FLOOR * float(exact.mean()), STEP)

    @property
    def nbytes(self) -> int:
        """The size of both sums in a file, in bytes."""
        return narrowest(self.total).nbytes + narrowest(self.squares).nbytes

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of all sums."""
        digest = hashlib.sha256(str(self.count).encode())
        digest.update(self.total.astype("<i8").tobytes() + self.squares.astype("<i8").tobytes())
        return digest.hexdigest()


def possible(sums: InputSums) -> bool:
    """Return whether bytes have such sums: ``x <= x² <= 255 x``, ``x <= 255``, and ``(Σ x)² <= N Σ x²``."""
    count, total, squares = sums.count, sums.total, sums.squares
    bytes_ = (total >= 0) & (total <= TOP * count) & (squares >= total) & (squares <= TOP * total)
    return bool(bytes_.all() and (total / max(count, 1) * total <= squares * (1 + 1e-12)).all())


def log_likelihoods(known: Sequence[InputSums], inputs: np.ndarray) -> np.ndarray:
    """Return log-likelihoods float64 ``[N, T]`` of ``inputs``, uint8 ``[N, ...]``, under the Gaussians of T sums.

    They leave out the constant that all share: ``-½ Σ_d (x_d - mean_d)² / variance_d + log variance_d``, by two matrix
    products.

    >>> known = [InputSums.empty(1).learn(np.array([[v], [v + 2]], np.uint8)) for v in (10, 90)]
    >>> log_likelihoods(known, np.array([[14], [80]], np.uint8)).argmax(1)
    array([0, 1])
    """
    means, precisions = (np.stack(rows) for rows in zip(*((one.mean, 1 / one.variance) for one in known), strict=True))
    constant = -0.5 * (means**2 * precisions - np.log(precisions)).sum(1)
    found = np.empty((len(inputs), len(known)))
    for start in range(0, len(inputs), ROWS):
        rows = inputs[start : start + ROWS].reshape(-1, means.shape[1]).astype(np.float64)
        found[start : start + ROWS] = rows @ (means * precisions).T + constant
        found[start : start + ROWS] -= 0.5 * np.square(rows, out=rows) @ precisions.T
    return found

"""How likely inputs are under what a context has seen: a diagonal Gaussian from exact whole-number sums."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indeependence.exact import check_size
from indeependence.moments.narrow import narrowest

FLOOR = 0.1  # of the mean variance, added to each: an input that has never varied may do so tomorrow
STEP = 1 / 12  # variance of cutting to whole steps, the least there is
ROWS = 2048  # of inputs, judged at a time


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
        """The sums of no inputs of ``size`` values."""
        return cls(0, np.zeros(size, np.int64), np.zeros(size, np.int64))

    def learn(self, inputs: np.ndarray) -> InputSums:
        """These sums and those of ``inputs``, uint8 ``[N, ...]``; InputError past the examples that stay exact."""
        rows = inputs.reshape(len(inputs), -1)
        check_size(self.count + len(rows))
        squares = np.square(rows, dtype=np.uint32).sum(0, dtype=np.int64)
        return InputSums(self.count + len(rows), self.total + rows.sum(0, dtype=np.int64), self.squares + squares)

    @property
    def mean(self) -> np.ndarray:
        """``[D]`` float64."""
        return self.total / max(self.count, 1)

    @cached_property
    def variance(self) -> np.ndarray:
        """``[D]`` float64, above 0: of the inputs, with a tenth of their mean variance added to each."""
        exact = self.squares / max(self.count, 1) - self.mean**2
        return np.maximum(exact, 0) + max(FLOOR * float(exact.mean()), STEP)

    @property
    def nbytes(self) -> int:
        """The bytes of both sums as a file holds them."""
        return narrowest(self.total).nbytes + narrowest(self.squares).nbytes

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all sums."""
        digest = hashlib.sha256(str(self.count).encode())
        digest.update(self.total.astype("<i8").tobytes() + self.squares.astype("<i8").tobytes())
        return digest.hexdigest()


def log_likelihoods(known: Sequence[InputSums], inputs: np.ndarray) -> np.ndarray:
    """``[N, T]`` float64: of each of ``inputs``, uint8 ``[N, ...]``, under the Gaussian of each of T sums.

    Up to the constant that all share, ``-½ Σ_d (x_d - mean_d)² / variance_d + log variance_d``, by two matrix products.

    >>> known = [InputSums.empty(1).learn(np.array([[v], [v + 2]], np.uint8)) for v in (10, 90)]
    >>> log_likelihoods(known, np.array([[14], [80]], np.uint8)).argmax(1)
    array([0, 1])
    """
    means, precisions = (np.stack(rows) for rows in zip(*((one.mean, 1 / one.variance) for one in known), strict=True))
    constant = -0.5 * (means**2 * precisions - np.log(precisions)).sum(1)
    told = np.empty((len(inputs), len(known)))
    for start in range(0, len(inputs), ROWS):
        rows = inputs[start : start + ROWS].reshape(-1, means.shape[1]).astype(np.float64)
        told[start : start + ROWS] = rows @ (means * precisions).T + constant
        told[start : start + ROWS] -= 0.5 * np.square(rows, out=rows) @ precisions.T
    return told

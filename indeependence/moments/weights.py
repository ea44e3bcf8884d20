"""A linear readout, from codes to scores and probabilities, and its error on other sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from indeependence.moments.gram import mirrored_upper
from indeependence.moments.moments import Label, Moments
from indeependence.moments.scores import softmax

ROWS = 2048  # of codes, turned into scores at a time


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
        """Return scores ``[N, C]`` of code rows ``[N, H]``: the larger, the likelier the class."""
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


def averaged(members: Sequence[Weights]) -> Weights:
    """Return one readout of the codes of ``members`` side by side: its scores over its temperature are their mean.

    So probabilities are geometric means of the members', brought to a sum of 1. The expected error is their mean, too:
    that of averaged scores is smaller, by how much is not known from the sums. Scores of log-probabilities and
    averaged probabilities are right equally often (`benchmarks/photographs.py`).

    >>> one = Weights(("a", "b"), np.array([[1.0, -1.0]]), np.array([0.5, 0.0]), 1.0, 1.0, 0.5, 0.5)
    >>> averaged([one, one]).coefficients
    array([[ 0.5, -0.5],
           [ 0.5, -0.5]])
    """
    if len(members) == 1:
        return members[0]
    whole = replace(
        members[0],
        penalty=float(np.mean([one.penalty for one in members])),
        effective_units=sum(one.effective_units for one in members),
        expected_error=float(np.mean([one.expected_error for one in members])),
        criterion=float(np.mean([one.criterion for one in members])),
    )
    shares = [whole.temperature / one.temperature / len(members) for one in members]
    return replace(
        whole,
        coefficients=np.concatenate([share * one.coefficients for share, one in zip(shares, members, strict=True)]),
        intercept=np.sum([share * one.intercept for share, one in zip(shares, members, strict=True)], 0),
    )


def held_out_error(weights: Weights, moments: Moments) -> float:
    """Return the mean squared error of ``weights`` for each example of ``moments``, from their sums alone.

    ``Σ ‖Wᵀh - y‖² = tr Wᵀ G W - 2 tr Wᵀ Q + Σ y²`` with the sums ``G = Σ h hᵀ`` and ``Q = Σ h yᵀ``: no example is
    needed, so a model can be judged on data that may not leave another machine.
    """
    return HeldOut.of(moments, weights.labels).error(weights)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The sums of examples that readouts are judged on, with the intercept's unit, which is always 1."""

    labels: tuple[Label, ...]
    gram: np.ndarray  # [H + 1, H + 1] float64: Σ h hᵀ
    cross: np.ndarray  # [H + 1, C]: Σ h yᵀ
    count: int

    @classmethod
    def of(cls, moments: Moments, labels: tuple[Label, ...] = ()) -> HeldOut:
        """Return the sums of these examples, with a column for each of the ``labels`` of a readout, too."""
        sums = moments.grown(tuple(dict.fromkeys((*labels, *moments.labels))))
        gram = np.empty((sums.units + 1, sums.units + 1))
        gram[:-1, :-1] = mirrored_upper(sums.products)
        gram[-1, :-1] = gram[:-1, -1] = sums.code_sum
        gram[-1, -1] = sums.count
        return cls(sums.labels, gram, np.vstack([sums.cross, sums.counts]), sums.count)

    def error(self, weights: Weights) -> float:
        """Return the mean squared error of a readout on the examples."""
        columns = self._columns(weights)
        squares = np.sum(columns * (self.gram @ columns)) - 2 * np.sum(columns * self.cross) + self.count
        return float(squares / max(self.count, 1))

    def apart(self, first: Weights, second: Weights) -> float:
        """Return the mean squared difference of two readouts' scores on the examples."""
        columns = self._columns(first) - self._columns(second)
        return float(np.sum(columns * (self.gram @ columns)) / max(self.count, 1))

    def _columns(self, weights: Weights) -> np.ndarray:
        """Return weights and intercept ``[H + 1, C]``, in the order of the labels."""
        columns = np.zeros((len(self.gram), len(self.labels)))
        places = [self.labels.index(label) for label in weights.labels]
        columns[:-1, places], columns[-1, places] = weights.coefficients, weights.intercept
        return columns

"""What a stream asks for, classes or numbers: how sums are solved, what that answers, and how likely it makes a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from indeependence.moments.centred import centre
from indeependence.moments.discriminant import discriminant
from indeependence.moments.moments import Label, Moments
from indeependence.moments.numbers import BYTES, NumberReadout, solved_numbers
from indeependence.moments.ridge import least_ridge
from indeependence.moments.solving import chosen_penalty
from indeependence.moments.weights import Weights

ROUNDED = 0.3  # of a step: the deviation of what is rounded to whole steps
FAR = 1e12  # steps: a deviation that says nothing
FARTHEST = 8.0  # deviations: one wild row ends no answer for good
LEAST = 0.05  # probability that an answer gives to anything: it can be wrong, and come back


class Target(Protocol):
    """What is predicted of each row. ``right`` of N rows are places among classes ``[N]``, or numbers ``[N, T]``."""

    @property
    def width(self) -> int:
        """A, the length of an answer."""

    def solve(self, sums: Moments, like: Any = None) -> Any:
        """Return the readout of sums; with the penalty of another one that it is to be ``like``, if one is given."""

    def answers(self, readout: Any, codes: np.ndarray) -> np.ndarray:
        """Return answers ``[N, A]`` to codes; those of several readouts are averaged."""

    def likelihoods(self, answers: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return how likely answers ``[N, A]`` made what came, as logarithms ``[N]``."""

    def without_inputs(self, right: np.ndarray, block: int) -> Sequence[np.ndarray]:
        """Return answers ``[N, A]`` from the last row alone, and from all of late, and then learn what came."""


@dataclass
class Classes:
    """Classes, as probabilities ``[N, C]``; without inputs: the shares after the label before, and of late."""

    labels: tuple[Label, ...]
    penalty: float | str = "auto"
    readout: str = "lda"
    half_life: int = 200  # rows

    def __post_init__(self) -> None:
        self.places: Mapping[Label, int] = {label: place for place, label in enumerate(self.labels)}
        count = len(self.labels)
        self.after = np.full((count + 1, count), 0.5)  # labels after each label and, in the last row, after any
        self.last = -1

    @property
    def width(self) -> int:
        """C, the number of classes."""
        return len(self.labels)

    def solve(self, sums: Moments, like: Weights | None = None) -> Weights:
        """Return the readout of sums; `Target.solve`."""
        centred, asked = centre(sums), self.penalty if like is None else like.penalty
        weights = least_ridge(centred, chosen_penalty(centred, self.readout) if isinstance(asked, str) else asked)
        return discriminant(centred, weights) if self.readout == "lda" else weights

    def answers(self, readout: Weights, codes: np.ndarray) -> np.ndarray:
        """Return probabilities; of classes that the readout does not know, the least."""
        found = np.zeros((len(codes), len(self.labels)))
        found[:, [self.places[label] for label in readout.labels]] = readout.probabilities(readout.scores(codes))
        return found

    def likelihoods(self, answers: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return logarithms of the probabilities of what came."""
        return np.log(np.maximum(answers[np.arange(len(right)), right], LEAST))

    def without_inputs(self, right: np.ndarray, block: int) -> Sequence[np.ndarray]:
        """Return the shares of labels after the one before, and of all of late: `Target.without_inputs`."""
        found = np.empty((2, len(right), len(self.labels)))
        fading = 0.5 ** (1 / self.half_life)
        for start in range(0, len(right), block):
            for kind, row in enumerate((self.last, -1)):
                found[kind, start : start + block] = self.after[row] / self.after[row].sum()
            for place in right[start : start + block].tolist():
                self.after *= fading
                self.after[[-1, self.last] if self.last >= 0 else [-1], place] += 1
                self.last = place
        return list(found)


@dataclass
class Numbers:
    """Numbers ``[N, T]`` of steps, with the deviation of each: answers ``[N, 2 T]``. Without inputs: last, and mean."""

    targets: int
    penalty: float | str = "auto"
    half_life: int = 200  # rows

    def __post_init__(self) -> None:
        self.simple = np.zeros((2, self.targets))  # the number of the row before, and the mean of all
        self.squares = np.zeros((2, self.targets))  # of their errors, of late
        self.seen, self.weight = 0, 0.0

    @property
    def width(self) -> int:
        """2 T, for each number its deviation, too."""
        return 2 * self.targets

    def solve(self, sums: Moments, like: NumberReadout | None = None) -> NumberReadout:
        """Return the readout of sums; `Target.solve`."""
        kept = None if like is None else [weights.penalty for weights in like.weights]
        return solved_numbers(sums, sums.units - BYTES * self.targets, self.penalty, penalties=kept)

    def answers(self, readout: NumberReadout, codes: np.ndarray) -> np.ndarray:
        """Return numbers, and the deviation of their errors."""
        usual = np.sqrt([weights.expected_error for weights in readout.weights]) * readout.sums.spread
        return np.hstack([readout.numbers(codes), np.tile(usual, (len(codes), 1))])

    def likelihoods(self, answers: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return logarithms of normal densities, of all targets together."""
        found, deviation = np.split(answers, 2, axis=1)
        wide = np.clip(np.nan_to_num(deviation, nan=FAR, posinf=FAR), ROUNDED, FAR)
        away = np.minimum(np.abs(found - right) / wide, FARTHEST)
        return -np.sum(away**2 / 2 + np.log(wide), 1)

    def without_inputs(self, right: np.ndarray, block: int) -> Sequence[np.ndarray]:
        """Return the number of the row before, and the mean of all: `Target.without_inputs`."""
        found = np.empty((2, len(right), 2 * self.targets))
        fading = 0.5 ** (1 / self.half_life)
        for start in range(0, len(right), block):
            deviation = np.sqrt(self.squares / self.weight) if self.weight else np.full_like(self.squares, FAR)
            found[:, start : start + block] = np.hstack([self.simple, deviation])[:, None]
            for row in right[start : start + block]:
                if self.seen:
                    self.squares = fading * self.squares + (self.simple - row) ** 2
                    self.weight = fading * self.weight + 1
                self.seen += 1
                self.simple = np.stack([row, self.simple[1] + (row - self.simple[1]) / self.seen])
        return list(found)

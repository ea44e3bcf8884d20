"""Stored examples: a random sample of all so far, or those of each label that come nearest to its mean feature."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from indeependence.models.baselines.memory import Arrays


@dataclass(frozen=True, eq=False)
class Buffer:
    """Examples with the places of their labels and, for some methods, the scores that they had when stored.

    >>> buffer = Buffer.empty(2).with_all(np.array([[1, 2], [3, 4], [5, 6]], np.uint8), np.array([0, 1, 0]))
    >>> len(buffer), buffer.first(1).codes.tolist()
    (3, [[1, 2], [3, 4]])
    """

    codes: np.ndarray  # uint8 [M, D]
    columns: np.ndarray  # int32 [M]
    scores: np.ndarray  # float32 [M, C]; C is 0 where none are kept
    count: int = 0  # examples that these were drawn from

    @classmethod
    def empty(cls, units: int, labels: int = 0) -> Buffer:
        """Return one without examples, for so many ``units`` of codes and scores of so many ``labels``."""
        return cls(np.zeros((0, units), np.uint8), np.zeros(0, np.int32), np.zeros((0, labels), np.float32))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def arrays(self) -> Arrays:
        """The arrays that are stored."""
        return (self.codes, self.columns, self.scores) if self.scores.shape[1] else (self.codes, self.columns)

    def take(self, rows: np.ndarray) -> Buffer:
        """Return these rows alone."""
        return replace(self, codes=self.codes[rows], columns=self.columns[rows], scores=self.scores[rows])

    def with_all(self, codes: np.ndarray, columns: np.ndarray, scores: np.ndarray | None = None) -> Buffer:
        """Return this buffer and all these examples."""
        new = np.zeros((len(codes), 0), np.float32) if scores is None else scores
        return Buffer(
            np.concatenate([self.codes, codes]),
            np.concatenate([self.columns, columns]),
            np.concatenate([self.scores, new]),
            self.count + len(codes),
        )

    def sampled(
        self,
        size: int,
        rng: np.random.Generator,
        codes: np.ndarray,
        columns: np.ndarray,
        scores: np.ndarray | None = None,
    ) -> Buffer:
        """Return ``size`` of all examples that ever came, each as likely as any other, with these new ones."""
        free = min(size - len(self), len(codes))
        stored = np.arange(len(self) + free)  # which example each place of the buffer holds
        for place, number in reservoir(self.count + free, len(codes) - free, size, rng):
            stored[place] = number - self.count + len(self)
        return self.with_all(codes, columns, scores).take(stored)

    def first(self, each: int) -> Buffer:
        """Return the first ``each`` examples of every label, label by label."""
        places = [np.flatnonzero(self.columns == column)[:each] for column in np.unique(self.columns)]
        return self.take(np.concatenate(places)) if places else self


def reservoir(seen: int, new: int, size: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return how ``new`` examples after ``seen`` change a full buffer: pairs ``(place, number of the example)``.

    The example of number n takes a random place of the ``size`` places with probability ``size / (n + 1)``, so that
    every example so far is in the buffer with the same probability. Source: Vitter, "Random sampling with a reservoir",
    1985, algorithm R.

    >>> reservoir(2, 3, 2, np.random.default_rng(1))
    [(1, 2)]
    """
    numbers = np.arange(seen, seen + new)
    places = rng.integers(0, numbers + 1)
    taken = places < size
    return list(zip(places[taken].tolist(), numbers[taken].tolist(), strict=True))


def herded(features: np.ndarray, count: int) -> np.ndarray:
    """Return ``count`` rows of ``features [N, H]``, so ordered that the first of them have a mean near that of all.

    Source: Rebuffi et al., "iCaRL", CVPR 2017, algorithm 4; no row is taken twice.

    >>> herded(np.array([[0.0], [4.0], [2.5], [9.5]]), 3)
    array([1, 2, 3])
    """
    mean, total, lengths = features.mean(0), np.zeros(features.shape[1]), np.sum(features**2, axis=1)
    chosen: list[int] = []
    for k in range(1, min(count, len(features)) + 1):
        distances = lengths - 2 * features @ (k * mean - total)  # k² ‖mean - (total + feature) / k‖², less a constant
        distances[chosen] = np.inf
        chosen.append(int(np.argmin(distances)))
        total += features[chosen[-1]]
    return np.array(chosen, np.intp)

"""Experience replay: a few of all examples so far are stored, and learned again together with new ones.

Source: Chaudhry et al., "On tiny episodic memories in continual learning", 2019; the buffer is Vitter's reservoir
("Random sampling with a reservoir", 1985, algorithm R).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indeependence.models.baselines.fine_tuning import FineTuning
from indeependence.models.baselines.memory import Arrays
from indeependence.models.baselines.network import shuffled
from indeependence.moments.moments import Label


class Replay(FineTuning):
    """Fine-tuning in which every batch of new examples comes with as many drawn from ``size`` stored ones.

    Other parameters and attributes are those of `FineTuning`.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = Replay(["a", "b"], size=10, hidden=8, steps=20).restart(rows)
    >>> model.learn([(rows, np.array(["a", "b"] * 25))]).stored_examples
    10
    """

    def __init__(self, labels: Sequence[Label], *, size: int = 500, **options: Any):
        super().__init__(labels, **options)
        self.size = size

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"{super().about}, as many again from {self.size:,} stored examples"

    def restart(self, sample: np.ndarray):
        """Start with a fresh network and an empty buffer, and return self."""
        super().restart(sample)
        self.codes = np.zeros((0, self.encoder_.units), np.uint8)
        self.columns = np.zeros(0, np.int32)
        self.count = 0  # examples that the buffer was drawn from
        return self

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        for rows in shuffled(len(codes), self.batch, self.steps, self._rng):
            if not len(self.codes):
                self.net.step(codes[rows], columns[rows], self._seen)
                continue
            again = self._rng.integers(0, len(self.codes), len(rows))
            both = np.concatenate([codes[rows], self.codes[again]])
            self.net.step(both, np.concatenate([columns[rows], self.columns[again]]), self._seen)
        self._store(codes, columns)

    def _store(self, codes: np.ndarray, columns: np.ndarray) -> None:
        free = min(self.size - len(self.codes), len(codes))
        stored = np.arange(len(self.codes) + free)  # which example each place of the buffer holds
        for place, row in reservoir(self.count + free, len(codes) - free, self.size, self._rng):
            stored[place] = row - self.count + len(self.codes)
        self.codes = np.concatenate([self.codes, codes])[stored]
        self.columns = np.concatenate([self.columns, columns])[stored]
        self.count += len(codes)

    def _examples(self) -> Arrays:
        return self.codes, self.columns


def reservoir(seen: int, new: int, size: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return how ``new`` examples after ``seen`` change a full buffer: pairs ``(place, number of the example)``.

    The example of number n takes a random place of the ``size`` places with probability ``size / (n + 1)``, so that
    every example so far is in the buffer with the same probability.

    >>> reservoir(2, 3, 2, np.random.default_rng(1))
    [(1, 2)]
    """
    numbers = np.arange(seen, seen + new)
    places = rng.integers(0, numbers + 1)
    taken = places < size
    return list(zip(places[taken].tolist(), numbers[taken].tolist(), strict=True))

"""Experience replay: a few of all examples so far are stored, and learned again together with new ones.

Source: Chaudhry et al., "On tiny episodic memories in continual learning", 2019, with a reservoir as buffer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indeependence.models.baselines.buffer import Buffer
from indeependence.models.baselines.fine_tuning import FineTuning
from indeependence.models.baselines.losses import labelled
from indeependence.models.baselines.memory import Arrays
from indeependence.moments.moments import Label


class WithExamples(FineTuning):
    """What methods that store up to ``examples`` share; other parameters and attributes are those of `FineTuning`."""

    def __init__(self, labels: Sequence[Label], *, examples: int = 500, **options: Any):
        super().__init__(labels, **options)
        self.examples = examples

    def restart(self, sample: np.ndarray):
        """Start with a fresh network and an empty buffer, and return self."""
        super().restart(sample)
        self.buffer = Buffer.empty(self.encoder_.units)
        return self

    def _again(self, count: int) -> Buffer:
        """Return so many stored examples, drawn at random."""
        return self.buffer.take(self._rng.integers(0, len(self.buffer), count))

    def _examples(self) -> Arrays:
        return self.buffer.arrays


class Replay(WithExamples):
    """Fine-tuning in which every batch of new examples comes with as many drawn from ``examples`` stored ones.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = Replay(["a", "b"], examples=10, hidden=8, steps=20).restart(rows)
    >>> model.learn([(rows, np.array(["a", "b"] * 25))]).stored_examples
    10
    """

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"{super().about}, as many again from {self.examples:,} stored examples"

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        for rows in self._rows(codes):
            both = Buffer.empty(codes.shape[1]).with_all(codes[rows], columns[rows])
            if len(self.buffer):
                again = self._again(len(rows))
                both = both.with_all(again.codes, again.columns)
            self.net.step(labelled(both.codes, both.columns, self._seen))
        self.buffer = self.buffer.sampled(self.examples, self._rng, codes, columns)

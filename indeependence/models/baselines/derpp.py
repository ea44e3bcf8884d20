"""Dark experience replay, DER++: stored examples are learned again with their labels and with their old scores.

Source: Buzzega et al., "Dark experience for general continual learning: a strong, simple baseline", NeurIPS 2020,
equation 6 and algorithm 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indeependence.models.baselines.buffer import Buffer
from indeependence.models.baselines.losses import Term, labelled, squared_distance
from indeependence.models.baselines.replay import WithExamples
from indeependence.moments.moments import Label


class DarkExperience(WithExamples):
    """Fine-tuning with ``alpha ‖scores - old scores‖²`` and ``beta`` times the cross-entropy of stored examples.

    Either term has a draw of its own, as large as the batch. Each batch enters the reservoir after its step, with the
    scores that it has then.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = DarkExperience(["a", "b"], examples=10, hidden=8, steps=20).restart(rows)
    >>> model.learn([(rows, np.array(["a", "b"] * 25))]).buffer.scores.shape
    (10, 2)
    """

    def __init__(self, labels: Sequence[Label], *, alpha: float = 0.1, beta: float = 1.0, **options: Any):
        super().__init__(labels, **options)
        self.alpha, self.beta = alpha, beta

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"{super().about}, alpha {self.alpha:g}, beta {self.beta:g}, {self.examples:,} stored examples"

    def restart(self, sample: np.ndarray):
        """Start with a fresh network and an empty buffer, and return self."""
        super().restart(sample)
        self.buffer = Buffer.empty(self.encoder_.units, len(self.labels))
        return self

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        for rows in self._rows(codes):
            terms = [labelled(codes[rows], columns[rows], self._seen)]
            if len(self.buffer):
                dark, clear = self._again(len(rows)), self._again(len(rows))
                terms.append(Term(squared_distance, dark.codes, (dark.scores,), self.alpha))
                terms.append(labelled(clear.codes, clear.columns, self._seen, self.beta))
            self.net.step(*terms)
            new = codes[rows], columns[rows], self.net.scores(codes[rows])
            self.buffer = self.buffer.sampled(self.examples, self._rng, *new)

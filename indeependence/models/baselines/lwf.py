"""Learning without forgetting: the network is to answer new inputs for old labels as it did before the task.

Source: Li & Hoiem, "Learning without forgetting", ECCV 2016, figure 3; labels of the task compete among themselves, as
those of its own head do there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indeependence.models.baselines.fine_tuning import FineTuning
from indeependence.models.baselines.losses import Term, distillation, labelled, mask_of
from indeependence.moments.moments import Label


class WithoutForgetting(FineTuning):
    """Fine-tuning with ``strength`` times a distillation loss on the scores of old labels at a ``temperature``.

    The old scores are those of the task's own inputs, before it is learned; nothing is kept. Other parameters and
    attributes are those of `FineTuning`.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = WithoutForgetting(["a", "b"], hidden=8, steps=20).restart(rows)
    >>> model.learn([(rows, np.array(["a", "b"] * 25))]).stored_examples
    0
    """

    def __init__(self, labels: Sequence[Label], *, strength: float = 0.3, temperature: float = 2.0, **options: Any):
        super().__init__(labels, **options)
        self.strength, self.temperature = strength, temperature

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"{super().about}, strength {self.strength:g} at temperature {self.temperature:g}"

    def restart(self, sample: np.ndarray):
        """Start with a fresh network, and return self."""
        super().restart(sample)
        self._before = self._seen.copy()
        return self

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        now = np.isin(np.arange(len(self.labels)), columns)
        before, mask = self.net.scores(codes), mask_of(self._before)
        for rows in self._rows(codes):
            terms = [labelled(codes[rows], columns[rows], now)]
            if self._before.any():
                targets = before[rows], mask, np.float32(self.temperature)
                terms.append(Term(distillation, codes[rows], targets, self.strength))
            self.net.step(*terms)
        self._before = self._seen.copy()

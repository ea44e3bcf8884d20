"""Joint training: a fresh network learns all examples so far at once, the best that a network can reach."""

from __future__ import annotations

import numpy as np

from indeependence.models.baselines.buffer import Buffer
from indeependence.models.baselines.fine_tuning import FineTuning
from indeependence.models.baselines.losses import labelled
from indeependence.models.baselines.memory import Arrays
from indeependence.models.baselines.network import shuffled


class JointTraining(FineTuning):
    """A network that is trained anew, after each task, on all examples so far, which it keeps.

    It takes as many steps for each task so far as `FineTuning`, whose parameters and attributes it has.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = JointTraining(["a", "b"], hidden=8, steps=20).restart(rows)
    >>> model.learn([(rows, np.array(["a", "b"] * 25))]).stored_examples
    50
    """

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"{super().about} so far, from scratch on all examples so far"

    def restart(self, sample: np.ndarray):
        """Forget everything and return self."""
        super().restart(sample)
        self.all = Buffer.empty(self.encoder_.units)
        self.tasks = 0
        return self

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        self.all = self.all.with_all(codes, columns)
        self.tasks += 1
        self.net = self._fresh()
        for rows in shuffled(len(self.all), self.batch, self.steps * self.tasks, self._rng):
            self.net.step(labelled(self.all.codes[rows], self.all.columns[rows], self._seen))

    def _examples(self) -> Arrays:
        return self.all.arrays

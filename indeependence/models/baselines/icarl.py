"""iCaRL: a network learns new examples with stored ones, and the nearest mean feature of stored ones classifies.

Source: Rebuffi, Kolesnikov, Sperl & Lampert, "iCaRL: incremental classifier and representation learning", CVPR 2017,
algorithms 1 to 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indeependence.models.baselines.buffer import Buffer, herded
from indeependence.models.baselines.losses import Term, binary_cross_entropy
from indeependence.models.baselines.replay import WithExamples
from indeependence.moments.moments import Label


class ICaRL(WithExamples):
    """Nearest mean of exemplars: ``examples`` stored ones, shared evenly by all labels so far and chosen by herding.

    A task is learned with all stored examples by binary cross-entropy; targets of old labels are what the network said
    before the task.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = ICaRL(["a", "b"], examples=10, hidden=8, steps=20).restart(rows)
    >>> model.learn([(rows, np.array(["a", "b"] * 25))]).buffer.columns.tolist()
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    """

    def __init__(self, labels: Sequence[Label], *, rate: float = 3e-3, **options: Any):
        super().__init__(labels, rate=rate, **options)

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"{super().about}, nearest mean of {self.examples:,} herded examples"

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        old = np.unique(self.buffer.columns)
        both = self.buffer.with_all(codes, columns)
        shares = np.eye(len(self.labels), dtype=np.float32)[both.columns]
        if len(old):
            shares[:, old] = 1 / (1 + np.exp(-self.net.scores(both.codes)[:, old]))
        part = self._seen.astype(np.float32)
        for rows in self._rows(both.codes):
            self.net.step(Term(binary_cross_entropy, both.codes[rows], (shares[rows], part)))
        each = max(self.examples // int(self._seen.sum()), 1)
        self.buffer = self._exemplars(both, np.setdiff1d(columns, old), each)

    def _exemplars(self, both: Buffer, new: np.ndarray, each: int) -> Buffer:
        """Return the first exemplars of old labels, and those of ``new`` labels by herding."""
        chosen = [np.flatnonzero(~np.isin(both.columns[: len(self.buffer)], new))]
        for column in new:
            rows = np.flatnonzero(both.columns == column)
            chosen.append(rows[herded(self._features(both.codes[rows]), each)])
        return both.take(np.concatenate(chosen)).first(each)

    def _features(self, codes: np.ndarray) -> np.ndarray:
        return unit(self.net.features(codes))

    def _scores(self, codes: np.ndarray) -> np.ndarray:
        """Return ``-‖mean feature of a label - feature‖²``; minus infinity for labels without an exemplar."""
        stored, features = self._features(self.buffer.codes), self._features(codes)
        scores = np.full((len(codes), len(self.labels)), -np.inf)
        for column in np.unique(self.buffer.columns):
            mean = unit(stored[self.buffer.columns == column].mean(0))
            scores[:, column] = -np.sum((features - mean) ** 2, axis=1)
        return scores


def unit(rows: np.ndarray) -> np.ndarray:
    """Return ``rows [..., H]`` scaled to a length of 1; zeros stay.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)

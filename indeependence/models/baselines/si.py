"""Synaptic intelligence: weights that made the losses of earlier tasks fall are held near their values.

Source: Zenke, Poole & Ganguli, "Continual learning through synaptic intelligence", ICML 2017, equations 3 to 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indeependence.models.baselines.fine_tuning import FineTuning
from indeependence.models.baselines.losses import labelled
from indeependence.models.baselines.memory import Arrays
from indeependence.moments.moments import Label


class SynapticIntelligence(FineTuning):
    """Fine-tuning under the penalty ``strength Σ_k Ω_k (θ_k - θ̃_k)²``, with θ̃ the weights after the last task.

    ``Ω_k`` sums ``ω_k / (Δ_k² + damping)`` over earlier tasks: ``Δ_k`` is how far the task moved the weight, ``ω_k``
    how much that made the task's own loss fall, the sum of minus gradient times change over its steps. Other parameters
    and attributes are those of `FineTuning`.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = SynapticIntelligence(["a", "b"], hidden=8, steps=20).restart(rows)
    >>> [array.shape for array in model.learn([(rows, np.array(["a", "b"] * 25))]).moments_.statistics]
    [(4, 8), (8,), (8, 2), (2,), (4, 8), (8,), (8, 2), (2,)]
    """

    def __init__(self, labels: Sequence[Label], *, strength: float = 10.0, damping: float = 0.1, **options: Any):
        super().__init__(labels, **options)
        self.strength, self.damping = strength, damping

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"{super().about}, strength {self.strength:g}, damping {self.damping:g}"

    def restart(self, sample: np.ndarray):
        """Start with a fresh network without penalty, and return self."""
        super().restart(sample)
        self.importance = tuple(np.zeros_like(weights) for weights in self.net.parameters)
        self.anchors = self.net.parameters
        return self

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        doubled = [np.float32(2 * self.strength) * importance for importance in self.importance]
        fallen = [np.zeros_like(weights) for weights in self.anchors]
        before = start = self.net.parameters
        for rows in self._rows(codes):
            slopes = self.net.slopes(labelled(codes[rows], columns[rows], self._seen))
            springs = zip(slopes, doubled, before, self.anchors, strict=True)
            self.net.apply([slope + a * (weights - anchor) for slope, a, weights, anchor in springs])
            after = self.net.parameters
            for total, slope, new, old in zip(fallen, slopes, after, before, strict=True):
                total -= slope * (new - old)
            before = after
        moved = zip(self.importance, fallen, before, start, strict=True)
        self.importance = tuple(old + importance(fell, end - begin, self.damping) for old, fell, end, begin in moved)
        self.anchors = before

    def _statistics(self) -> Arrays:
        return (*self.importance, *self.anchors)


def importance(fallen: np.ndarray, moved: np.ndarray, damping: float) -> np.ndarray:
    """Return ``ω / (Δ² + ξ)``: how much the loss had fallen by each weight, for how far it moved.

    What made the loss rise counts as 0, as in the authors' program, so that no penalty pushes a weight away.
    """
    return np.maximum(fallen, 0) / (moved**2 + np.float32(damping))

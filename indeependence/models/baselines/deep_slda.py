"""Deep streaming LDA: a network is frozen after the first task; a linear discriminant learns on from its features.

Source: Hayes & Kanan, "Lifelong machine learning with deep streaming linear discriminant analysis", CVPRW 2020,
equations 1 to 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indeependence.models.baselines.fine_tuning import FineTuning
from indeependence.models.baselines.memory import Arrays, scaled
from indeependence.moments.moments import Label


class DeepSLDA(FineTuning):
    """Linear discriminants from means and one covariance that are updated example by example; no prior of a class.

    ``features`` are "network" for the hidden units of a network that learned the first task, or "inputs" for the inputs
    themselves, where these are features already. Other parameters and attributes are those of `FineTuning`.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = DeepSLDA(["a", "b"], features="inputs").restart(rows).learn([(rows, np.array(["a", "b"] * 25))])
    >>> model.means.shape, model.covariance.shape
    ((2, 4), (4, 4))
    """

    def __init__(self, labels: Sequence[Label], *, features: str = "network", shrinkage: float = 1e-4, **options: Any):
        super().__init__(labels, **options)
        self.features, self.shrinkage = features, shrinkage

    @property
    def about(self) -> str:
        """The settings in words."""
        of = "inputs" if self.features == "inputs" else f"features of the first task's network: {super().about}"
        return f"{of}, shrinkage {self.shrinkage:g}"

    def restart(self, sample: np.ndarray):
        """Start with a fresh network and without examples, and return self."""
        super().restart(sample)
        units = self.hidden if self.features == "network" else self.encoder_.units
        self.counts = np.zeros(len(self.labels))
        self.means, self.covariance = np.zeros((len(self.labels), units)), np.zeros((units, units))
        return self

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        if not self.counts.any() and self.features == "network":
            super()._learn_task(codes, columns)
        for start in range(0, len(codes), self.batch_size):
            part = slice(start, start + self.batch_size)
            given = self._features(codes[part]), columns[part]
            self.counts, self.means, self.covariance = streamed(self.counts, self.means, self.covariance, *given)

    def _features(self, codes: np.ndarray) -> np.ndarray:
        return (scaled(codes) if self.features == "inputs" else self.net.features(codes)).astype(np.float64)

    def _scores(self, codes: np.ndarray) -> np.ndarray:
        slopes, offsets = discriminants(self.means, self.covariance, self.shrinkage)
        return self._features(codes) @ slopes + offsets

    def _statistics(self) -> Arrays:
        return self.counts, self.means, self.covariance


def streamed(
    counts: np.ndarray, means: np.ndarray, covariance: np.ndarray, features: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return counts ``[C]``, means ``[C, H]`` and covariance ``[H, H]`` after examples that come one by one.

    Example z number t, from 0, with a class of mean μ before it, makes the covariance ``(t Σ + Δ) / (t + 1)`` with
    ``Δ = t / (t + 1) (z - μ)(z - μ)ᵀ``. So the sum of all Δ is t Σ, whatever the number of examples at a time.
    """
    counts, means, total = counts.copy(), means.copy(), counts.sum()
    shifted = np.empty_like(features)
    for column in np.unique(columns):
        rows = np.flatnonzero(columns == column)
        before = counts[column] + np.arange(len(rows))
        sums = counts[column] * means[column] + np.cumsum(features[rows], axis=0) - features[rows]
        shifted[rows] = features[rows] - sums / np.maximum(before, 1)[:, None]
        counts[column] += len(rows)
        means[column] = (sums[-1] + features[rows[-1]]) / counts[column]
    t = total + np.arange(len(features))
    added = (shifted * (t / (t + 1))[:, None]).T @ shifted
    return counts, means, (total * covariance + added) / counts.sum()


def discriminants(means: np.ndarray, covariance: np.ndarray, shrinkage: float) -> tuple[np.ndarray, np.ndarray]:
    """Return slopes ``[H, C]`` and offsets ``[C]``: ``Λμ`` and ``-½ μᵀΛμ`` with ``Λ = ((1 - ε) Σ + ε I)⁻¹``."""
    shrunk = (1 - shrinkage) * covariance + shrinkage * np.eye(len(covariance))
    slopes = np.linalg.solve(shrunk, means.T)
    return slopes, -np.sum(means.T * slopes, axis=0) / 2

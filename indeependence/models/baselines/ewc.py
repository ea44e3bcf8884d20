"""Elastic weight consolidation: weights that were important to earlier tasks are held near their values.

Source: Kirkpatrick et al., "Overcoming catastrophic forgetting in neural networks", PNAS 2017, equation 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indeependence.models.baselines.fine_tuning import FineTuning
from indeependence.models.baselines.losses import cross_entropy, labelled, mask_of
from indeependence.models.baselines.memory import Arrays, scaled
from indeependence.models.baselines.network import ROWS, Network
from indeependence.moments.moments import Label
from indeependence.moments.scores import softmax
from indeependence.quiet_keras import tf

DRAWN = 1000  # examples that the information of convolutions is measured on


class ElasticWeights(FineTuning):
    """Fine-tuning under the penalty ``½ strength Σ_t F_t (θ - θ_t)²``, with a term for every earlier task t.

    ``F_t`` is the diagonal of the Fisher information on all examples of the task at its end. The penalty is quadratic
    in θ, so only ``Σ F_t`` and ``Σ F_t θ_t`` have to be kept, however many tasks there were. Parameters and attributes
    are those of `FineTuning`.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = ElasticWeights(["a", "b"], hidden=8, steps=20).restart(rows)
    >>> [array.shape for array in model.learn([(rows, np.array(["a", "b"] * 25))]).moments_.statistics]
    [(4, 8), (8,), (8, 2), (2,), (4, 8), (8,), (8, 2), (2,)]
    """

    def __init__(self, labels: Sequence[Label], *, strength: float = 5000.0, **options: Any):
        super().__init__(labels, **options)
        self.strength = strength

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"{super().about}, strength {self.strength:g}"

    def restart(self, sample: np.ndarray):
        """Start with a fresh network without penalty, and return self."""
        super().restart(sample)
        self.information = tuple(np.zeros_like(weights) for weights in self.net.parameters)
        self.anchors = tuple(np.zeros_like(weights) for weights in self.net.parameters)
        return self

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        pull = [np.float32(self.strength) * array for array in (*self.information, *self.anchors)]
        for rows in self._rows(codes):
            self.net.step(labelled(codes[rows], columns[rows], self._seen), pull=pull)
        fisher = self._fisher(codes)
        self.information = tuple(old + new for old, new in zip(self.information, fisher, strict=True))
        held = zip(self.anchors, fisher, self.net.parameters, strict=True)
        self.anchors = tuple(old + new * weights for old, new, weights in held)

    def _fisher(self, codes: np.ndarray) -> Arrays:
        if self.network == "dense":
            return fisher_diagonal(self.net.parameters, codes, self._seen)
        rows = self._rng.permutation(len(codes))[:DRAWN]
        return fisher_drawn(self.net, codes[rows], self._seen, self._rng)

    def _statistics(self) -> Arrays:
        return (*self.information, *self.anchors)


def fisher_diagonal(parameters: Arrays, codes: np.ndarray, seen: np.ndarray) -> Arrays:
    """Return the mean over examples of ``Σ_y p(y) (∂ log p(y) / ∂θ)²``, for each parameter of the perceptron.

    ``codes`` are bytes ``[N, D]``; only labels ``seen`` (bool ``[C]``) have probability.

    It is exact, by products of matrices: the gradient of a layer's weight is the product of an input and a slope, so
    its square is the product of their squares.
    """
    first, offset, second, bias = parameters
    sums = [np.zeros_like(weights) for weights in parameters]
    for start in range(0, len(codes), ROWS):
        inputs = scaled(codes[start : start + ROWS])
        hidden = np.maximum(inputs @ first + offset, 0)
        shares = softmax(np.where(seen, hidden @ second + bias, -np.inf))
        above, below = np.zeros_like(shares), np.zeros_like(hidden)
        for label in np.flatnonzero(seen):
            slope = -shares
            slope[:, label] += 1
            above += shares[:, label, None] * slope**2
            below += shares[:, label, None] * (slope @ second.T) ** 2
        below *= hidden > 0
        squares = (inputs**2).T @ below, below.sum(0), (hidden**2).T @ above, above.sum(0)
        for total, part in zip(sums, squares, strict=True):
            total += part
    return tuple(total / np.float32(len(codes)) for total in sums)


def fisher_drawn(net: Network, codes: np.ndarray, seen: np.ndarray, rng: np.random.Generator) -> Arrays:
    """Return an estimate of the same for any network: each example has one label, drawn by the network's own odds.

    Its mean over draws is the information itself, which labels of the data would not give (Kunstner et al. 2019).
    """
    variables, mask = net.model.trainable_variables, mask_of(seen)

    @tf.function
    def squares(inputs, columns):
        with tf.GradientTape() as tape:
            loss = cross_entropy(net.model(inputs), columns, mask)
        return [slope**2 for slope in tape.gradient(loss, variables)]

    odds = softmax(net.scores(codes) + mask).cumsum(1)
    drawn = (odds < rng.random((len(codes), 1)) * odds[:, -1:]).sum(1).astype(np.int32)
    sums = [np.zeros_like(weights) for weights in net.parameters]
    for start in range(len(codes)):
        part = slice(start, start + 1)
        for total, square in zip(sums, squares(scaled(codes[part]), drawn[part]), strict=True):
            total += np.asarray(square)
    return tuple(total / np.float32(len(codes)) for total in sums)

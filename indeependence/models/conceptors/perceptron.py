"""A perceptron that learns task after task, each in the space that the states of the tasks before leave free."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from indeependence.models.conceptors.algebra import conceptor, negation
from indeependence.moments.scores import softmax

BATCH = 32  # examples to a step
APERTURES = (4.0, 4.0)  # of input states and of hidden states; chosen on a held-out part of MNIST's training set


@dataclass(frozen=True, eq=False)
class Perceptron:
    """Two layers with a ReLU between them; a constant 1 in every state replaces biases."""

    first: np.ndarray  # [D + 1, H] float32
    second: np.ndarray  # [H + 1, C] float32

    def hidden(self, states: np.ndarray) -> np.ndarray:
        """Return hidden states ``[N, H + 1]`` of input states ``[N, D + 1]``."""
        return with_one(np.maximum(states @ self.first, 0))

    def scores(self, states: np.ndarray) -> np.ndarray:
        """Return scores ``[N, C]``, before the softmax, of input states ``[N, D + 1]``."""
        return self.hidden(states) @ self.second


@dataclass(frozen=True, eq=False)
class States:
    """Sums over all states of the tasks so far: all that is kept of them."""

    count: int  # N
    inputs: np.ndarray  # [D + 1, D + 1] float64: Σ x xᵀ
    hidden: np.ndarray  # [H + 1, H + 1] float64: Σ h hᵀ

    @classmethod
    def empty(cls, inputs: int, hidden: int) -> States:
        """Return empty sums."""
        return cls(0, np.zeros((inputs + 1, inputs + 1)), np.zeros((hidden + 1, hidden + 1)))

    def learn(self, net: Perceptron, states: np.ndarray) -> States:
        """Return these sums plus those of the input states ``[N, D + 1]`` of one more task, learned by ``net``."""
        wide, hidden = states.astype(np.float64), net.hidden(states).astype(np.float64)
        return States(self.count + len(states), self.inputs + wide.T @ wide, self.hidden + hidden.T @ hidden)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the sums."""
        digest = hashlib.sha256(str(self.count).encode())
        for sums in (self.inputs, self.hidden):
            digest.update(sums.astype("<f8").tobytes())
        return digest.hexdigest()

    @property
    def nbytes(self) -> int:
        """The size of the sums in bytes."""
        return self.inputs.nbytes + self.hidden.nbytes

    def free(self, per_task: int, apertures: tuple[float, float] = APERTURES) -> tuple[np.ndarray, np.ndarray]:
        """Return ``I - C`` for both layers, where C is the OR of the conceptors of all tasks, from summed moments."""
        one, other = (
            negation(conceptor(sums / max(per_task, 1), aperture)).astype(np.float32)
            for sums, aperture in zip((self.inputs, self.hidden), apertures, strict=True)
        )
        return one, other


def start(inputs: int, hidden: int, classes: int, rng: np.random.Generator) -> Perceptron:
    """Return a perceptron with a random first layer (He et al. 2015) and, to prefer no class, zeros in the second."""
    first = rng.standard_normal((inputs + 1, hidden)) * np.sqrt(2 / inputs)
    return Perceptron(first.astype(np.float32), np.zeros((hidden + 1, classes), np.float32))


def learn_task(
    net: Perceptron,
    free: tuple[np.ndarray, np.ndarray],
    states: np.ndarray,
    targets: np.ndarray,
    rng: np.random.Generator,
    *,
    steps: int,
    rate: float,
) -> Perceptron:
    """Return the perceptron after ``steps`` of gradient descent on one task, each projected into the ``free`` space.

    A step of a layer's weights is ``-rate·(F x) δᵀ`` with the free space ``F``, so the outputs for states of earlier
    tasks stay as they were. Source: He & Jaeger 2018, algorithm 1; cross-entropy of a softmax.
    """
    first, second = net.first.copy(), net.second.copy()
    for rows in _batches(len(states), steps, rng):
        x = states[rows]
        hidden = Perceptron(first, second).hidden(x)
        slope = (softmax(hidden @ second) - targets[rows]) / len(rows)
        below = (slope @ second[:-1].T) * (hidden[:, :-1] > 0)
        second -= rate * (hidden @ free[1]).T @ slope
        first -= rate * (x @ free[0]).T @ below
    return Perceptron(first, second)


def _batches(count: int, steps: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the rows of each step: all of them in a random order, as often as needed."""
    order = rng.permutation(count)
    for _ in range(steps):
        if len(order) < min(BATCH, count):
            order = rng.permutation(count)
        yield order[:BATCH]
        order = order[BATCH:]


def with_one(values: np.ndarray) -> np.ndarray:
    """Return rows ``[N, D]`` followed by a constant 1, float32 ``[N, D + 1]``."""
    return np.hstack([values, np.ones((len(values), 1))]).astype(np.float32)

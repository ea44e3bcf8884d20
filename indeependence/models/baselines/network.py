"""The network of all network baselines: one hidden layer, learned by Adam, in Keras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from indeependence.models.baselines.memory import scaled
from indeependence.quiet_keras import keras, tf

ROWS = 4096  # of codes, scored at a time
UNSEEN = -1e9  # added to the scores of labels that no task has shown yet: they take no part


class Network:
    """A perceptron ``D → hidden → C`` with a ReLU between, and its optimiser."""

    def __init__(self, inputs: int, hidden: int, labels: int, *, rate: float, seed: int):
        first, second = (keras.initializers.HeUniform(seed=seed + i) for i in range(2))
        self.model = keras.Sequential(
            [
                keras.Input((inputs,)),
                keras.layers.Dense(hidden, activation="relu", kernel_initializer=first),
                keras.layers.Dense(labels, kernel_initializer=second),
            ]
        )
        self.optimizer = keras.optimizers.Adam(rate)
        self.optimizer.build(self.model.trainable_variables)
        self._compiled = tf.function(self._step, reduce_retracing=True)

    @property
    def parameters(self) -> tuple[np.ndarray, ...]:
        """The weights: ``[D, hidden]``, ``[hidden]``, ``[hidden, C]``, ``[C]``."""
        return tuple(np.asarray(variable) for variable in self.model.trainable_variables)

    def scores(self, codes: np.ndarray) -> np.ndarray:
        """Return scores ``[N, C]``, before the softmax, of bytes ``[N, D]``."""
        starts = range(0, max(len(codes), 1), ROWS)
        return np.concatenate([np.asarray(self.model(scaled(codes[start : start + ROWS]))) for start in starts])

    def step(self, codes: np.ndarray, columns: np.ndarray, seen: np.ndarray, pull: Sequence[np.ndarray] = ()) -> None:
        """Take one step of Adam on the mean cross-entropy of a batch; only labels ``seen`` (bool ``[C]``) compete.

        ``pull`` holds ``a`` and then ``b`` for each parameter θ: the gradient of ``½ a θ² - b θ`` is added.
        """
        self._compiled(scaled(codes), columns, np.where(seen, 0.0, UNSEEN).astype(np.float32), tuple(pull))

    def _step(self, inputs, columns, mask, pull):
        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            scores = self.model(inputs, training=True) + mask
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(columns, scores))
        slopes = tape.gradient(loss, variables)
        if pull:
            springs = zip(slopes, variables, pull[: len(variables)], pull[len(variables) :], strict=True)
            slopes = [slope + a * variable - b for slope, variable, a, b in springs]
        self.optimizer.apply_gradients(zip(slopes, variables, strict=True))


def shuffled(count: int, batch: int, steps: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield rows of 0…count-1 for each of ``steps``: all in a random order, then in another, as often as needed.

    >>> [rows.tolist() for rows in shuffled(4, 2, 4, np.random.default_rng(0))]
    [[2, 0], [1, 3], [3, 2], [1, 0]]
    """
    size = min(batch, count)
    order = rng.permutation(count)
    for _ in range(steps):
        if len(order) < size:
            order = rng.permutation(count)
        yield order[:size]
        order = order[size:]

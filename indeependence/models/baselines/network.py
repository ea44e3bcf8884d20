"""The networks of all network baselines: one hidden layer, after convolutions or not, learned by Adam, in Keras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from indeependence.errors import InputError
from indeependence.models.baselines.losses import Term
from indeependence.models.baselines.memory import Arrays, scaled
from indeependence.quiet_keras import keras, tf

ROWS = 4096  # of codes, scored at a time
LEAST_SIDE = 4  # of pictures that are convolved: two strides of 2


class Network:
    """A perceptron ``D → hidden → C`` with a ReLU between, and its optimiser.

    With a ``picture``, the shape of the inputs, two convolutions with strides of 2 come first: 16 filters of 5 × 5,
    then 32 of 3 × 3. Raise `InputError` for inputs that are no pictures.
    """

    def __init__(
        self,
        inputs: int,
        hidden: int,
        labels: int,
        *,
        rate: float,
        seed: int,
        picture: tuple[int, ...] | None = None,
    ):
        seeds = iter(range(seed, seed + 4))
        last = [_layer(keras.layers.Dense, hidden, next(seeds), activation="relu")]
        head = _layer(keras.layers.Dense, labels, next(seeds))
        self.body = keras.Sequential([keras.Input((inputs,)), *_convolutions(picture, seeds), *last])
        self.model = keras.Sequential([self.body, head])
        self.optimizer = keras.optimizers.Adam(rate)
        self.optimizer.build(self.model.trainable_variables)
        self._stepped = tf.function(self._step, reduce_retracing=True)
        self._sloped = tf.function(self._slopes, reduce_retracing=True)
        self._applied = tf.function(self._apply, reduce_retracing=True)

    @property
    def parameters(self) -> Arrays:
        """The weights; those of a perceptron are ``[D, hidden]``, ``[hidden]``, ``[hidden, C]``, ``[C]``."""
        return tuple(np.asarray(variable) for variable in self.model.trainable_variables)

    def scores(self, codes: np.ndarray) -> np.ndarray:
        """Return scores ``[N, C]``, before the softmax, of bytes ``[N, D]``."""
        return _in_parts(self.model, codes)

    def features(self, codes: np.ndarray) -> np.ndarray:
        """Return the hidden units ``[N, hidden]``, after the ReLU, of bytes ``[N, D]``."""
        return _in_parts(self.body, codes)

    def step(self, *terms: Term, pull: Sequence[np.ndarray] = ()) -> None:
        """Take one step of Adam down the sum of the ``terms``.

        ``pull`` holds ``a`` and then ``b`` for each parameter θ: the gradient of ``½ a θ² - b θ`` is added.
        """
        self._stepped(*_parts(terms), tuple(pull))

    def slopes(self, *terms: Term) -> Arrays:
        """Return the gradient of the sum of the ``terms``, an array for each parameter."""
        return tuple(np.asarray(slope) for slope in self._sloped(*_parts(terms)))

    def apply(self, slopes: Sequence[np.ndarray]) -> None:
        """Take one step of Adam with these gradients."""
        self._applied(tuple(slopes))

    def _step(self, losses, weights, inputs, targets, pull):
        variables = self.model.trainable_variables
        slopes = self._slopes(losses, weights, inputs, targets)
        if pull:
            springs = zip(slopes, variables, pull[: len(variables)], pull[len(variables) :], strict=True)
            slopes = [slope + a * variable - b for slope, variable, a, b in springs]
        self._apply(slopes)

    def _slopes(self, losses, weights, inputs, targets):
        with tf.GradientTape() as tape:
            parts = zip(losses, weights, inputs, targets, strict=True)
            loss = sum(weight * loss(self.model(rows, training=True), *given) for loss, weight, rows, given in parts)
        return tape.gradient(loss, self.model.trainable_variables)

    def _apply(self, slopes):
        self.optimizer.apply_gradients(zip(slopes, self.model.trainable_variables, strict=True))


def _parts(terms: Sequence[Term]) -> tuple[tuple, ...]:
    """Return losses, weights, inputs and targets of the ``terms``."""
    each = [(term.loss, term.weight, scaled(term.codes), term.targets) for term in terms]
    return tuple(zip(*each, strict=True))


def _in_parts(model: keras.Model, codes: np.ndarray) -> np.ndarray:
    starts = range(0, max(len(codes), 1), ROWS)
    return np.concatenate([np.asarray(model(scaled(codes[start : start + ROWS]))) for start in starts])


def check_picture(shape: tuple[int, ...]) -> None:
    """Raise `InputError` unless inputs of this ``shape`` can be convolved."""
    if len(shape) < 2 or min(shape[:2]) < LEAST_SIDE:
        found = f"inputs of {'x'.join(map(str, shape))}"
        raise InputError(f"network=conv: expected pictures of {LEAST_SIDE} pixels or more, got {found}: network=dense")


def _convolutions(picture: tuple[int, ...] | None, seeds: Iterator[int]) -> list:
    if picture is None:
        return []
    check_picture(picture)
    convolved = [
        _layer(
            keras.layers.Conv2D, filters, next(seeds), kernel_size=size, strides=2, padding="same", activation="relu"
        )
        for filters, size in ((16, 5), (32, 3))
    ]
    return [keras.layers.Reshape((*picture[:2], int(np.prod(picture[2:])))), *convolved, keras.layers.Flatten()]


def _layer(kind, units: int, seed: int, **options):
    return kind(units, kernel_initializer=keras.initializers.HeUniform(seed=seed), **options)


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

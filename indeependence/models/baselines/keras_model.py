"""A compiled Keras model as a learner: it is fitted on each task, and nothing is done against forgetting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indeependence.encoder.pixels import Pixels
from indeependence.encoder.quantise import fit_quantiser
from indeependence.errors import InputError
from indeependence.models.baselines.memory import Kept, scaled, task_of
from indeependence.models.baselines.network import ROWS
from indeependence.models.inputs import known_labels
from indeependence.models.learner import Batches, NeitherMergesNorForgets
from indeependence.models.readout import FunctionReadout
from indeependence.moments.moments import Label
from indeependence.quiet_keras import keras

BATCH = 32  # as of Keras


class Shuffled(keras.utils.PyDataset):
    """Batches in a new order each epoch, drawn by a generator of our own, so that a run can be repeated."""

    def __init__(self, inputs: np.ndarray, targets: np.ndarray, batch: int, rng: np.random.Generator):
        super().__init__()
        self.inputs, self.targets, self.batch, self.rng = inputs, targets, batch, rng
        self.on_epoch_end()

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        self.order = self.rng.permutation(len(self.inputs))

    def __len__(self) -> int:
        return -(-len(self.inputs) // self.batch)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        return self.inputs[rows], self.targets[rows]


class KerasLearner(NeitherMergesNorForgets):
    """A Keras model that gets inputs from 0 to 1 in the shape that it asks for, and has an output for each label.

    Targets are the numbers of the labels, in their order, for a loss named ``sparse…``, and rows with a one among zeros
    for any other. Only labels that came compete. `restart` puts weights and optimiser back to what they were given as.

    Parameters
    ----------
    labels : all labels that may come.
    model : compiled.
    fit : options of ``model.fit``, such as ``epochs`` (1 by default).
    random_state, batch_size, n_jobs : as of every `Learner`.

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    >>> model.compile("adam", "mse")
    >>> KerasLearner(["a", "b"], model, fit={"epochs": 3}).about
    'sequential, fitted on each task with epochs=3'
    """

    stored_examples = 0

    def __init__(
        self,
        labels: Sequence[Label],
        model: keras.Model,
        *,
        fit: Mapping[str, Any] | None = None,
        random_state: int = 0,
        batch_size: int = 4096,
        n_jobs: int | None = None,
    ):
        self.labels, self.model, self.fit = known_labels(labels), model, dict(fit or {})
        self.random_state, self.batch_size, self.n_jobs = random_state, batch_size, n_jobs
        self.bootstrap_limit = 5000  # inputs to see what range they have, if they are no bytes
        if not getattr(model, "compiled", False) or model.loss is None:
            raise InputError(
                f"{model.name}: expected a compiled Keras model: call compile with an optimiser and a loss"
            )
        if not model.built or model.output_shape[-1] != len(self.labels):
            found = f"{model.output_shape[-1]}" if model.built else "none yet, begin with keras.Input"
            raise InputError(f"{model.name}: expected {len(self.labels)} outputs, one for each label, got {found}")
        model.optimizer.build(model.trainable_variables)
        self._start = [np.asarray(variable) for variable in self._variables()]

    @property
    def about(self) -> str:
        """The settings in words."""
        options = ", ".join(f"{name}={value}" for name, value in self.fit.items()) or "epochs=1"
        return f"{self.model.name.rstrip('_0123456789')}, fitted on each task with {options}"

    def restart(self, sample: np.ndarray) -> KerasLearner:
        """Put everything back to what it was given as and return self, for inputs like those of ``sample``."""
        self.encoder_ = Pixels(sample.shape[1:], fit_quantiser(sample), f"Keras model {self.model.name}")
        self._shape = tuple(size or -1 for size in self.model.input_shape[1:])
        if -1 in self._shape:
            self._shape = sample.shape[1:]
        if np.prod(self._shape) != self.encoder_.units:
            asked, got = ("x".join(map(str, shape)) for shape in (self._shape, sample.shape[1:]))
            raise InputError(
                f"{self.model.name}: it takes inputs of {asked}, got {got}: give its keras.Input that shape"
            )
        self._rng = np.random.default_rng(self.random_state)
        for variable, value in zip(self._variables(), self._start, strict=True):
            variable.assign(value)
        self._seen = np.zeros(len(self.labels), bool)
        return self

    def learn(self, batches: Batches) -> KerasLearner:
        """Learn one task and return self; raise `InputError` for a label that was not given at the start."""
        codes, columns = task_of(self.encoder_, batches, self.labels)
        targets = columns if "sparse" in _name(self.model.loss) else np.eye(len(self.labels), dtype=np.float32)[columns]
        options = {"batch_size": BATCH, "epochs": 1, **self.fit}
        shuffled = Shuffled(self._inputs(codes), targets, options.pop("batch_size"), self._rng)
        self.model.fit(shuffled, verbose=0, shuffle=False, **options)
        self._seen[columns] = True
        return self

    @property
    def weights(self) -> FunctionReadout:
        """The readout of the labels seen so far."""
        return FunctionReadout.of_seen(self._scores, self.labels, self._seen)

    def _scores(self, codes: np.ndarray) -> np.ndarray:
        starts = range(0, max(len(codes), 1), ROWS)
        blocks = [self.model(self._inputs(codes[start : start + ROWS]), training=False) for start in starts]
        return np.concatenate([np.asarray(block) for block in blocks])

    def _inputs(self, codes: np.ndarray) -> np.ndarray:
        return scaled(codes).reshape(-1, *self._shape)

    @property
    def moments_(self) -> Kept:
        """Everything that is kept between tasks: the weights."""
        return Kept(tuple(np.asarray(weight) for weight in self.model.weights))

    def _variables(self) -> list:
        return [*self.model.variables, *self.model.optimizer.variables]


def _name(loss: Any) -> str:
    """Return the name of a loss that is given by name, as a function or as an object."""
    return str(loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)).lower()

"""Fine-tuning: a network learns on with each task's examples alone, and nothing is done against forgetting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from indeependence.encoder.pixels import Pixels
from indeependence.encoder.quantise import fit_quantiser
from indeependence.models.baselines.losses import labelled
from indeependence.models.baselines.memory import Arrays, Kept, task_of
from indeependence.models.baselines.network import Network, shuffled
from indeependence.models.inputs import known_labels
from indeependence.models.learner import Batches, NeitherMergesNorForgets
from indeependence.models.readout import FunctionReadout
from indeependence.moments.moments import Label


class FineTuning(NeitherMergesNorForgets):
    """A perceptron that takes ``steps`` of Adam on each task, with nothing against forgetting.

    A task's examples are held until the end of the call that learns them. The default settings are fixed, not chosen
    on any of the data.

    Parameters
    ----------
    labels : all labels that may come; those not seen yet take no part.
    network : "dense", or "conv" for convolutions before the hidden units.
    hidden : hidden units.
    steps, batch, rate : of Adam on each task.
    random_state, batch_size, n_jobs : as of every `Learner`.

    Attributes
    ----------
    net : the `Network`; only after `restart`.

    Examples
    --------

    >>> from indeependence.models.readout import predict
    >>> rng = np.random.default_rng(0)
    >>> rows = np.vstack([rng.integers(0, 100, (50, 4)), rng.integers(150, 256, (50, 4))]).astype(np.uint8)
    >>> model = FineTuning(["a", "b"], hidden=8, steps=200).restart(rows)
    >>> model = model.learn([(rows, np.repeat(["a", "b"], 50))])
    >>> bool(np.mean(predict(model.weights, rows) == np.repeat(["a", "b"], 50)) > 0.9)
    True
    """

    def __init__(
        self,
        labels: Sequence[Label],
        *,
        network: str = "dense",
        hidden: int = 400,
        steps: int = 500,
        batch: int = 128,
        rate: float = 1e-3,
        random_state: int = 0,
        batch_size: int = 4096,
        n_jobs: int | None = None,
    ):
        self.labels, self.network, self.hidden = known_labels(labels), network, hidden
        self.steps, self.batch, self.rate = steps, batch, rate
        self.random_state, self.batch_size, self.n_jobs = random_state, batch_size, n_jobs
        self.bootstrap_limit = 5000  # inputs to see what range they have, if they are no bytes

    @property
    def about(self) -> str:
        """The settings in words."""
        convolved = "two convolutions, " if self.network == "conv" else ""
        return f"{convolved}{self.hidden} hidden units, {self.steps} steps of {self.batch} a task, Adam {self.rate:g}"

    def restart(self, sample: np.ndarray):
        """Forget everything and return self, for inputs like those of ``sample``."""
        self.encoder_ = Pixels(sample.shape[1:], fit_quantiser(sample), f"perceptron of {self.hidden} hidden units")
        self._rng = np.random.default_rng(self.random_state)
        self.net = self._fresh()
        self._seen = np.zeros(len(self.labels), bool)
        return self

    def _fresh(self) -> Network:
        picture = self.encoder_.shape if self.network == "conv" else None
        known = len(self.labels)
        return Network(self.encoder_.units, self.hidden, known, rate=self.rate, seed=self.random_state, picture=picture)

    def learn(self, batches: Batches):
        """Learn one task and return self; raise `InputError` for a label that was not given at the start."""
        codes, columns = task_of(self.encoder_, batches, self.labels)
        self._seen[columns] = True
        self._learn_task(codes, columns)
        return self

    def _rows(self, codes: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the rows of each step's batch."""
        return shuffled(len(codes), self.batch, self.steps, self._rng)

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        for rows in self._rows(codes):
            self.net.step(labelled(codes[rows], columns[rows], self._seen))

    @property
    def weights(self) -> FunctionReadout:
        """The readout of the labels seen so far."""
        return FunctionReadout.of_seen(self._scores, self.labels, self._seen)

    def _scores(self, codes: np.ndarray) -> np.ndarray:
        return self.net.scores(codes)

    @property
    def moments_(self) -> Kept:
        """Everything that is kept between tasks."""
        return Kept(self.net.parameters, self._statistics(), self._examples())

    @property
    def stored_examples(self) -> int:
        """The number of examples among that."""
        examples = self._examples()
        return len(examples[0]) if examples else 0

    def _statistics(self) -> Arrays:
        return ()

    def _examples(self) -> Arrays:
        return ()

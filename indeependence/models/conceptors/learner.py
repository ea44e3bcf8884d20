"""The conceptor-aided perceptron as a learner of tasks, around the pure functions of `perceptron`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indeependence.encoder.pixels import Pixels
from indeependence.encoder.quantise import fit_quantiser
from indeependence.exact import TOP
from indeependence.models.conceptors.algebra import conceptor, quota
from indeependence.models.conceptors.perceptron import APERTURES, States, learn_task, start, with_one
from indeependence.models.galleries import Inside, Measures
from indeependence.models.inputs import batches_of, known_labels
from indeependence.models.learner import Batches, NeitherMergesNorForgets
from indeependence.models.readout import FunctionReadout
from indeependence.moments.moments import Label
from indeependence.moments.scores import one_hot

if TYPE_CHECKING:
    from indeependence.data.examples import Examples


class ConceptorPerceptron(NeitherMergesNorForgets):
    """A perceptron that learns each task in the space that the conceptors of earlier tasks leave free.

    It keeps sums of states, and no example. Each call of `learn` is one task.

    Parameters
    ----------
    labels : all labels that may come.
    hidden : hidden units.
    apertures : of input states and of hidden states.
    steps, rate : of gradient descent on each task.
    conceptors : False gives the plain perceptron, for comparison.
    bootstrap_limit, batch_size, random_state, n_jobs : as of every `Learner`.

    Attributes
    ----------
    net : the `Perceptron`; only after `restart`.
    states : the sums of all states so far.
    tasks : the number of learned tasks.

    Examples
    --------

    >>> from indeependence.models.readout import predict
    >>> rng = np.random.default_rng(0)
    >>> model = ConceptorPerceptron(["a", "b"], hidden=8, steps=200).restart(rng.random((9, 4)))
    >>> rows = np.vstack([rng.random((50, 4)), 0.5 + rng.random((50, 4))])
    >>> model = model.learn([(rows, np.repeat(["a", "b"], 50))])
    >>> bool(np.mean(predict(model.weights, model.encoder_(rows)) == np.repeat(["a", "b"], 50)) > 0.8)
    True
    """

    stored_examples = 0

    def __init__(
        self,
        labels: Sequence[Label],
        *,
        hidden: int = 100,
        apertures: tuple[float, float] = APERTURES,
        steps: int = 500,
        rate: float = 0.1,
        conceptors: bool = True,
        bootstrap_limit: int = 5000,
        batch_size: int = 256,
        random_state: int = 0,
        n_jobs: int | None = None,
    ):
        self.labels, self.hidden, self.apertures = known_labels(labels), hidden, apertures
        self.steps, self.rate, self.conceptors = steps, rate, conceptors
        self.bootstrap_limit, self.batch_size = bootstrap_limit, batch_size
        self.random_state, self.n_jobs = random_state, n_jobs

    def restart(self, sample: np.ndarray) -> ConceptorPerceptron:
        """Forget everything and return self, for inputs like those of ``sample``."""
        self.encoder_ = Pixels(sample.shape[1:], fit_quantiser(sample), f"perceptron of {self.hidden} hidden units")
        self._rng = np.random.default_rng(self.random_state)
        self.net = start(self.encoder_.units, self.hidden, len(self.labels), self._rng)
        self.states = States.empty(self.encoder_.units, self.hidden)
        self.tasks, self._seen = 0, np.zeros(len(self.labels), bool)
        return self

    def learn(self, batches: Batches) -> ConceptorPerceptron:
        """Learn one task and return self; its examples are held until the end of the call and no longer."""
        parts = [(self.encoder_(inputs), labels) for inputs, labels in batches_of(batches)]
        states = with_one(np.vstack([codes for codes, _ in parts]) / TOP)
        targets = one_hot(np.concatenate([labels for _, labels in parts]), self.labels).astype(np.float32)
        self.net = learn_task(self.net, self._free(), states, targets, self._rng, steps=self.steps, rate=self.rate)
        self.states = self.states.learn(self.net, states)
        self.tasks += 1
        self._seen |= targets.any(0)
        return self

    def _free(self) -> tuple[np.ndarray, np.ndarray]:
        if self.conceptors:
            return self.states.free(self.states.count // max(self.tasks, 1), self.apertures)
        return np.eye(self.encoder_.units + 1, dtype=np.float32), np.eye(self.hidden + 1, dtype=np.float32)

    @property
    def used(self) -> tuple[float, float]:
        """The share of both layers' input space that the tasks so far use."""
        per_task = max(self.states.count // max(self.tasks, 1), 1)
        sums = (self.states.inputs, self.states.hidden)
        one, other = (quota(conceptor(R / per_task, a)) for R, a in zip(sums, self.apertures, strict=True))
        return one, other

    @property
    def weights(self) -> FunctionReadout:
        """The readout of the labels seen so far."""
        net = self.net
        return FunctionReadout.of_seen(lambda codes: net.scores(with_one(codes / TOP)), self.labels, self._seen)

    @property
    def moments_(self) -> States:
        """The sums of states: all that is kept of the examples."""
        return self.states

    def measures(self) -> Measures:
        """Return the share of both layers' input space that the tasks so far use."""
        return Measures(dict(zip(("used/inputs", "used/hidden"), self.used, strict=True)))

    def galleries(self, tests: Sequence[Examples] = ()) -> Inside:
        """Return an empty `Inside`: a perceptron's code is its input."""
        return Inside()

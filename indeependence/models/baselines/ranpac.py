"""RanPAC's rule: ridge regression on random ReLU features, with a penalty from a part of the newest task.

Source: McDonnell et al., "RanPAC: random projections and pre-trained models for continual learning", NeurIPS 2023,
equations 4 and 5 and appendix C; without the fine-tuning of a network that comes first there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from indeependence.encoder.pixels import Pixels
from indeependence.encoder.quantise import fit_quantiser
from indeependence.models.baselines.memory import Kept, scaled, task_of
from indeependence.models.inputs import known_labels
from indeependence.models.learner import Batches, NeitherMergesNorForgets
from indeependence.models.readout import FunctionReadout
from indeependence.moments.moments import Label

PENALTIES = 10.0 ** np.arange(-8, 9)


class RanPAC(NeitherMergesNorForgets):
    """Ridge regression of targets of 0 and 1 on ``directions`` random Gaussian features of the inputs, after a ReLU.

    It keeps the products of all features and targets. A fifth of each task, drawn at random, chooses the penalty for
    all tasks so far. The paper has 10,000 directions, whose products take 800 MB.

    Parameters
    ----------
    labels : all labels that may come.
    directions : random features.
    random_state, batch_size, n_jobs : as of every `Learner`.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = RanPAC(["a", "b"], directions=30).restart(rows).learn([(rows, np.array(["a", "b"] * 25))])
    >>> model.gram.shape, model.cross.shape
    ((30, 30), (30, 2))
    """

    stored_examples = 0

    def __init__(
        self,
        labels: Sequence[Label],
        *,
        directions: int = 2000,
        random_state: int = 0,
        batch_size: int = 4096,
        n_jobs: int | None = None,
    ):
        self.labels, self.directions = known_labels(labels), directions
        self.random_state, self.batch_size, self.n_jobs = random_state, batch_size, n_jobs
        self.bootstrap_limit = 5000  # inputs to see what range they have, if they are no bytes

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"{self.directions:,} random directions, a penalty of 17 from a fifth of the newest task"

    def restart(self, sample: np.ndarray) -> RanPAC:
        """Forget everything and return self, for inputs like those of ``sample``."""
        self.encoder_ = Pixels(sample.shape[1:], fit_quantiser(sample), "pixels")
        self._rng = np.random.default_rng(self.random_state)
        self.projection = self._rng.standard_normal((self.encoder_.units, self.directions), np.float32)
        self.gram = np.zeros((self.directions, self.directions))
        self.cross = np.zeros((self.directions, len(self.labels)))
        self.counts = np.zeros(len(self.labels))
        self.penalty, self._solved = 1.0, None
        return self

    def learn(self, batches: Batches) -> RanPAC:
        """Learn one task and return self; raise `InputError` for a label that was not given at the start."""
        codes, columns = task_of(self.encoder_, batches, self.labels)
        order = self._rng.permutation(len(codes))
        features, targets = self._features(codes[order]), np.eye(len(self.labels))[columns[order]]
        self.penalty = best_penalty(features, targets)
        self.gram += features.T @ features
        self.cross += features.T @ targets
        self.counts += targets.sum(0)
        self._solved = None
        return self

    def _features(self, codes: np.ndarray) -> np.ndarray:
        return np.maximum(scaled(codes) @ self.projection, 0).astype(np.float64)

    @property
    def weights(self) -> FunctionReadout:
        """The readout of the labels seen so far; solved once."""
        if self._solved is None:
            ridge = self.gram + self.penalty * np.eye(self.directions)
            self._solved = cho_solve(cho_factor(ridge, overwrite_a=True), self.cross)
        solved = self._solved
        return FunctionReadout.of_seen(
            lambda codes: self._features(codes) @ solved, self.labels, self.counts, penalty=self.penalty
        )

    @property
    def moments_(self) -> Kept:
        """Everything that is kept between tasks."""
        return Kept((self.projection,), (self.gram, self.cross, self.counts))


def best_penalty(features: np.ndarray, targets: np.ndarray) -> float:
    """Return the one of `PENALTIES` with the least squared error on the last fifth, learned from the rows before.

    All have one eigendecomposition, of products of features or of rows, whichever are fewer.
    """
    cut = int(len(features) * 0.8)
    if cut == 0:
        return 1.0
    learned, tested, wanted = features[:cut], features[cut:], targets[cut:]
    if cut < features.shape[1]:
        values, vectors = np.linalg.eigh(learned @ learned.T)
        left, right = tested @ (learned.T @ vectors), vectors.T @ targets[:cut]
    else:
        values, vectors = np.linalg.eigh(learned.T @ learned)
        left, right = tested @ vectors, vectors.T @ (learned.T @ targets[:cut])
    values = np.maximum(values, 0)[:, None]  # rounding makes small ones negative
    errors = [np.mean((left @ (right / (values + penalty)) - wanted) ** 2) for penalty in PENALTIES]
    return float(PENALTIES[int(np.argmin(errors))])

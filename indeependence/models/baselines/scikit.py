"""Models of scikit-learn that can learn on: naive Bayes, and a linear model by gradient steps."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import GaussianNB

from indeependence.encoder.pixels import Pixels
from indeependence.encoder.quantise import fit_quantiser
from indeependence.models.baselines.memory import Kept, scaled, task_of
from indeependence.models.inputs import known_labels
from indeependence.models.learner import Batches, NeitherMergesNorForgets
from indeependence.models.readout import FunctionReadout
from indeependence.moments.moments import Label


class Scikit(NeitherMergesNorForgets):
    """An estimator of scikit-learn with ``partial_fit`` as a learner; it keeps no example.

    Parameters
    ----------
    labels : all labels that may come.
    estimator : copied at each `restart`.
    attributes : names of the arrays that it keeps.
    scoring : name of its method that returns scores.
    about : the settings in words.
    passes : times that it sees the examples of a task.
    random_state, batch_size, n_jobs : as of every `Learner`.

    Attributes
    ----------
    fitted : the estimator in use; only after `restart`.

    Examples
    --------
    >>> rows = np.array([[0, 10], [20, 0], [200, 250], [250, 190]], np.uint8)
    >>> model = naive_bayes(["dark", "light"]).restart(rows)
    >>> model.learn([(rows, np.array(["dark", "dark", "light", "light"]))]).weights.labels
    ('dark', 'light')
    """

    stored_examples = 0

    def __init__(
        self,
        labels: Sequence[Label],
        estimator: Any,
        *,
        attributes: tuple[str, ...],
        scoring: str,
        about: str,
        passes: int = 1,
        random_state: int = 0,
        batch_size: int = 4096,
        n_jobs: int | None = None,
    ):
        self.labels, self.estimator, self.attributes, self.scoring = (
            known_labels(labels),
            estimator,
            attributes,
            scoring,
        )
        self.about, self.passes = about, passes
        self.random_state, self.batch_size, self.n_jobs = random_state, batch_size, n_jobs
        self.bootstrap_limit = 5000  # inputs to see what range they have, if they are no bytes

    def restart(self, sample: np.ndarray) -> Scikit:
        """Forget everything and return self, for inputs like those of ``sample``."""
        self.encoder_ = Pixels(sample.shape[1:], fit_quantiser(sample), "pixels")
        self.fitted = copy.deepcopy(self.estimator)
        self._seen = np.zeros(len(self.labels), bool)
        return self

    def learn(self, batches: Batches) -> Scikit:
        """Learn one task and return self; raise `InputError` for a label that was not given at the start."""
        codes, columns = task_of(self.encoder_, batches, self.labels)
        rng = np.random.default_rng([self.random_state, int(self._seen.sum())])
        for _ in range(self.passes):
            order = rng.permutation(len(codes))
            self.fitted.partial_fit(scaled(codes[order]), columns[order], classes=np.arange(len(self.labels)))
        self._seen[columns] = True
        return self

    @property
    def weights(self) -> FunctionReadout:
        """The readout of the labels seen so far."""
        return FunctionReadout.of_seen(self._scores, self.labels, self._seen)

    def _scores(self, codes: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):  # of labels without examples, which are left out
            scores = np.asarray(getattr(self.fitted, self.scoring)(scaled(codes)))
        return np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores

    @property
    def moments_(self) -> Kept:
        """Everything that is kept between tasks."""
        learned = self.attributes if self._seen.any() else ()
        return Kept(tuple(np.asarray(getattr(self.fitted, name)) for name in learned))


def naive_bayes(labels: Sequence[Label], **options: Any) -> Scikit:
    """Return a learner with a Gaussian of independent pixels for each class.

    Its means and variances are sums, so it forgets nothing.
    """
    return Scikit(
        labels,
        GaussianNB(var_smoothing=0.01),
        attributes=("theta_", "var_", "class_count_"),
        scoring="predict_joint_log_proba",
        about="pixels, a hundredth of the largest variance added to each",
        **options,
    )


def gradient_steps(labels: Sequence[Label], **options: Any) -> Scikit:
    """Return a linear learner that takes one gradient step for each example: fine-tuning without a hidden layer."""
    return Scikit(
        labels,
        SGDClassifier(loss="log_loss", random_state=options.get("random_state", 0)),
        attributes=("coef_", "intercept_"),
        scoring="decision_function",
        about="pixels, logistic loss, two passes over each task",
        passes=2,
        **options,
    )

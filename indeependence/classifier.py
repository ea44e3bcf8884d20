"""The continual classifier: a frozen encoder, sums that only grow in value, and weights solved on demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, column_or_1d

from indeependence.encoder.bootstrap import bootstrap
from indeependence.encoder.stack import Encoder
from indeependence.errors import InputError
from indeependence.model_file import read_model, write_model
from indeependence.moments.accumulator import Label, Moments, accumulate, sorted_labels
from indeependence.moments.solvers import Weights, best_ridge, centre, ridge


class ContinualClassifier(ClassifierMixin, BaseEstimator):
    """Learns class after class from sums of products; keeps no example, and forgets none.

    The encoder is bootstrapped on the inputs of the first call, which should hold the first task, and then frozen.
    After that, any order and any batches of the same examples give the same model, bit for bit.

    Inputs are uint8 pictures ``[N, H, W]`` or ``[N, H, W, 3]``, or vectors ``[N, D]`` of any numbers; labels are
    whole numbers or names.

    Parameters
    ----------
    layers : the encoder, as in `indeependence.encoder.grammar.parse_layers`; "auto" chooses by the inputs' shape.
    penalty : of the ridge; "auto" for generalised cross-validation from the sums, or a number in units of the mean
        variance of a code unit.
    bootstrap_limit : examples of the first call that the encoder is fitted on.
    batch_size : examples encoded at a time; any value gives the same result.
    random_state : seed of the bases.
    n_jobs : threads; all cores by default; any value gives the same sums.

    Examples
    --------
    >>> from indeependence import load_dataset
    >>> digits = load_dataset("digits")
    >>> model = ContinualClassifier()
    >>> for classes in [(0, 1), (2, 3)]:
    ...     rows = np.isin(digits.y_train, classes)
    ...     model = model.partial_fit(digits.x_train[rows], digits.y_train[rows])
    >>> model.classes_
    array([0, 1, 2, 3])
    >>> seen = digits.y_test < 4
    >>> bool(model.score(digits.x_test[seen], digits.y_test[seen]) > 0.97)
    True
    """

    def __init__(
        self,
        layers: str = "auto",
        *,
        penalty: float | str = "auto",
        bootstrap_limit: int = 5000,
        batch_size: int = 256,
        random_state: int = 0,
        n_jobs: int | None = None,
    ):
        self.layers = layers
        self.penalty = penalty
        self.bootstrap_limit = bootstrap_limit
        self.batch_size = batch_size
        self.random_state = random_state
        self.n_jobs = n_jobs

    # Learning

    def bootstrap(self, X) -> ContinualClassifier:
        """Itself with an encoder fitted on ``X``, or on `bootstrap_limit` rows of it, and sums of nothing."""
        inputs = _inputs(X)
        if len(inputs) > self.bootstrap_limit:
            rng = np.random.default_rng(self.random_state)
            inputs = inputs[np.sort(rng.choice(len(inputs), self.bootstrap_limit, replace=False))]
        return self.start(bootstrap(inputs, self.layers, seed=self.random_state))

    def start(self, encoder: Encoder, moments: Moments | None = None) -> ContinualClassifier:
        """Itself with a given encoder and given sums, or sums of nothing."""
        self.encoder_ = encoder
        self.moments_ = Moments.empty(encoder.fingerprint, encoder.units) if moments is None else moments
        self.classes_ = np.array(self.moments_.labels)
        self.n_features_in_ = int(np.prod(encoder.shape))
        self._weights: Weights | None = None
        return self

    def fit(self, X, y) -> ContinualClassifier:
        """Itself, having learned ``X, y`` and nothing else."""
        for name in ("encoder_", "moments_", "classes_"):
            if hasattr(self, name):
                delattr(self, name)
        return self.partial_fit(X, y)

    def partial_fit(self, X, y, classes: Sequence[Label] | None = None) -> ContinualClassifier:
        """Itself, having learned ``X, y`` besides all before. New classes may come at any time.

        ``classes`` are names known in advance, for scikit-learn's sake; they are not needed and change no sum.
        """
        inputs, labels = _inputs(X), column_or_1d(y, warn=True)
        check_consistent_length(inputs, labels)
        if not hasattr(self, "encoder_"):
            self.bootstrap(inputs)
        return self.learn([(inputs, labels)], classes=classes)

    def learn(self, batches: Iterable[tuple[np.ndarray, np.ndarray]], classes=None) -> ContinualClassifier:
        """Itself, having learned all ``(inputs, labels)`` of an iterator that is read once and not kept."""
        check_is_fitted(self, "encoder_")
        self.moments_ = accumulate(self.moments_, self._coded(batches))
        known = (
            *self.classes_.tolist(),
            *self.moments_.labels,
            *(np.asarray(classes).tolist() if classes is not None else ()),
        )
        self.classes_ = np.array(sorted_labels(known))
        self._weights = None
        return self

    def _coded(self, batches: Iterable[tuple[np.ndarray, np.ndarray]]):
        for inputs, labels in batches:
            self._check_labels(labels)
            for start in range(0, len(inputs), self.batch_size):
                rows = slice(start, start + self.batch_size)
                yield self.encoder_(inputs[rows], jobs=self.n_jobs), labels[rows]

    def _check_labels(self, labels: np.ndarray) -> None:
        kinds = {"numbers" if isinstance(label, int) else "names" for label in self.classes_.tolist()}
        kind = "names" if labels.dtype.kind in "UO" else "numbers"
        if labels.dtype.kind not in "iubUO":
            raise InputError(f"expected labels that are whole numbers or names, got {labels.dtype}")
        if kinds and kinds != {kind}:
            raise InputError(f"expected labels that are {kinds.pop()}, as learned before, got {kind}")

    # Predicting

    @property
    def weights(self) -> Weights:
        """Weights solved from the sums of all classes that have examples; kept until the sums change."""
        check_is_fitted(self, "moments_")
        if self._weights is None:
            if not self.moments_.count:
                raise InputError("the model has learned no examples yet: train it first")
            self._weights = self._solve()
        return self._weights

    def _solve(self) -> Weights:
        seen = self.moments_.counts > 0
        labels = tuple(np.array(self.moments_.labels, object)[seen])
        sums = replace(
            self.moments_, labels=labels, counts=self.moments_.counts[seen], cross=self.moments_.cross[:, seen]
        )
        if self.penalty == "auto":
            return best_ridge(centre(sums))
        weights = ridge(centre(sums), float(self.penalty))
        if weights is None:
            raise InputError(f"the sums have no solution with penalty {self.penalty}: try a larger one or auto")
        return weights

    def decision_function(self, X) -> np.ndarray:
        """Scores ``[N, C]`` of the classes in `weights`, about 1 for the right one; ``[N]`` of the second of two."""
        scores = self.weights.scores(self._codes(X))
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def predict(self, X, *, among: Sequence[Label] | None = None) -> np.ndarray:
        """Labels ``[N]``; with ``among``, only these classes are considered, as where the task is known."""
        return self.label(self.weights.scores(self._codes(X)), among=among)

    def label(self, scores: np.ndarray, *, among: Sequence[Label] | None = None) -> np.ndarray:
        """Labels ``[N]`` of the largest of `weights`' scores ``[N, C]``."""
        labels = self.weights.labels
        if among is not None:
            columns = [i for i, label in enumerate(labels) if label in set(among)]
            scores, labels = (scores[:, columns], tuple(labels[i] for i in columns)) if columns else (scores, labels)
        return np.array(labels)[scores.argmax(1)]

    def predict_proba(self, X) -> np.ndarray:
        """Probabilities ``[N, C]`` in the order of ``classes_``; 0 for classes without examples.

        Softmax of the scores at a temperature known from the sums alone, `Weights.temperature`.
        """
        weights = self.weights
        scaled = weights.scores(self._codes(X)) / weights.temperature
        powers = np.exp(scaled - scaled.max(1, keepdims=True))
        probabilities = np.zeros((len(powers), len(self.classes_)))
        columns = [self.classes_.tolist().index(label) for label in weights.labels]
        probabilities[:, columns] = powers / powers.sum(1, keepdims=True)
        return probabilities

    def _codes(self, X) -> np.ndarray:
        check_is_fitted(self, "encoder_")
        return self.encoder_(_inputs(X), jobs=self.n_jobs)

    # Keeping

    def save(self, path: str | Path) -> None:
        """Writes the model to ``path``: encoder, sums and parameters, never an example."""
        check_is_fitted(self, "moments_")
        write_model(path, self.encoder_, self.moments_, self.get_params())

    @classmethod
    def load(cls, path: str | Path, **changes: Any) -> ContinualClassifier:
        """The model of the file ``path``, with parameters changed as given."""
        encoder, moments, options = read_model(path)
        unknown = options.keys() - cls().get_params().keys()
        if unknown:
            raise InputError(f"{path}: expected options of a classifier, got {min(unknown)!r}: update indeependence")
        return cls(**{**options, **changes}).start(encoder, moments)


def _inputs(X) -> np.ndarray:
    """Inputs as uint8 or float64, finite, at least two-dimensional."""
    inputs = check_array(X, dtype=None, allow_nd=True, input_name="X")
    if inputs.dtype == np.uint8:
        return inputs
    return check_array(inputs, dtype=np.float64, allow_nd=True, input_name="X")

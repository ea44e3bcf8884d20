"""The continual classifier: a frozen encoder, sums that only grow in value, and weights solved on demand."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, column_or_1d

from indeependence.encoder.bootstrap import bootstrap
from indeependence.encoder.stack import Encoder
from indeependence.errors import InputError
from indeependence.model_file import ModelFile, read_model, write_model
from indeependence.moments.accumulator import Label, Moments, sorted_labels
from indeependence.moments.ledger import Ledger
from indeependence.moments.solvers import Weights, best_ridge, centre, least_ridge

Batches = Iterable[tuple[np.ndarray, np.ndarray]]


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
    ledger : "task" or "class" also keeps the sums of each call to learn, or of each class, so that `forget_task` or
        `forget_class` is exact; the model is then as many times larger. It changes no sum of the whole.

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
        ledger: str = "none",
    ):
        self.layers = layers
        self.penalty = penalty
        self.bootstrap_limit = bootstrap_limit
        self.batch_size = batch_size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.ledger = ledger

    # Learning

    def bootstrap(self, X) -> ContinualClassifier:
        """Itself with an encoder fitted on ``X``, or on `bootstrap_limit` rows of it, and sums of nothing."""
        inputs = _inputs(X)
        sample = inputs[self.bootstrap_rows(len(inputs))]
        return self.start(bootstrap(sample, self.layers, seed=self.random_state))

    def bootstrap_rows(self, count: int) -> np.ndarray:
        """The row numbers, ascending, that `bootstrap` uses of ``count`` inputs: all, or as many as its limit."""
        if count <= self.bootstrap_limit:
            return np.arange(count)
        rng = np.random.default_rng(self.random_state)
        return np.sort(rng.choice(count, self.bootstrap_limit, replace=False))

    def start(self, encoder: Encoder, sums: Ledger | None = None) -> ContinualClassifier:
        """Itself with a given encoder and given sums, or sums of nothing."""
        self.encoder_ = encoder
        self.n_features_in_ = int(np.prod(encoder.shape))
        return self._now(Ledger.empty(self.ledger, encoder.fingerprint, encoder.units) if sums is None else sums)

    @property
    def moments_(self) -> Moments:
        """The sums of all examples, whatever the ledger keeps beside them."""
        return self.ledger_.total

    def _now(self, sums: Ledger, known: Sequence[Label] = ()) -> ContinualClassifier:
        """Itself with other sums; classes that are ``known`` but have no examples are listed all the same."""
        self.ledger_ = sums
        self.classes_ = np.array(sorted_labels((*known, *sums.total.labels)))
        self._weights: Weights | None = None
        return self

    def fit(self, X, y) -> ContinualClassifier:
        """Itself, having learned ``X, y`` and nothing else."""
        for name in ("encoder_", "ledger_", "classes_"):
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

    def learn(self, batches: Batches, classes=None, *, task: int | None = None) -> ContinualClassifier:
        """Itself, having learned all ``(inputs, labels)`` of an iterator that is read once and not kept.

        With the ledger "task" they are a task of their own, or are added to the earlier ``task`` of that number.
        """
        check_is_fitted(self, "encoder_")
        sums = self.ledger_.learn(self._coded(batches), task=task)
        return self._now(
            sums, (*self.classes_.tolist(), *(np.asarray(classes).tolist() if classes is not None else ()))
        )

    def add(self, sums: Moments, *, task: int | None = None) -> ContinualClassifier:
        """Itself, having learned the examples of ``sums`` that were made elsewhere by the same encoder."""
        check_is_fitted(self, "encoder_")
        if sums.labels:
            self._check_labels(np.array(sums.labels))
        return self._now(self.ledger_.add(sums, task=task), self.classes_.tolist())

    # Merging and forgetting: exact, so the order of all that was learned, merged and forgotten does not matter

    def merge(self, *others: ContinualClassifier) -> ContinualClassifier:
        """Itself, as if it had learned all that ``others`` of the same encoder learned, too.

        Raises `InputError` for another encoder, or names where we have numbers; nothing has then changed.
        """
        check_is_fitted(self, "encoder_")
        sums = self.ledger_
        for other in others:
            if len(other.classes_):
                self._check_labels(other.classes_)
            sums = sums.merge(other.ledger_)
        return self._now(sums)

    def forget(self, X, y, *, task: int | None = None) -> ContinualClassifier:
        """Itself, as if it had never learned ``X, y``; with the ledger "task", say of which ``task`` they were.

        Raises `InputError` where the sums show that they were never learned; nothing has then changed. That shows for
        too many examples of a class and for sums that no examples have, but not for every wrong example.
        """
        inputs, labels = _inputs(X), column_or_1d(y, warn=True)
        check_consistent_length(inputs, labels)
        return self.forget_batches([(inputs, labels)], task=task)

    def forget_batches(self, batches: Batches, *, task: int | None = None) -> ContinualClassifier:
        """Itself without all ``(inputs, labels)`` of an iterator; raises as `forget` does."""
        check_is_fitted(self, "encoder_")
        kind = "class" if self.ledger_.kind == "class" else "none"
        nothing = Ledger.empty(kind, self.encoder_.fingerprint, self.encoder_.units)
        return self.subtract(nothing.learn(self._coded(batches)), task=task)

    def subtract(self, sums: Ledger, *, task: int | None = None) -> ContinualClassifier:
        """Itself without the sums of another model; raises as `forget` does."""
        return self._now(self.ledger_.minus(sums, task=task))

    def forget_class(self, label: Label) -> ContinualClassifier:
        """Itself without a class: exact with the ledger "class"; else ``moments_.dropped`` tells what stays."""
        return self._now(self.ledger_.without_class(label))

    def forget_task(self, task: int) -> ContinualClassifier:
        """Itself without the ``task`` of that number, from 1; raises `InputError` without the ledger "task"."""
        return self._now(self.ledger_.without_task(task))

    def _coded(self, batches: Batches) -> Batches:
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
        sums = self.moments_.only(self.moments_.counts > 0)
        if self.penalty == "auto":
            return best_ridge(centre(sums))
        weights = least_ridge(centre(sums), float(self.penalty))
        if weights.penalty > float(self.penalty):
            message = f"penalty raised from {self.penalty} to {weights.penalty:.3g}: below, the sums have no solution"
            warnings.warn(message, RuntimeWarning, stacklevel=3)
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

    def save(self, path: str | Path, progress: dict[str, Any] | None = None) -> None:
        """Writes the model to ``path``: encoder, sums and parameters, never an example."""
        check_is_fitted(self, "moments_")
        write_model(path, ModelFile(self.encoder_, self.ledger_, self.get_params(), progress or {}))

    @classmethod
    def load(cls, path: str | Path, **changes: Any) -> ContinualClassifier:
        """The model of the file ``path``, with parameters changed as given."""
        model = read_model(path)
        unknown = model.options.keys() - cls().get_params().keys()
        if unknown:
            raise InputError(f"{path}: expected options of a classifier, got {min(unknown)!r}: update indeependence")
        options = {**model.options, "ledger": model.ledger.kind, **changes}
        if options["ledger"] == model.ledger.kind:
            return cls(**options).start(model.encoder, model.ledger)
        if model.ledger.total.count:
            raise InputError(
                f"{path}: its ledger is {model.ledger.kind} from its first example on: it cannot change now"
            )
        return cls(**options).start(model.encoder)


def _inputs(X) -> np.ndarray:
    """Inputs as uint8 or float64, finite, at least two-dimensional."""
    inputs = check_array(X, dtype=None, allow_nd=True, input_name="X")
    if inputs.dtype == np.uint8:
        return inputs
    return check_array(inputs, dtype=np.float64, allow_nd=True, input_name="X")

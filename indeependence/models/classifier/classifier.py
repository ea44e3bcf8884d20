"""The continual classifier: a frozen encoder, sums that only grow in value, and weights solved on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from indeependence.encoder.encoder import Encoder
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.keras_front import frozen
from indeependence.errors import InputError
from indeependence.models.classifier.facts import classifier_facts
from indeependence.models.classifier.storage import ModelFile, read_model, taken_up, write_model
from indeependence.models.galleries import Inside, Measures, bases_gallery, code_spectrum
from indeependence.models.inputs import (
    Batch,
    NamedColumns,
    batches_of,
    check_parameters,
    check_same_kind,
    checked_inputs,
    checked_labels,
    head_of,
    is_stream,
)
from indeependence.models.predictor import Predictor
from indeependence.models.readout import predict
from indeependence.models.sampling import bootstrap_rows
from indeependence.moments.ledger import Ledger
from indeependence.moments.moments import Label, Moments, sorted_labels
from indeependence.moments.penalty import usable_penalty
from indeependence.moments.ridge import Weights, solved

if TYPE_CHECKING:
    from indeependence.data.examples import Examples


class ContinualClassifier(NamedColumns, ClassifierMixin, BaseEstimator):
    """Learns class after class from sums of products; keeps no example, and forgets none.

    The encoder is bootstrapped on the inputs of the first call, which should hold the first task, and then frozen.
    After that, any order and any batches of the same examples give the same model, bit for bit.

    Inputs are uint8 pictures ``[N, H, W]`` or ``[N, H, W, 3]``, or vectors ``[N, D]`` of any numbers, as arrays or
    tables; labels are whole numbers or names. `fit`, `partial_fit` and `learn` also take a generator, a
    ``tf.data.Dataset`` or any other iterable of batches ``(inputs, labels)``.

    Parameters
    ----------
    layers : the encoder, as in `indeependence.encoder.fitting.grammar.parse_layers`; "auto" chooses by the inputs'
        shape and shading, and "best" the most accurate encoder that we know of, at several times the cost.
    penalty : of the ridge; "auto" for generalised cross-validation from the sums, or a number in units of the mean
        variance of a code unit.
    bootstrap_limit : examples of the first call that the encoder is fitted on.
    batch_size : examples encoded at a time; any value gives the same result.
    random_state : seed of the bases.
    n_jobs : threads; all cores by default; any value gives the same sums.
    encoder : a Keras model that looks at the inputs first, frozen, or the path of its ``.keras`` file; ``layers`` then
        look at its outputs. Equal bits are then promised on one machine with one set of libraries only.
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

    stored_examples = 0
    promises: ClassVar[frozenset[str]] = frozenset({"order", "file", "merge", "forget"})

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
        encoder: Any = None,
    ):
        self.layers = layers
        self.penalty = penalty
        self.bootstrap_limit = bootstrap_limit
        self.batch_size = batch_size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.ledger = ledger
        self.encoder = encoder

    # Learning

    def bootstrap(self, X) -> ContinualClassifier:
        """Fit the encoder on ``X``, `bootstrap_limit` rows of it at most, reset the sums and return self."""
        inputs = checked_inputs(self, X, first=True)
        return self._fit_encoder(inputs[bootstrap_rows(len(inputs), self.bootstrap_limit, self.random_state)])

    def restart(self, sample: np.ndarray) -> ContinualClassifier:
        """Reset the sums and return self; without an encoder, fit one on exactly this ``sample`` first."""
        return self.start(self.encoder_) if hasattr(self, "encoder_") else self._fit_encoder(sample)

    def _fit_encoder(self, sample: np.ndarray) -> ContinualClassifier:
        front = None if self.encoder is None else frozen(self.encoder)
        return self.start(bootstrap(sample, self.layers, seed=self.random_state, front=front))

    def start(self, encoder: Encoder, sums: Ledger | None = None) -> ContinualClassifier:
        """Itself with a given encoder and given sums, or sums of nothing."""
        self.encoder_ = encoder
        self.n_features_in_ = int(np.prod(encoder.shape))
        return self._set_sums(Ledger.empty(self.ledger, encoder.fingerprint, encoder.units) if sums is None else sums)

    @property
    def moments_(self) -> Moments:
        """The sums of all examples, whatever the ledger keeps beside them."""
        return self.ledger_.total

    @property
    def next_task(self) -> int:
        """The number that the next task would have in a ledger by task, from 1."""
        return self.ledger_.next_task

    def _set_sums(self, sums: Ledger, known: Sequence[Label] = ()) -> ContinualClassifier:
        """Itself with other sums; classes that are ``known`` but have no examples are listed all the same."""
        self.ledger_ = sums
        self.classes_ = np.array(sorted_labels((*known, *sums.total.labels)))
        self._solved: dict[float | str, Weights] = {}  # by penalty
        return self

    def fit(self, X, y=None) -> ContinualClassifier:
        """Itself, having learned ``X, y``, or batches ``X`` of both, and nothing else."""
        for name in ("encoder_", "ledger_", "classes_"):
            if hasattr(self, name):
                delattr(self, name)
        return self.partial_fit(X, y)

    def partial_fit(self, X, y=None, classes: Sequence[Label] | None = None) -> ContinualClassifier:
        """Itself, having learned ``X, y``, or batches ``X`` of both, besides all before.

        New classes may come at any time. ``classes`` are names known in advance, for scikit-learn's sake; they are
        not needed and change no sum. Of batches, the first `bootstrap_limit` examples are kept for the encoder.
        """
        if y is None and is_stream(X):
            return self._learn_stream(X, classes)
        first = not hasattr(self, "encoder_")
        inputs, labels = checked_inputs(self, X, first=first), checked_labels(y)
        check_consistent_length(inputs, labels)
        if first:
            self._fit_encoder(inputs[bootstrap_rows(len(inputs), self.bootstrap_limit, self.random_state)])
        return self.learn([(inputs, labels)], classes=classes)

    def _learn_stream(self, stream: Iterable, classes: Sequence[Label] | None) -> ContinualClassifier:
        batches = batches_of(stream)
        if not hasattr(self, "encoder_"):
            sample, batches = head_of(batches, self.bootstrap_limit)
            self.bootstrap(sample)
        return self.learn(batches, classes=classes)

    def learn(self, batches: Iterable, classes=None, *, task: int | None = None) -> ContinualClassifier:
        """Itself, having learned all ``(inputs, labels)`` of an iterable that is read once and not kept.

        With the ledger "task" they are a task of their own, or are added to the earlier ``task`` of that number.
        """
        check_is_fitted(self, "encoder_")
        sums = self.ledger_.learn(self._coded(batches_of(batches)), task=task)
        return self._set_sums(
            sums, (*self.classes_.tolist(), *(np.asarray(classes).tolist() if classes is not None else ()))
        )

    def for_workers(self) -> ContinualClassifier:
        """Return self: `add` takes sums made elsewhere."""
        return self

    def add(self, sums: Moments, *, task: int | None = None) -> ContinualClassifier:
        """Itself, having learned the examples of ``sums`` that were made elsewhere by the same encoder."""
        check_is_fitted(self, "encoder_")
        check_same_kind(self.classes_, sums.labels)
        return self._set_sums(self.ledger_.add(sums, task=task), self.classes_.tolist())

    # Merging and forgetting: exact, so the order of all that was learned, merged and forgotten does not matter

    def merge(self, *others: ContinualClassifier) -> ContinualClassifier:
        """Itself, as if it had learned all that ``others`` of the same encoder learned, too.

        Raises `InputError` for another encoder, or names where we have numbers; nothing has then changed.
        """
        check_is_fitted(self, "encoder_")
        sums = self.ledger_
        for other in others:
            check_same_kind(self.classes_, other.classes_)
            sums = sums + other.ledger_
        return self._set_sums(sums)

    def forget(self, X, y, *, task: int | None = None) -> ContinualClassifier:
        """Itself, as if it had never learned ``X, y``; with the ledger "task", say of which ``task`` they were.

        Raises `InputError` where the sums show that they were never learned; nothing has then changed. That shows for
        too many examples of a class and for sums that no examples have, but not for every wrong example.
        """
        inputs, labels = checked_inputs(self, X), checked_labels(y)
        check_consistent_length(inputs, labels)
        return self.forget_batches([(inputs, labels)], task=task)

    def forget_batches(self, batches: Iterable, *, task: int | None = None) -> ContinualClassifier:
        """Itself without all ``(inputs, labels)`` of an iterator; raises as `forget` does."""
        check_is_fitted(self, "encoder_")
        kind = "class" if self.ledger_.kind == "class" else "none"
        nothing = Ledger.empty(kind, self.encoder_.fingerprint, self.encoder_.units)
        return self.subtract(nothing.learn(self._coded(batches_of(batches))), task=task)

    def subtract(self, sums: Ledger, *, task: int | None = None) -> ContinualClassifier:
        """Itself without the sums of another model; raises as `forget` does."""
        return self._set_sums(self.ledger_.without(sums, task=task))

    def forget_class(self, label: Label) -> ContinualClassifier:
        """Itself without a class: exact with the ledger "class"; else ``moments_.dropped`` tells what stays."""
        return self._set_sums(self.ledger_.without_class(label))

    def forget_task(self, task: int) -> ContinualClassifier:
        """Itself without the ``task`` of that number, from 1; raises `InputError` without the ledger "task"."""
        return self._set_sums(self.ledger_.without_task(task))

    def _coded(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        return self.encoder_.coded(self._of_same_kind(batches), size=self.batch_size, jobs=self.n_jobs)

    def _of_same_kind(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        for inputs, labels in batches:
            check_same_kind(self.classes_, labels)
            yield inputs, labels

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True  # pictures
        return tags

    # Predicting

    @property
    def weights(self) -> Weights:
        """Weights solved from the sums of all classes that have examples; kept until the sums change."""
        check_is_fitted(self, "moments_")
        penalty = usable_penalty(self.penalty)
        if penalty not in self._solved:
            if not self.moments_.count:
                raise InputError("the model has learned no examples yet: train it first")
            self._solved[penalty] = self._solve()
        return self._solved[penalty]

    def _solve(self) -> Weights:
        return solved(self.moments_.only(self.moments_.counts > 0), self.penalty)

    @property
    def predictor(self) -> Predictor:
        """What answers without the sums, to be written by `write_predictor`: encoder and weights."""
        return Predictor(self.encoder_, self.weights, columns=self.columns)

    def decision_function(self, X) -> np.ndarray:
        """Scores ``[N, C]`` of the classes in `weights`, about 1 for the right one; ``[N]`` of the second of two."""
        scores = self.weights.scores(self._codes(X))
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def predict(self, X, *, among: Sequence[Label] | None = None) -> np.ndarray:
        """Labels ``[N]``; with ``among``, only these classes are considered, as where the task is known."""
        return predict(self.weights, self._codes(X), among=among)

    def predict_proba(self, X) -> np.ndarray:
        """Probabilities ``[N, C]`` in the order of ``classes_``; 0 for classes without examples.

        Softmax of the scores at a temperature known from the sums alone, `Weights.temperature`.
        """
        known = self.weights.probabilities(self.weights.scores(self._codes(X)))
        probabilities = np.zeros((len(known), len(self.classes_)))
        columns = [self.classes_.tolist().index(label) for label in self.weights.labels]
        probabilities[:, columns] = known
        return probabilities

    def _codes(self, X) -> np.ndarray:
        check_is_fitted(self, "encoder_")
        return self.encoder_(checked_inputs(self, X), jobs=self.n_jobs)

    # Keeping

    def facts(self) -> dict[str, Any]:
        """Return what there is to say of the model, in plain JSON values."""
        return classifier_facts(self)

    def measures(self) -> Measures:
        """Return how the weights and the code stand, as numbers to be watched while it learns."""
        sums, weights = self.moments_, self.weights
        numbers = {"expected_error": weights.expected_error, "penalty": weights.penalty, "classes": len(self.classes_)}
        spread = {"weights": weights.coefficients, "code/mean_of_units": sums.code_sum / max(sums.count, 1)}
        return Measures(numbers, spread)

    def galleries(self, tests: Sequence[Examples] = ()) -> Inside:
        """Return pictures of the first layer's bases, where it looks at pictures, and the spectrum of the code."""
        encoder = self.encoder_
        seen = bases_gallery(encoder.layers[0], encoder.shape) if encoder.layers and not encoder.front else None
        return Inside((seen,) if seen else (), code_spectrum(self.moments_))

    def save(self, path: str | Path, progress: dict[str, Any] | None = None) -> None:
        """Writes the model to ``path``: encoder, sums and parameters, never an example."""
        check_is_fitted(self, "moments_")
        options = {name: value for name, value in self.get_params().items() if name != "encoder"}  # it is in encoder_
        write_model(path, ModelFile(self.encoder_, self.ledger_, options, progress or {}, self.columns))

    @classmethod
    def load(cls, path: str | Path, **changes: Any) -> ContinualClassifier:
        """Return the model of the file ``path``, with parameters changed as given."""
        file = read_model(path)
        known = cls().get_params().keys() - {"encoder"}
        check_parameters(path, changes, known)
        options, sums = taken_up(path, file, known=known, changes=changes)
        model = cls(**options, encoder=file.encoder.front).start(file.encoder, sums)
        model.columns = file.columns
        return model

"""The continual classifier: a frozen encoder, exact sums, and weights solved from them on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from indeependence.data.gate import usable_labels
from indeependence.encoder.encoder import Encoder
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.fronts.pretrained import pretrained
from indeependence.errors import InputError
from indeependence.models.alone import alone
from indeependence.models.classifier.facts import classifier_facts
from indeependence.models.classifier.kept import Kept
from indeependence.models.classifier.merged import Merged
from indeependence.models.classifier.storage import ModelFile, read_model, taken_up, write_model
from indeependence.models.far import noticed
from indeependence.models.galleries import Inside, Measures, bases_gallery, code_spectrum
from indeependence.models.inputs import (
    NamedColumns,
    batches_of,
    check_model,
    check_parameters,
    check_same_kind,
    checked_inputs,
    checked_labels,
    checked_weights,
    head_of,
    is_stream,
    of_same_kind,
)
from indeependence.models.learner import Batch
from indeependence.models.parameters import one_of, stored_parameters, usable_parameters, whole
from indeependence.models.predictor import Predictor
from indeependence.models.readout import predict
from indeependence.models.sampling import bootstrap_rows, repeated_rows
from indeependence.models.summed import KeptInSums
from indeependence.moments.ledger import Ledger
from indeependence.moments.likeness import likeness_of
from indeependence.moments.moments import Label, Moments, sorted_labels
from indeependence.moments.penalty import usable_penalty
from indeependence.moments.repeated import repeated
from indeependence.moments.solving import READOUTS, solved
from indeependence.moments.weights import Weights

if TYPE_CHECKING:
    from indeependence.data.examples import Examples


class ContinualClassifier(KeptInSums, NamedColumns, ClassifierMixin, BaseEstimator):
    """A classifier that learns class after class from sums of products; it keeps no example and forgets none.

    The encoder is bootstrapped on the inputs of the first call, which should hold the first task, and then frozen.
    After that, any order and any batches of the same examples give the same model, bit for bit.

    Inputs are uint8 pictures ``[N, H, W]`` or ``[N, H, W, 3]``, or vectors ``[N, D]`` of any numbers, as arrays or
    tables; labels are whole numbers or names. `fit`, `partial_fit` and `learn` also take a generator, a
    ``tf.data.Dataset`` or any other iterable of batches ``(inputs, labels)``.

    Parameters
    ----------
    layers : the encoder, as in `indeependence.encoder.fitting.grammar.parse_layers`; "auto" chooses by the inputs'
        shape and shading, "best" takes the most accurate encoder known here, at several times the cost.
    penalty : of the readout; "auto" for generalised cross-validation from the sums, or a number in units of the mean
        variance of a code unit.
    readout : "lda", linear discriminant analysis; "ridge", whose scores are about 1 for the right class and about 0
        for the others; or "balanced", ridge as if all classes had equally many examples, to find rare ones.
    members : encoders of other seeds, each with sums and a readout of its own, whose scores are averaged: the cost of
        learning and the bytes of the sums grow as their number. Layers that list several members, separated by ``|``,
        have at least as many.
    bootstrap_limit : examples of the first call that the encoder is fitted on.
    batch_size : examples encoded at a time; any value gives the same result.
    random_state : seed of the bases.
    n_jobs : threads; all cores by default; any value gives the same sums.
    encoder : a network that looks at the inputs first, frozen: a ``.keras`` or ``.onnx`` file, a name of
        `keras.applications`, a Keras model, or what `pretrained` returns; ``layers`` then look at its outputs. Equal
        bits are then promised on one machine with one set of libraries only.
    ledger : "task" or "class" also keeps the sums of each call to learn, or of each class, so that `forget_task` or
        `forget_class` is exact; the model is then as many times larger. It changes no sum of the whole.
    limits : the lowest and highest value of inputs that are no bytes, as a pair of numbers, or of lists with one for
        each column, if they are known and are not to be taken from the first examples. Values beyond them are told
        apart less finely.

    Attributes
    ----------
    classes_ : the sorted labels, including those that were only announced to `partial_fit`.
    encoder_ : the frozen encoder, from inputs to codes ``[N, H]``.
    moments_ : the sums of all examples, `Moments`.
    ledger_ : these sums and, with a ledger by task or by class, those of each part.
    merged_ : which models were merged into this one, by their fingerprints.
    n_features_in_ : the number of values of one input.
    feature_names_in_ : names of the input columns; only after inputs with names.

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

    promises: ClassVar[frozenset[str]] = frozenset({"order", "file", "merge", "forget"})

    def __init__(
        self,
        layers: str = "auto",
        *,
        penalty: float | str = "auto",
        readout: str = "lda",
        members: int = 1,
        bootstrap_limit: int = 5000,
        batch_size: int = 256,
        random_state: int = 0,
        n_jobs: int | None = None,
        ledger: str = "none",
        encoder: Any = None,
        limits: Any = None,
    ):
        self.layers = layers
        self.penalty = penalty
        self.readout = readout
        self.members = members
        self.bootstrap_limit = bootstrap_limit
        self.batch_size = batch_size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.ledger = ledger
        self.encoder = encoder
        self.limits = limits

    # Learning: what changes a model runs `alone`, so threads that change the same one wait for each other.

    @alone
    def bootstrap(self, X) -> ContinualClassifier:
        """Fit the encoder on at most `bootstrap_limit` rows of ``X``, reset the sums and return self."""
        return self._bootstrap(checked_inputs(self, X, first=True), None)

    def _bootstrap(self, inputs: np.ndarray, weights: np.ndarray | None) -> ContinualClassifier:
        usable_parameters(self.get_params(deep=False))
        limit, seed = self.bootstrap_limit, self.random_state
        rows = bootstrap_rows(len(inputs), limit, seed) if weights is None else repeated_rows(weights, limit, seed)
        return self._fit_encoder(inputs[rows])

    @alone
    def restart(self, sample: np.ndarray) -> ContinualClassifier:
        """Reset the sums and return self; if there is no encoder yet, fit one on exactly this ``sample`` first."""
        return self.start(self.encoder_) if hasattr(self, "encoder_") else self._fit_encoder(sample)

    def _fit_encoder(self, sample: np.ndarray) -> ContinualClassifier:
        front = None if self.encoder is None else pretrained(self.encoder)
        options = {"seed": self.random_state, "members": self.members, "front": front, "limits": self.limits}
        return self.start(bootstrap(sample, self.layers, **options))

    def start(self, encoder: Encoder, sums: Ledger | None = None) -> ContinualClassifier:
        """Take a given encoder and given sums, empty ones by default, and return self.

        Raise `InputError` for parameters that cannot be used.
        """
        usable_parameters(self.get_params(deep=False))
        self.encoder_ = encoder
        self._asked_layers = self.layers, self.members
        self.n_features_in_ = int(np.prod(encoder.shape))
        self.merged_ = Merged()
        empty = Ledger.empty(self.ledger, encoder.fingerprint, encoder.units, encoder.members)
        return self._set_sums(empty if sums is None else sums)

    def _set_sums(self, sums: Ledger, known: Sequence[Label] = ()) -> ContinualClassifier:
        """Replace the sums and return self; ``known`` classes are listed even if they have no examples."""
        self.classes_ = np.array(sorted_labels((*known, *sums.total.labels)))
        self.ledger_ = sums
        self._solved: dict[tuple[float | str, str], Weights] = {}  # by penalty and readout
        self._kept: Kept | None = None  # weights from the model's file
        if not sums.total.count:
            self.merged_ = Merged()
        return self

    @alone
    def fit(self, X, y=None, sample_weight=None) -> ContinualClassifier:
        """Forget everything, learn ``X, y`` (or an iterable ``X`` of batches) and return self: see `partial_fit`."""
        usable_parameters(self.get_params(deep=False))
        for name in ("encoder_", "ledger_", "classes_"):
            if hasattr(self, name):
                delattr(self, name)
        return self.partial_fit(X, y, sample_weight=sample_weight)

    @alone
    def partial_fit(self, X, y=None, classes: Sequence[Label] | None = None, sample_weight=None) -> ContinualClassifier:
        """Learn ``X, y`` (or an iterable ``X`` of batches) in addition to everything before, and return self.

        New classes may come at any time, also such as ``classes`` lacks: these are labels known in advance, as
        scikit-learn passes them. They are not needed and change no sum. ``sample_weight [N]`` says how many times each
        example counts, in whole numbers: the sums are those of so many copies, to the bit, and 0 leaves one out.

        The first call bootstraps the encoder, on at most `bootstrap_limit` examples; of an iterable, the first batches
        are held for that long. Sparse matrices become dense a batch at a time. Raise `InputError` or `ValueError` for
        inputs or labels of another kind than before, and for parameters and weights that cannot be used.
        """
        if y is None and is_stream(X):
            if sample_weight is not None:
                raise InputError("sample_weight goes with arrays: expected inputs and labels, got batches")
            return self._learn_stream(X, classes)
        first = not hasattr(self, "encoder_")
        inputs, labels = checked_inputs(self, X, first=first), checked_labels(y)
        check_consistent_length(inputs, labels)
        weights = checked_weights(sample_weight, len(labels))
        if first:
            self._bootstrap(inputs, weights)
        if weights is None:
            return self.learn([(inputs, labels)], classes=classes)
        known = self._known(classes)
        sums = self._repeated(inputs, labels, weights, known)
        return self._set_sums(self.ledger_.joined(sums), known)

    def _repeated(self, inputs: np.ndarray, labels: np.ndarray, weights: np.ndarray, known: Sequence[Label]) -> Ledger:
        """Return the sums of examples that count as often as ``weights`` say."""

        def coded(rows: np.ndarray) -> Iterator[Batch]:
            parts = (rows[start : start + self.batch_size] for start in range(0, len(rows), self.batch_size))
            return self._coded(((inputs[part], labels[part]) for part in parts), known)

        return repeated(self.ledger_.like, weights, coded)

    def _learn_stream(self, stream: Iterable, classes: Sequence[Label] | None) -> ContinualClassifier:
        batches = batches_of(stream)
        if not hasattr(self, "encoder_"):
            sample, batches = head_of(batches, self.bootstrap_limit)
            self.bootstrap(sample)
        return self.learn(batches, classes=classes)

    @alone
    def learn(self, batches: Iterable, classes=None, *, task: int | None = None) -> ContinualClassifier:
        """Learn all batches ``(inputs, labels)`` of an iterable, which is read once and not kept, and return self.

        With the ledger "task" they are a new task, or are added to the earlier ``task`` of that number, from 1.
        ``classes`` are labels known in advance. If a batch is refused, the model is left unchanged.
        """
        check_is_fitted(self, "encoder_")
        known, before = self._known(classes), self.ledger_
        sums = before.learn(self._coded(batches_of(batches), known), task=None if task is None else whole("task", task))
        if self.ledger_ is not before:
            raise InputError("the model was changed by the source of its batches: learn them one after the other")
        return self._set_sums(sums, known)

    def _known(self, classes: Sequence[Label] | None) -> tuple[Label, ...]:
        """Return the classes so far and those announced; raise `InputError` where they or parameters do not fit."""
        usable_parameters(self.get_params(deep=False))
        asked = self.layers, self.members
        for name, made, now in zip(("layers", "members"), getattr(self, "_asked_layers", asked), asked, strict=True):
            if made != now:
                raise InputError(f"{name}: the encoder was made with {made}, got {now}: fit anew, or set them back")
        self._check_ledger()
        announced = () if classes is None else usable_labels("classes", classes).tolist()
        check_same_kind(self.classes_, announced)
        return (*self.classes_.tolist(), *announced)

    def for_workers(self) -> ContinualClassifier:
        """Return self: `add` takes the sums that workers made."""
        return self

    @alone
    def add(self, sums: Moments, *, task: int | None = None) -> ContinualClassifier:
        """Learn the examples behind ``sums``, which were made elsewhere with the same encoder, and return self.

        Raise `InputError` for sums of another encoder, or of names where the model learned numbers.
        """
        check_is_fitted(self, "encoder_")
        check_same_kind(self.classes_, sums.labels)
        return self._set_sums(self.ledger_.add(sums, task=task), self.classes_.tolist())

    # Merging and forgetting are exact: the order in which a model learns, merges and forgets does not matter.

    @alone
    def merge(self, *others: ContinualClassifier) -> ContinualClassifier:
        """Learn everything that ``others`` with the same encoder have learned, and return self.

        Raise `InputError` for another encoder, or for names where this model has numbers. The model is then left
        unchanged.
        """
        check_is_fitted(self, "encoder_")
        return self._join(others)

    def _check_other(self, other: Any) -> None:
        check_model(self, other)
        check_same_kind(self.classes_, other.classes_)

    @alone
    def forget(self, X, y, *, task: int | None = None, sample_weight=None) -> ContinualClassifier:
        """Remove ``X, y`` exactly, as if they had never been learned, and return self.

        With the ledger "task", name the ``task`` that they were part of. With ``sample_weight``, each example is
        removed so many times. Raise `InputError` if the sums show that the examples were never learned; the model is
        then left unchanged. The sums show it for too many examples of a class and for sums that no examples can have,
        but not for every wrong example.
        """
        inputs, labels = checked_inputs(self, X), checked_labels(y)
        check_consistent_length(inputs, labels)
        weights = checked_weights(sample_weight, len(labels))
        if weights is None:
            return self.forget_batches([(inputs, labels)], task=task)
        return self.subtract(self._repeated(inputs, labels, weights, self.classes_.tolist()), task=task)

    @alone
    def forget_batches(self, batches: Iterable, *, task: int | None = None) -> ContinualClassifier:
        """Remove all batches ``(inputs, labels)`` of an iterable and return self, as `forget` does."""
        check_is_fitted(self, "encoder_")
        coded = self._coded(batches_of(batches), self.classes_.tolist())
        return self.subtract(self.ledger_.like.learn(coded), task=task)

    @alone
    def subtract(self, sums: Ledger, *, task: int | None = None) -> ContinualClassifier:
        """Subtract the sums of another model and return self; raise `InputError` as `forget` does."""
        known = bool(self.merged_.models)
        return self._without(self.ledger_.without(sums, task=task), {sums.total.fingerprint} if known else ())

    @alone
    def forget_class(self, label: Label) -> ContinualClassifier:
        """Remove the class ``label`` and return self.

        With the ledger "class" that is exact. Otherwise the products of its examples stay: ``moments_.dropped`` is
        their number. Raise `InputError` for a class that was never learned.
        """
        check_is_fitted(self, "encoder_")
        return self._without(self.ledger_.without_class(label))

    def _coded(self, batches: Iterable[Batch], known: Sequence[Label]) -> Iterator[Batch]:
        seen = noticed(self.encoder_, of_same_kind(known, batches), self.reading.columns)
        return self.encoder_.coded(seen, size=self.batch_size, jobs=self.n_jobs)

    # Predicting

    @property
    def weights(self) -> Weights:
        """The readout of the classes with examples, solved once for given sums; `InputError` if nothing was learned."""
        check_is_fitted(self, "moments_")
        asked, kept = self._asked, self._solved  # of these sums, if another thread changes them
        if asked not in kept:
            if not self.moments_.count:
                raise InputError("the model has learned no examples yet: train it first")
            kept[asked] = self.solve()
        return kept[asked]

    def take_weights(self, weights: Weights) -> ContinualClassifier:
        """Take weights that the present sums gave elsewhere, so that they are not solved again, and return self."""
        self._solved[self._asked] = weights
        return self

    def solve(self) -> Weights:
        """Return the `readout` that the present sums give. Override it for a readout of your own."""
        return solved(self.moments_.only(self.moments_.counts > 0), *self._asked)

    @property
    def _asked(self) -> tuple[float | str, str]:
        return usable_penalty(self.penalty), one_of("readout", self.readout, READOUTS)

    @property
    def _weights_at_hand(self) -> Weights:
        """The weights to predict with: those of the model's file if they are of these sums, else `weights`.

        Both give the same scores, to the bit: those of the file are rounded to float32, as scores are computed.
        """
        check_is_fitted(self, "moments_")
        kept = self._kept_of(self._asked)
        return self.weights if kept is None else kept.weights

    def _kept_of(self, asked: tuple[float | str, str]) -> Kept | None:
        """Return the weights of the model's file, if they are what is asked and no other rule of solving is."""
        known = self._kept is not None and self._kept.asked == asked and self._solves_as_usual
        return self._kept if known else None

    @property
    def _solves_as_usual(self) -> bool:
        return type(self).solve is ContinualClassifier.solve

    def _to_keep(self) -> Kept | None:
        """Return the weights for the model's file: those that are solved already, if any are."""
        asked = self._asked
        if asked not in self._solved or not self._solves_as_usual:
            return self._kept_of(asked)
        return Kept(self._solved[asked], likeness_of(self.moments_), asked, self.moments_.fingerprint)

    @property
    def predictor(self) -> Predictor:
        """A prediction-only copy: encoder, weights, and how far inputs are from what was learned."""
        return Predictor(self.encoder_, self._weights_at_hand, None, self.reading, likeness_of(self.moments_))

    def decision_function(self, X) -> np.ndarray:
        """Return scores ``[N, C]`` of the classes in `weights`: the larger, the likelier.

        For two classes, return ``[N]``: the score of the second minus that of the first.
        """
        scores = self._weights_at_hand.scores(self._codes(X))
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def predict(self, X, *, among: Sequence[Label] | None = None) -> np.ndarray:
        """Return labels ``[N]``; with ``among``, only of these classes, as when the task is known."""
        return predict(self._weights_at_hand, self._codes(X), among=among)

    def predict_proba(self, X) -> np.ndarray:
        """Return probabilities ``[N, C]`` in the order of ``classes_``; 0 for classes without examples.

        They are the softmax of the scores at `Weights.temperature`, which is known from the sums alone.
        """
        codes, readout = self._codes(X), self._weights_at_hand
        known, classes = readout.probabilities(readout.scores(codes)), self.classes_.tolist()
        probabilities = np.zeros((len(known), len(classes)))
        probabilities[:, [classes.index(label) for label in readout.labels]] = known
        return probabilities

    # Keeping

    def facts(self) -> dict[str, Any]:
        """Return facts about the model, as plain JSON values: see `classifier_facts`."""
        return classifier_facts(self)

    def measures(self) -> Measures:
        """Return numbers and histograms of weights and code to watch while the model learns."""
        sums, weights = self.moments_, self.weights
        numbers = {"expected_error": weights.expected_error, "penalty": weights.penalty, "classes": len(self.classes_)}
        spread = {"weights": weights.coefficients, "code/mean_of_units": sums.code_sum / max(sums.count, 1)}
        return Measures(numbers, spread)

    def galleries(self, tests: Sequence[Examples] = ()) -> Inside:
        """Return pictures of the first layer's bases, if it looks at pictures, and the spectrum of the code."""
        encoder = self.encoder_
        seen = bases_gallery(encoder.layers[0], encoder.shape) if encoder.layers and not encoder.front else None
        return Inside((seen,) if seen else (), code_spectrum(self.moments_.each[0]))

    def save(self, path: str | Path, progress: dict[str, Any] | None = None) -> None:
        """Write encoder, sums and parameters to ``path``, never an example; on any failure the old file stays.

        Weights are kept if they were solved before, by `predict` or by ``weights``; otherwise each process that infers
        from the file solves them again.
        """
        check_is_fitted(self, "moments_")
        options = stored_parameters(self.get_params(deep=False))
        del options["encoder"]  # it is in encoder_
        file = ModelFile(
            self.encoder_, self.ledger_, options, progress or {}, self.reading, self.merged_, self._to_keep()
        )
        write_model(path, file)

    @classmethod
    def load(cls, path: str | Path, **changes: Any) -> ContinualClassifier:
        """Return the model in the file ``path``, with ``changes`` of its parameters.

        Raise `InputError` for a missing, foreign or damaged file, for unknown parameters, and for another kind of
        ledger once examples were learned.
        """
        file = read_model(path)
        known = cls().get_params().keys() - {"encoder"}
        check_parameters(path, changes, known)
        changes = usable_parameters(changes)
        options, sums = taken_up(path, file, known=known, changes=changes)
        model = cls(**options, encoder=file.encoder.front).start(file.encoder, sums)
        model.reading = file.reading
        if sums is not None and file.kept and file.kept.sums == sums.total.fingerprint:
            model._kept = file.kept
        if sums is not None:
            model.merged_ = file.merged
        return model

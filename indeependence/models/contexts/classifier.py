"""The contextual classifier: the sums of one task at a time, the weights of all, and no task labels at test time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from indeependence.data.reading import Reading
from indeependence.encoder.quantise import Quantiser, fit_quantiser
from indeependence.errors import InputError
from indeependence.files.container import damage_told
from indeependence.models.alone import alone
from indeependence.models.contexts.context import Contexts
from indeependence.models.contexts.facts import contexts_facts
from indeependence.models.contexts.learning import Plan, context_layers, learn_batches
from indeependence.models.contexts.novelty import place_of
from indeependence.models.contexts.predictor import ContextualPredictor, InputBytes
from indeependence.models.contexts.readout import ContextReadout
from indeependence.models.contexts.storage import read_contexts, write_contexts
from indeependence.models.galleries import Inside, Measures
from indeependence.models.inputs import (
    NamedColumns,
    batches_of,
    check_parameters,
    checked_inputs,
    checked_labels,
    checked_weights,
    of_same_kind,
)
from indeependence.models.learner import Batch, Batches, NeitherMergesNorForgets
from indeependence.models.parameters import stored_parameters, usable_parameters
from indeependence.models.readout import predict
from indeependence.models.sampling import bootstrap_rows, copies, repeated_rows
from indeependence.moments.moments import Label, sorted_labels

if TYPE_CHECKING:
    from indeependence.data.examples import Examples


class ContextualClassifier(NeitherMergesNorForgets, NamedColumns, ClassifierMixin, BaseEstimator):
    """A classifier that learns one context after another, each with its own encoder and sums.

    A context is a task (``contexts="task"``) or a new distribution of inputs ("auto"). At test time the task is not
    given: each input is answered by the context under which it is likeliest. Use it for tasks whose inputs differ so
    much that a single input shows its task, as permuted pixels do. For new classes of the same kind of inputs, use
    `ContinualClassifier`.

    Parameters
    ----------
    layers : of each context's encoder, bootstrapped on its first examples; "auto" as in `ContinualClassifier`.
    contexts : "task": each call to `learn` is a new task, unless it names an earlier one; "auto": see `novelty.is_new`.
    keep_sums : keep the sums of every context, so that it can learn on; "auto" always does. Without them, a context is
        reduced to its weights when the next one opens: it answers as before, but cannot learn, merge or forget.
    penalty, readout, bootstrap_limit, batch_size, random_state, n_jobs : as of `ContinualClassifier`; "auto" looks at
        batches of ``batch_size``.

    Attributes
    ----------
    classes_ : the sorted labels of all contexts.
    moments_ : the contexts, `Contexts`; all that is kept of the examples.
    shape_ : the shape of one input.
    quantiser_ : from inputs to bytes.
    n_features_in_ : the number of values of one input.
    feature_names_in_ : names of the input columns; only after inputs with names.

    Examples
    --------
    >>> from indeependence import load_dataset, permuted_tasks
    >>> scenario = permuted_tasks(load_dataset("digits"), tasks=2)
    >>> model = ContextualClassifier("40,drawn:100")
    >>> for task in scenario.train:
    ...     model = model.partial_fit(*task.arrays())
    >>> bool(min(model.score(*task.arrays()) for task in scenario.test) > 0.95)
    True
    """

    stored_examples = 0
    promises: ClassVar[frozenset[str]] = frozenset({"order", "file"})

    def __init__(
        self,
        layers: str = "auto",
        *,
        contexts: str = "task",
        keep_sums: bool = False,
        penalty: float | str = "auto",
        readout: str = "lda",
        bootstrap_limit: int = 5000,
        batch_size: int = 256,
        random_state: int = 0,
        n_jobs: int | None = None,
    ):
        self.layers = layers
        self.contexts = contexts
        self.keep_sums = keep_sums
        self.penalty = penalty
        self.readout = readout
        self.bootstrap_limit = bootstrap_limit
        self.batch_size = batch_size
        self.random_state = random_state
        self.n_jobs = n_jobs

    # Learning

    @alone
    def bootstrap(self, X) -> ContextualClassifier:
        """Forget all contexts and return self, for inputs with the shape and, unless 8-bit, the limits of ``X``."""
        return self._bootstrap(checked_inputs(self, X, first=True), None)

    def _bootstrap(self, inputs: np.ndarray, weights: np.ndarray | None) -> ContextualClassifier:
        usable_parameters(self.get_params(deep=False))
        limit, seed = self.bootstrap_limit, self.random_state
        rows = bootstrap_rows(len(inputs), limit, seed) if weights is None else repeated_rows(weights, limit, seed)
        return self.restart(inputs[rows])

    @alone
    def restart(self, sample: np.ndarray) -> ContextualClassifier:
        """Forget all contexts and return self, for inputs like those of ``sample``."""
        return self.start(sample.shape[1:], fit_quantiser(sample))

    def start(self, shape: tuple[int, ...], quantiser: Quantiser, contexts: Contexts | None = None):
        """Take given contexts, none by default, for inputs of ``shape``, and return self.

        Raise `InputError` for parameters that cannot be used.
        """
        usable_parameters(self.get_params(deep=False))
        self.shape_, self.quantiser_ = shape, quantiser
        self.n_features_in_ = int(np.prod(shape))
        return self._set_sums(contexts or Contexts())

    def _set_sums(self, contexts: Contexts) -> ContextualClassifier:
        self.moments_ = contexts
        self.classes_ = np.array(sorted_labels(label for part in contexts.parts for label in part.labels))
        return self

    @alone
    def fit(self, X, y, sample_weight=None) -> ContextualClassifier:
        """Forget everything, learn ``X, y`` and return self: see `partial_fit`."""
        usable_parameters(self.get_params(deep=False))
        if hasattr(self, "moments_"):
            del self.moments_
        return self.partial_fit(X, y, sample_weight=sample_weight)

    @alone
    def partial_fit(self, X, y, classes: Sequence[Label] | None = None, sample_weight=None) -> ContextualClassifier:
        """Learn ``X, y`` in addition to everything before, as a new task or where "auto" puts them, and return self.

        ``classes`` is accepted because scikit-learn passes it; it changes nothing. ``sample_weight [N]`` says how many
        times each example is learned, in whole numbers that add up to at most 4,194,304.
        """
        first = not hasattr(self, "moments_")
        inputs, labels = checked_inputs(self, X, first=first), checked_labels(y)
        check_consistent_length(inputs, labels)
        weights = checked_weights(sample_weight, len(labels))
        if first:
            self._bootstrap(inputs, weights)
        if weights is None:
            return self.learn([(inputs, labels)])
        return self.learn((inputs[rows], labels[rows]) for rows in copies(weights, self.batch_size))

    @alone
    def learn(self, batches: Batches, *, task: int | None = None) -> ContextualClassifier:
        """Learn all batches ``(inputs, labels)`` of an iterable, which is read once and not kept, and return self.

        With contexts "task" they are the next task, or are added to the one of number ``task``, from 1. Raise
        `InputError` if the sums of that task are gone. If a batch is refused, the model is left unchanged.
        """
        check_is_fitted(self, "moments_")
        usable_parameters(self.get_params(deep=False))
        before = self.moments_
        parts, place = before.parts, place_of
        if self.contexts == "task":
            index = self._index(task)
            if index == len(parts) and not self.keep_sums:
                parts = tuple(part.close() for part in parts)

            def place(inputs, known):
                return index

        plan = Plan(self.layers, self.penalty, self.readout, self.bootstrap_limit, self.random_state, self.n_jobs)
        grown = learn_batches(parts, self._checked(batches), place, plan)
        if self.moments_ is not before:
            raise InputError("the model was changed by the source of its batches: learn them one after the other")
        return self._set_sums(Contexts(grown))

    def for_workers(self) -> NoReturn:
        """Raise `InputError`: only this process can decide which context an example belongs to."""
        raise InputError("a model with contexts learns in this process: leave --workers and --scheduler out")

    @property
    def next_task(self) -> int:
        """The number, from 1, of the task that would be learned next."""
        return len(self.moments_.parts) + 1

    def _index(self, task: int | None) -> int:
        number = self.next_task if task is None else task
        if not 1 <= number <= self.next_task:
            raise InputError(f"expected a task from 1 to {self.next_task}, the next one, got {number}")
        return number - 1

    def _checked(self, batches: Batches) -> Iterator[Batch]:
        """Yield 8-bit inputs and labels, at most `batch_size` at a time."""
        for inputs, labels in of_same_kind(self.classes_, batches_of(batches)):
            for start in range(0, len(labels), self.batch_size):
                rows = slice(start, start + self.batch_size)
                yield self.encoder_(inputs[rows]), labels[rows]

    @alone
    def close(self) -> ContextualClassifier:
        """Close all contexts and return self: the model is as small as possible, and can only learn new contexts."""
        return self._set_sums(Contexts(tuple(part.close() for part in self.moments_.parts)))

    @alone
    def set_params(self, **params: Any) -> ContextualClassifier:
        """Set parameters and return self; a new penalty or readout counts for open contexts only."""
        super().set_params(**params)
        if hasattr(self, "moments_"):
            self.moments_ = _solved_by(self.moments_, usable_parameters(params))
        return self

    # Predicting

    @property
    def encoder_(self) -> InputBytes:
        """The encoder that all contexts share, from inputs to bytes; its fingerprint is that of all their encoders."""
        check_is_fitted(self, "moments_")
        encoders = [part.encoder for part in self.moments_.parts]
        digest = hashlib.sha256(" ".join(sorted(one.fingerprint for one in encoders)).encode())
        text = context_layers(self.shape_) if self.layers == "auto" else self.layers
        return InputBytes(self.shape_, self.quantiser_, text, encoders[0].units if encoders else 0, digest.hexdigest())

    @property
    def weights(self) -> ContextReadout:
        """The readout, with the weights of every open context solved; `InputError` if nothing was learned."""
        check_is_fitted(self, "moments_")
        if not self.moments_.parts:
            raise InputError("the model has learned no examples yet: train it first")
        for part in self.moments_.parts:
            _ = part.weights
        return ContextReadout(self.moments_.parts, tuple(self.classes_.tolist()), self.n_jobs)

    @property
    def predictor(self) -> ContextualPredictor:
        """A prediction-only copy: the shared encoder and the readout of all contexts."""
        return ContextualPredictor(self.encoder_, self.weights, self.reading)

    def predict(self, X, *, among: Sequence[Label] | None = None) -> np.ndarray:
        """Return labels ``[N]``; with ``among``, only of these classes."""
        return predict(self.weights, self.encoder_(checked_inputs(self, X)), among=among)

    def predict_proba(self, X) -> np.ndarray:
        """Return probabilities ``[N, C]`` in the order of ``classes_``; 0 for classes that are not in the context."""
        return self.weights.probabilities(self.encoder_(checked_inputs(self, X)))

    def context_of(self, X) -> np.ndarray:
        """Return the number ``[N]``, from 1, of the context that answers for each input."""
        return self.weights.context_of(self.encoder_(checked_inputs(self, X))) + 1

    # Keeping

    def facts(self) -> dict[str, Any]:
        """Return facts about the model, as plain JSON values: see `contexts_facts`."""
        return contexts_facts(self)

    def measures(self) -> Measures:
        """Return numbers to watch while the model learns."""
        return Measures({"contexts": len(self.moments_.parts), "classes": len(self.classes_)})

    def galleries(self, tests: Sequence[Examples] = ()) -> Inside:
        """Return an empty `Inside`: each context has an encoder of its own."""
        return Inside()

    def save(self, path: str | Path, progress: dict[str, Any] | None = None) -> None:
        """Write the model to ``path``: encoders, sums or weights, and parameters, never an example."""
        check_is_fitted(self, "moments_")
        options = stored_parameters(self.get_params(deep=False))
        about = {"progress": progress or {}, **self.reading.header()}
        write_contexts(path, self.shape_, self.quantiser_, self.moments_, options, about)

    @classmethod
    def load(cls, path: str | Path, **changes: Any) -> ContextualClassifier:
        """Return the model in the file ``path``, with ``changes`` of its parameters.

        A new penalty or readout counts for open contexts only. Raise `InputError` for a missing, foreign or damaged
        file, and for unknown parameters.
        """
        check_parameters(path, changes, cls().get_params().keys())
        changes = usable_parameters(changes)
        shape, quantiser, contexts, options, _ = read_contexts(path)
        check_parameters(path, options, cls().get_params().keys())
        model = cls(**{**options, **changes})
        contexts = _solved_by(contexts, changes)
        with damage_told(path):
            model.reading = Reading.in_file(path).fitting(shape)
        return model.start(shape, quantiser, contexts)


def _solved_by(contexts: Contexts, changes: dict[str, Any]) -> Contexts:
    """Return contexts of which the open ones are solved by the penalty and readout among ``changes``, if any are."""
    solving = {name: changes[name] for name in ("penalty", "readout") if name in changes}
    if not solving:
        return contexts
    return Contexts(tuple(replace(part, **solving) if part.is_open else part for part in contexts.parts))

"""The continual regressor: a frozen encoder, exact sums of codes and targets, and ridge regression from them."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import numpy as np
from scipy.stats import norm
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from indeependence.encoder.encoder import Encoder
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.fronts.pretrained import pretrained
from indeependence.errors import InputError
from indeependence.models.alone import alone
from indeependence.models.classifier.merged import Merged, joined
from indeependence.models.far import noticed
from indeependence.models.inputs import (
    NamedColumns,
    check_model,
    check_parameters,
    checked_inputs,
    checked_weights,
    plain_inputs,
)
from indeependence.models.parameters import number, one_of, stored_parameters, usable_parameters, whole
from indeependence.models.regressor.facts import regressor_facts
from indeependence.models.regressor.scale import Scale, usable_step
from indeependence.models.regressor.storage import RegressorFile, read_regressor, write_regressor
from indeependence.models.regressor.targets import checked_targets, names_of
from indeependence.models.sampling import bootstrap_rows, repeated_rows
from indeependence.models.summed import KeptInSums
from indeependence.moments.ledger import Ledger
from indeependence.moments.numbers import BYTES, NumberReadout, solved_numbers
from indeependence.moments.repeated import repeated

NOTABLE = 1e-3  # of a target's standard deviation: a step that rounds by more is said
LEDGERS = ("none", "task")


class ContinualRegressor(KeptInSums, RegressorMixin, NamedColumns, BaseEstimator):
    """A regressor that learns numbers from sums of products; it keeps no example and forgets none.

    Encoder and steps of the targets are fixed by the first call. After that, any order and any batches of the same
    examples give the same model, bit for bit, and what was learned can be merged and taken out again exactly.

    Inputs are as for `ContinualClassifier`. Targets are finite numbers, ``[N]`` or ``[N, T]``. They are rounded to
    whole numbers of a step, so that their sums are exact.

    Parameters
    ----------
    layers : the encoder, as in `ContinualClassifier`.
    penalty : of ridge regression; "auto" for generalised cross-validation from the sums, for each target.
    step : of the targets, one number for all or one for each; "auto" takes the finest power of ten that leaves room
        for 64 times the largest of the first targets, which is about eight digits.
    bootstrap_limit : examples of the first call that the encoder is fitted on.
    batch_size : examples encoded at a time; any value gives the same result.
    random_state : seed of the bases.
    n_jobs : threads; all cores by default; any value gives the same sums.
    ledger : "task" also keeps the sums of each call to learn, so that `forget_task` is exact.
    encoder : a frozen network that looks at the inputs first, as in `ContinualClassifier`.
    limits : of the inputs, as in `ContinualClassifier`.

    Attributes
    ----------
    encoder_ : the frozen encoder, from inputs to codes ``[N, H]``.
    scale_ : names and steps of the targets.
    moments_ : the sums of all examples: of rows that hold a code and, in four bytes each, the targets.
    ledger_ : these sums and, with a ledger by task, those of each part.
    rounding_ : how far the farthest of all targets was from what is kept of it, for each target.
    n_features_in_, feature_names_in_ : number and names of the input columns.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = ContinualRegressor().fit(X[:200], y[:200]).partial_fit(X[200:400], y[200:400])
    >>> model.scale_.steps, bool(model.score(X[400:], y[400:]) > 0.5)
    ((0.0001,), True)
    >>> low, high = model.interval(X[400:], coverage=0.9)
    >>> bool(np.mean((low < y[400:]) & (y[400:] < high)) > 0.8)
    True
    """

    promises: ClassVar[frozenset[str]] = frozenset({"order", "file", "merge", "forget"})

    def __init__(
        self,
        layers: str = "auto",
        *,
        penalty: float | str = "auto",
        step: Any = "auto",
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
        self.step = step
        self.bootstrap_limit = bootstrap_limit
        self.batch_size = batch_size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.ledger = ledger
        self.encoder = encoder
        self.limits = limits

    # Learning: what changes a model runs `alone`, so threads that change the same one wait for each other.

    @alone
    def bootstrap(self, X, y) -> ContinualRegressor:
        """Fit the encoder on at most `bootstrap_limit` rows of ``X``, the steps on ``y``, and return self."""
        inputs, targets = checked_inputs(self, X, first=True), checked_targets(y)
        check_consistent_length(inputs, targets)
        return self._bootstrap(inputs, y, targets, None)

    @alone
    def restart(self, inputs: np.ndarray, targets: np.ndarray) -> ContinualRegressor:
        """Reset the sums, fit encoder and steps as `bootstrap` does, on inputs as files give them, and return self.

        NaN in inputs of a table is a missing value there.
        """
        return self._bootstrap(inputs, targets, checked_targets(targets), None)

    def _bootstrap(self, inputs, y: Any, targets: np.ndarray, weights: np.ndarray | None) -> ContinualRegressor:
        self._check_parameters()
        limit, seed = self.bootstrap_limit, self.random_state
        rows = bootstrap_rows(len(inputs), limit, seed) if weights is None else repeated_rows(weights, limit, seed)
        front = None if self.encoder is None else pretrained(self.encoder)
        encoder = bootstrap(inputs[rows], self.layers, seed=seed, front=front, limits=self.limits)
        counted = targets if weights is None else targets[weights > 0]
        scale = Scale.of(counted.reshape(len(counted), -1), names_of(y, targets), self.step)
        self._is_flat = targets.ndim == 1
        return self.start(encoder, scale)

    def start(self, encoder: Encoder, scale: Scale, sums: Ledger | None = None) -> ContinualRegressor:
        """Take a given encoder, scale and sums, empty ones by default, and return self."""
        self._check_parameters()
        self.encoder_, self.scale_ = encoder, scale
        self._is_flat = getattr(self, "_is_flat", True) and len(scale.names) == 1
        self.n_features_in_ = int(np.prod(encoder.shape))
        self.merged_ = Merged()
        self.rounding_ = np.zeros(len(scale.names))
        empty = Ledger.empty(self.ledger, self.rows_fingerprint, encoder.units + BYTES * len(scale.names))
        return self._set_sums(empty if sums is None else sums)

    @property
    def rows_fingerprint(self) -> str:
        """The SHA-256 of all that a row of the sums depends on: the encoder and the steps of the targets."""
        about = json.dumps([self.encoder_.fingerprint, self.scale_.to_json()], sort_keys=True)
        return hashlib.sha256(about.encode()).hexdigest()

    def _set_sums(self, sums: Ledger) -> ContinualRegressor:
        self.ledger_ = sums
        self._solved: dict[float | str, NumberReadout] = {}
        if not sums.total.count:
            self.merged_ = Merged()
        return self

    def _check_parameters(self) -> None:
        usable_parameters(self.get_params(deep=False))
        one_of("ledger", self.ledger, LEDGERS)
        usable_step("step", self.step)

    @alone
    def fit(self, X, y, sample_weight=None) -> ContinualRegressor:
        """Forget everything, learn ``X, y`` and return self: see `partial_fit`."""
        self._check_parameters()
        for name in ("encoder_", "ledger_", "scale_", "_is_flat"):
            if hasattr(self, name):
                delattr(self, name)
        return self.partial_fit(X, y, sample_weight=sample_weight)

    @alone
    def partial_fit(self, X, y, sample_weight=None) -> ContinualRegressor:
        """Learn ``X, y`` in addition to everything before, and return self.

        The first call fits the encoder and chooses the steps of the targets. ``sample_weight [N]`` says how many times
        each example counts, in whole numbers. Raise `InputError` or `ValueError` for inputs or targets that do not fit
        those of before, for targets that are not finite or out of range, and for weights that cannot be used.
        """
        first = not hasattr(self, "encoder_")
        inputs, targets = checked_inputs(self, X, first=first), checked_targets(y)
        check_consistent_length(inputs, targets)
        weights = checked_weights(sample_weight, len(targets))
        if first:
            self._bootstrap(inputs, y, targets, weights)
        if weights is None:
            return self.learn([(inputs, targets)])
        self._check_going_on()
        self._round(targets[weights > 0])
        return self._set_sums(self.ledger_.joined(self._repeated(inputs, targets, weights)))

    def _repeated(self, inputs, targets: np.ndarray, weights: np.ndarray) -> Ledger:
        def rows_of(rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
            parts = (rows[start : start + self.batch_size] for start in range(0, len(rows), self.batch_size))
            return self._rows((inputs[part], targets[part]) for part in parts)

        return repeated(self.ledger_.like, weights, rows_of)

    @alone
    def learn(self, batches: Iterable, *, task: int | None = None) -> ContinualRegressor:
        """Learn all batches ``(inputs, targets)`` of an iterable, which is read once and not kept, and return self.

        With the ledger "task" they are a new task, or are added to the earlier ``task`` of that number, from 1.
        If a batch is refused, the model is left unchanged.
        """
        check_is_fitted(self, "encoder_")
        self._check_going_on()
        before, rounding = self.ledger_, self.rounding_.copy()
        try:
            rows = self._rows(batches, rounded=True)
            sums = before.learn(rows, task=None if task is None else whole("task", task))
        except BaseException:
            self.rounding_ = rounding
            raise
        return self._set_sums(sums)

    def _check_going_on(self) -> None:
        self._check_parameters()
        self._check_ledger()

    def _rows(self, batches: Iterable, *, rounded: bool = False) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield rows of codes and targets, uint8 ``[N, H + 4 T]``, all of one class."""
        seen = noticed(self.encoder_, self._checked(batches, rounded), self.reading.columns)
        for codes, targets in self.encoder_.coded(seen, size=self.batch_size, jobs=self.n_jobs):
            yield np.hstack([codes, self.scale_.bytes_of(targets)]), np.zeros(len(codes), np.int64)

    def _checked(self, batches: Iterable, rounded: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for inputs, targets in batches:
            inputs, found = plain_inputs(inputs), self._as_columns(checked_targets(targets))
            if len(inputs) != len(found):
                raise InputError(f"expected as many targets as inputs in a batch, got {len(found)} and {len(inputs)}")
            self.scale_.whole(found)
            if rounded:
                self._round(found)
            yield inputs, found

    def _as_columns(self, targets: np.ndarray) -> np.ndarray:
        columns, names = targets.reshape(len(targets), -1), self.scale_.names
        if columns.shape[1] != len(names):
            raise InputError(f"expected {len(names)} targets ({', '.join(names)}), got {columns.shape[1]}")
        return columns

    def _round(self, targets: np.ndarray) -> None:
        """Note how far targets are rounded; warn once where that is much for them."""
        columns = self._as_columns(targets)
        found = self.scale_.rounding(columns)
        for name, step, now, before, spread in zip(
            self.scale_.names, self.scale_.steps, found, self.rounding_, columns.std(0), strict=True
        ):
            if now > max(before, NOTABLE * spread) and now:
                text = f"target {name}: numbers are rounded to the step {step:g}, by up to {now:.3g}"
                warnings.warn(f"{text}; a new model with a finer step keeps more", UserWarning, stacklevel=3)
        self.rounding_ = np.maximum(self.rounding_, found)

    # Merging and forgetting are exact: the order in which a model learns, merges and forgets does not matter.

    @alone
    def merge(self, *others: ContinualRegressor) -> ContinualRegressor:
        """Learn everything that ``others`` with the same encoder and steps have learned, and return self.

        Raise `InputError` for another encoder or other targets. The model is then left unchanged.
        """
        check_is_fitted(self, "encoder_")
        sums, merged, rounding = self.ledger_, [self], self.rounding_
        for other in others:
            check_model(self, other)
            if other.scale_ != self.scale_:
                raise InputError(
                    f"expected models of the same targets and steps ({_said(self.scale_)}), got {_said(other.scale_)}: "
                    "bootstrap once and share that file"
                )
            sums, rounding = sums + other.ledger_, np.maximum(rounding, other.rounding_)
            merged.append(other)
        self.merged_ = joined([one.merged_ for one in merged], [one.parts for one in merged])
        self.rounding_ = rounding
        return self._set_sums(sums)

    @alone
    def forget(self, X, y, *, task: int | None = None, sample_weight=None) -> ContinualRegressor:
        """Remove ``X, y`` exactly, as if they had never been learned, and return self.

        With the ledger "task", name the ``task`` that they were part of. Raise `InputError` if the sums show that the
        examples were never learned; the model is then left unchanged.
        """
        check_is_fitted(self, "encoder_")
        inputs, targets = checked_inputs(self, X), checked_targets(y)
        check_consistent_length(inputs, targets)
        weights = checked_weights(sample_weight, len(targets))
        if weights is None:
            return self.forget_batches([(inputs, targets)], task=task)
        return self.subtract(self._repeated(inputs, self._as_columns(targets), weights), task=task)

    @alone
    def forget_batches(self, batches: Iterable, *, task: int | None = None) -> ContinualRegressor:
        """Remove all batches ``(inputs, targets)`` of an iterable and return self, as `forget` does."""
        check_is_fitted(self, "encoder_")
        return self.subtract(self.ledger_.like.learn(self._rows(batches)), task=task)

    @alone
    def subtract(self, sums: Ledger, *, task: int | None = None) -> ContinualRegressor:
        """Subtract the sums of another model and return self; raise `InputError` as `forget` does."""
        known, too_many = bool(self.merged_.models), sums.total.count - self.moments_.count
        if too_many > 0:
            raise InputError(
                f"cannot remove more examples than were learned ({self.encoder_.examples(too_many)} too many): inspect "
                "shows how many there are"
            )
        return self._without(self.ledger_.without(sums, task=task), {sums.total.fingerprint} if known else ())

    # Predicting

    @property
    def readout(self) -> NumberReadout:
        """The readout of the targets, solved once for given sums; `InputError` if nothing was learned."""
        check_is_fitted(self, "encoder_")
        asked = usable_parameters({"penalty": self.penalty})["penalty"]
        kept = self._solved  # of these sums, if another thread changes them
        if asked not in kept:
            kept[asked] = solved_numbers(self.moments_, self.encoder_.units, asked)
        return kept[asked]

    def predict(self, X) -> np.ndarray:
        """Return the targets ``[N]`` that are expected, or ``[N, T]`` where they were learned so."""
        codes = self._codes(X)
        return self._shaped(self._values(self.readout.numbers(codes)))

    def interval(self, X, *, coverage: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
        """Return the lowest and the highest target in which about ``coverage`` of unseen examples should lie.

        Their width follows from the sums alone: the error that cross-validation expects, larger for inputs far from
        what was learned, as if errors were normally distributed. Shapes are those of `predict`.
        """
        _, low, high = self._with_ends(self._codes(X), coverage)
        return self._shaped(low), self._shaped(high)

    def answers(self, inputs: np.ndarray, *, coverage: float = 0.9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return targets and both ends of their intervals, ``[N, T]`` each, for inputs as files give them."""
        check_is_fitted(self, "encoder_")
        seen = noticed(self.encoder_, [(inputs, np.empty(len(inputs)))], self.reading.columns)
        codes = [self.encoder_(plain_inputs(batch), jobs=self.n_jobs) for batch, _ in seen]
        return self._with_ends(codes[0], coverage)

    def _with_ends(self, codes: np.ndarray, coverage: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        share, readout = number("coverage", coverage, most=1 - 1e-9), self.readout
        middle, wide = readout.numbers(codes), norm.ppf((1 + share) / 2) * readout.errors(codes)
        middle, low, high = (self._values(numbers) for numbers in (middle, middle - wide, middle + wide))
        return middle, low, high

    def _values(self, above: np.ndarray) -> np.ndarray:
        """Return targets, of numbers of steps above the lowest."""
        return self.scale_.values(above + np.array(self.scale_.lowest, np.float64))

    def _shaped(self, columns: np.ndarray) -> np.ndarray:
        return columns[:, 0] if self._is_flat else columns

    def score(self, X, y, sample_weight=None) -> float:
        """Return R², the share of the variance of ``y`` that is predicted; the mean over targets."""
        return RegressorMixin.score(self, X, checked_targets(y), sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    @property
    def predictor(self) -> NoReturn:
        """Raise `InputError`: what answers with labels, tests or exports them needs a model of classes."""
        raise InputError("this model has learned numbers, not classes: infer and evaluate --target answer with numbers")

    @property
    def weights(self) -> NoReturn:
        """Raise `InputError`, as `predictor` does."""
        return self.predictor  # type: ignore[misc]

    # Keeping

    def facts(self) -> dict[str, Any]:
        """Return facts about the model, as plain JSON values: see `regressor_facts`."""
        return regressor_facts(self)

    def save(self, path: str | Path, progress: dict[str, Any] | None = None) -> None:
        """Write encoder, steps, sums and parameters to ``path``, never an example; on failure the old file stays."""
        check_is_fitted(self, "encoder_")
        options = stored_parameters(self.get_params(deep=False))
        del options["encoder"]  # it is in encoder_
        file = RegressorFile(
            *(self.encoder_, self.scale_, self.ledger_, options, progress or {}, self.reading, self.merged_),
            rounding=tuple(self.rounding_.tolist()),
            is_flat=self._is_flat,
        )
        write_regressor(path, file)

    @classmethod
    def load(cls, path: str | Path, **changes: Any) -> ContinualRegressor:
        """Return the model in the file ``path``, with ``changes`` of its parameters.

        Raise `InputError` for a missing, foreign or damaged file, for unknown parameters, and for another kind of
        ledger once examples were learned.
        """
        known = cls().get_params().keys() - {"encoder"}
        check_parameters(path, changes, known)
        file = read_regressor(path, known=known)
        model = cls(**{**file.options, **usable_parameters(changes)}, encoder=file.encoder.front)
        if model.ledger != file.ledger.kind and file.ledger.total.count:
            raise InputError(
                f"{path}: its ledger is {file.ledger.kind} from its first example on: leave --ledger out, or train anew"
            )
        model._is_flat = file.is_flat
        model.start(file.encoder, file.scale, file.ledger if model.ledger == file.ledger.kind else None)
        if model.rows_fingerprint != model.moments_.encoder:
            raise InputError(f"{path}: damaged model, its sums are not of its encoder and targets; use a copy of it")
        model.reading, model.merged_, model.rounding_ = file.reading, file.merged, np.array(file.rounding)
        return model


def _said(scale: Scale) -> str:
    return ", ".join(f"{name} by {step:g}" for name, step in zip(scale.names, scale.steps, strict=True))

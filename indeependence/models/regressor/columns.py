"""What estimators have that learn columns of targets behind codes: numbers, or labels that an example has or lacks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from indeependence.encoder.encoder import Encoder
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.fronts.pretrained import pretrained
from indeependence.errors import InputError
from indeependence.models.alone import alone
from indeependence.models.classifier.merged import Merged
from indeependence.models.far import noticed
from indeependence.models.inputs import (
    NamedColumns,
    check_model,
    check_parameters,
    checked_inputs,
    checked_weights,
    plain_inputs,
)
from indeependence.models.parameters import one_of, stored_parameters, usable_parameters, whole
from indeependence.models.regressor.storage import ColumnsFile, read_columns, write_columns
from indeependence.models.regressor.targets import names_of
from indeependence.models.sampling import bootstrap_rows, repeated_rows
from indeependence.models.summed import KeptInSums
from indeependence.moments.ledger import Ledger
from indeependence.moments.repeated import repeated

if TYPE_CHECKING:
    from typing_extensions import Self

LEDGERS = ("none", "task")


class LearnsColumns(KeptInSums, NamedColumns, BaseEstimator):
    """An estimator whose sums are of rows that hold a code and, behind it, the bytes of the targets.

    A class of this kind says how targets are checked and become bytes, what is solved from the sums, and what that
    answers. ``scale_`` has names of targets, ``digits`` that each takes, `bytes_of`, and plain JSON values.
    """

    promises: ClassVar[frozenset[str]] = frozenset({"order", "file", "merge", "forget"})
    kind: ClassVar[str]  # of its files
    answers_with: ClassVar[str]  # said where classes are needed

    layers: str
    penalty: float | str
    bootstrap_limit: int
    batch_size: int
    random_state: int
    encoder: Any
    limits: Any
    scale_: Any

    def _targets(self, y: Any) -> np.ndarray:
        """Return targets ``[N]`` or ``[N, T]`` float64; raise `InputError` for those of another kind."""
        raise NotImplementedError

    def _scale_of(self, targets: np.ndarray, names: tuple[str, ...]) -> Any:
        """Return how first targets ``[N, T]`` with these ``names`` become bytes."""
        raise NotImplementedError

    @classmethod
    def _scale_in(cls, kept: Any) -> Any:
        """Return the scale whose plain JSON values a file has."""
        raise NotImplementedError

    def _solve(self, penalty: float | str) -> Any:
        """Return the readout of the sums."""
        raise NotImplementedError

    def _note(self, targets: np.ndarray) -> None:
        """Take notice of targets ``[N, T]`` that are learned."""

    def _more(self) -> dict[str, Any]:
        """Return what else of the targets a file has."""
        return {}

    def _take(self, more: dict[str, Any]) -> None:
        """Take up what `_more` gave to a file; raise `InputError` for anything else."""

    # Learning: what changes a model runs `alone`, so threads that change the same one wait for each other.

    @alone
    def bootstrap(self, X, y) -> Self:
        """Fit the encoder on at most `bootstrap_limit` rows of ``X``, take targets as those of ``y``, return self."""
        inputs, targets = checked_inputs(self, X, first=True), self._targets(y)
        check_consistent_length(inputs, targets)
        return self._bootstrap(inputs, y, targets, None)

    @alone
    def restart(self, inputs: np.ndarray, targets: np.ndarray) -> Self:
        """Reset the sums, fit the encoder as `bootstrap` does, on inputs as files give them, and return self.

        NaN in inputs of a table is a missing value there.
        """
        return self._bootstrap(inputs, targets, self._targets(targets), None)

    def _bootstrap(self, inputs, y: Any, targets: np.ndarray, weights: np.ndarray | None) -> Self:
        self._check_parameters()
        limit, seed = self.bootstrap_limit, self.random_state
        rows = bootstrap_rows(len(inputs), limit, seed) if weights is None else repeated_rows(weights, limit, seed)
        front = None if self.encoder is None else pretrained(self.encoder)
        counted = targets if weights is None else targets[weights > 0]
        scale = self._scale_of(counted.reshape(len(counted), -1), names_of(y, targets))
        encoder = bootstrap(inputs[rows], self.layers, seed=seed, front=front, limits=self.limits)
        self._is_flat = targets.ndim == 1
        return self.start(encoder, scale)

    def start(self, encoder: Encoder, scale: Any, sums: Ledger | None = None) -> Self:
        """Take a given encoder, scale and sums, empty ones by default, and return self."""
        self._check_parameters()
        self.encoder_, self.scale_ = encoder, scale
        self._is_flat = getattr(self, "_is_flat", True) and len(scale.names) == 1
        self.n_features_in_ = int(np.prod(encoder.shape))
        self.merged_ = Merged()
        empty = Ledger.empty(self.ledger, self.rows_fingerprint, encoder.units + scale.digits * len(scale.names))
        return self._set_sums(empty if sums is None else sums)

    @property
    def rows_fingerprint(self) -> str:
        """The SHA-256 of all that a row of the sums depends on: the encoder, and how targets become bytes."""
        about = json.dumps([self.encoder_.fingerprint, self.scale_.to_json()], sort_keys=True)
        return hashlib.sha256(about.encode()).hexdigest()

    def _set_sums(self, sums: Ledger) -> Self:
        self.ledger_ = sums
        self._solved: dict[float | str, Any] = {}
        if not sums.total.count:
            self.merged_ = Merged()
        return self

    def _check_parameters(self) -> None:
        usable_parameters(self.get_params(deep=False))
        one_of("ledger", self.ledger, LEDGERS)

    @alone
    def fit(self, X, y, sample_weight=None) -> Self:
        """Forget everything, learn ``X, y`` and return self: see `partial_fit`."""
        self._check_parameters()
        for name in ("encoder_", "ledger_", "scale_", "_is_flat"):
            if hasattr(self, name):
                delattr(self, name)
        return self.partial_fit(X, y, sample_weight=sample_weight)

    @alone
    def partial_fit(self, X, y, sample_weight=None) -> Self:
        """Learn ``X, y`` in addition to everything before, and return self.

        The first call fits the encoder, and says which targets there are. ``sample_weight [N]`` says how many times
        each example counts, in whole numbers. Raise `InputError` or `ValueError` for inputs or targets that do not fit
        those of before, for targets that cannot be kept, and for weights that cannot be used.
        """
        first = not hasattr(self, "encoder_")
        inputs, targets = checked_inputs(self, X, first=first), self._targets(y if first else self._in_order(y))
        check_consistent_length(inputs, targets)
        weights = checked_weights(sample_weight, len(targets))
        if first:
            self._bootstrap(inputs, y, targets, weights)
        if weights is None:
            return self.learn([(inputs, targets)])
        self._check_going_on()
        self._note(self._as_columns(targets[weights > 0]))
        return self._set_sums(self.ledger_.joined(self._repeated(inputs, targets, weights)))

    def _repeated(self, inputs, targets: np.ndarray, weights: np.ndarray) -> Ledger:
        def rows_of(rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
            parts = (rows[start : start + self.batch_size] for start in range(0, len(rows), self.batch_size))
            return self._rows((inputs[part], targets[part]) for part in parts)

        return repeated(self.ledger_.like, weights, rows_of)

    @alone
    def learn(self, batches: Iterable, *, task: int | None = None) -> Self:
        """Learn all batches ``(inputs, targets)`` of an iterable, which is read once and not kept, and return self.

        With the ledger "task" they are a new task, or are added to the earlier ``task`` of that number, from 1.
        If a batch is refused, the model is left unchanged.
        """
        check_is_fitted(self, "encoder_")
        self._check_going_on()
        task = None if task is None else whole("task", task)
        return self._set_sums(self.ledger_.learn(self._rows(batches, noted=True), task=task))

    def _check_going_on(self) -> None:
        self._check_parameters()
        self._check_ledger()

    def _rows(self, batches: Iterable, *, noted: bool = False) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield rows of codes and targets, uint8 ``[N, H + D T]``, all of one class."""
        seen = noticed(self.encoder_, self._checked(batches, noted), self.reading.columns)
        for codes, targets in self.encoder_.coded(seen, size=self.batch_size, jobs=self.n_jobs):
            yield np.hstack([codes, self.scale_.bytes_of(targets)]), np.zeros(len(codes), np.int64)

    def _checked(self, batches: Iterable, noted: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for inputs, targets in batches:
            inputs, found = plain_inputs(inputs), self._as_columns(self._targets(targets))
            if len(inputs) != len(found):
                raise InputError(f"expected as many targets as inputs in a batch, got {len(found)} and {len(inputs)}")
            self.scale_.whole(found)
            if noted:
                self._note(found)
            yield inputs, found

    def _in_order(self, y: Any) -> Any:
        """Return targets with the columns of a data frame in the order of the first ones, which it must name all."""
        columns, known = getattr(y, "columns", None), self.scale_.names
        if columns is None or known == names_of(None, np.empty((1, len(known)))):
            return y
        places = {str(column): column for column in columns}
        if set(places) != set(known):
            raise InputError(
                f"y: expected the columns {', '.join(known)}, got {', '.join(places) or 'none'}: name them so"
            )
        return y[[places[name] for name in known]]

    def _as_columns(self, targets: np.ndarray) -> np.ndarray:
        columns, names = targets.reshape(len(targets), -1), self.scale_.names
        if columns.shape[1] != len(names):
            raise InputError(f"expected {len(names)} targets ({', '.join(names)}), got {columns.shape[1]}")
        return columns

    # Merging and forgetting are exact: the order in which a model learns, merges and forgets does not matter.

    @alone
    def merge(self, *others: Self) -> Self:
        """Learn everything that ``others`` with the same encoder and targets have learned, and return self.

        Raise `InputError` for another encoder or other targets. The model is then left unchanged.
        """
        check_is_fitted(self, "encoder_")
        return self._join(others)

    def _check_other(self, other: Any) -> None:
        check_model(self, other)
        if other.scale_ != self.scale_:
            raise InputError(
                f"expected models of the same targets ({self.scale_.said}), got {other.scale_.said}: "
                "bootstrap once and share that file"
            )

    @alone
    def forget(self, X, y, *, task: int | None = None, sample_weight=None) -> Self:
        """Remove ``X, y`` exactly, as if they had never been learned, and return self.

        With the ledger "task", name the ``task`` that they were part of. Raise `InputError` if the sums show that the
        examples were never learned; the model is then left unchanged.
        """
        check_is_fitted(self, "encoder_")
        inputs, targets = checked_inputs(self, X), self._targets(self._in_order(y))
        check_consistent_length(inputs, targets)
        weights = checked_weights(sample_weight, len(targets))
        if weights is None:
            return self.forget_batches([(inputs, targets)], task=task)
        return self.subtract(self._repeated(inputs, self._as_columns(targets), weights), task=task)

    @alone
    def forget_batches(self, batches: Iterable, *, task: int | None = None) -> Self:
        """Remove all batches ``(inputs, targets)`` of an iterable and return self, as `forget` does."""
        check_is_fitted(self, "encoder_")
        return self.subtract(self.ledger_.like.learn(self._rows(batches)), task=task)

    @alone
    def subtract(self, sums: Ledger, *, task: int | None = None) -> Self:
        """Subtract the sums of another model and return self; raise `InputError` as `forget` does."""
        known, too_many = bool(self.merged_.models), sums.total.count - self.moments_.count
        if too_many > 0:
            raise InputError(
                f"cannot remove more examples than were learned ({self.encoder_.examples(too_many)} too many): inspect "
                "shows how many there are"
            )
        return self._without(self.ledger_.without(sums, task=task), {sums.total.fingerprint} if known else ())

    # Answering

    @property
    def readout(self) -> Any:
        """The readout of the targets, solved once for given sums; `InputError` if nothing was learned."""
        check_is_fitted(self, "encoder_")
        asked = usable_parameters({"penalty": self.penalty})["penalty"]
        kept = self._solved  # of these sums, if another thread changes them
        if asked not in kept:
            kept[asked] = self._solve(asked)
        return kept[asked]

    def _codes_of(self, inputs: np.ndarray) -> np.ndarray:
        """Return the codes of inputs as files give them."""
        check_is_fitted(self, "encoder_")
        seen = noticed(self.encoder_, [(inputs, np.empty(len(inputs)))], self.reading.columns)
        return [self.encoder_(plain_inputs(batch), jobs=self.n_jobs) for batch, _ in seen][0]

    def _shaped(self, columns: np.ndarray) -> np.ndarray:
        return columns[:, 0] if self._is_flat else columns

    @property
    def predictor(self) -> NoReturn:
        """Raise `InputError`: what answers with one label, or exports what does, needs a model of classes."""
        raise InputError(f"expected a model of classes, but this model has learned {self.answers_with}")

    @property
    def weights(self) -> NoReturn:
        """Raise `InputError`, as `predictor` does."""
        return self.predictor  # type: ignore[misc]

    # Keeping

    def save(self, path: str | Path, progress: dict[str, Any] | None = None) -> None:
        """Write encoder, targets, sums and parameters to ``path``, never an example; on failure the old file stays."""
        check_is_fitted(self, "encoder_")
        options = stored_parameters(self.get_params(deep=False))
        del options["encoder"]  # it is in encoder_
        file = ColumnsFile(
            *(self.encoder_, self.scale_, self.ledger_, options, progress or {}, self.reading, self.merged_),
            more={"flat": self._is_flat, **self._more()},
        )
        write_columns(path, self.kind, file)

    @classmethod
    def load(cls, path: str | Path, **changes: Any) -> Self:
        """Return the model in the file ``path``, with ``changes`` of its parameters.

        Raise `InputError` for a missing, foreign or damaged file, for unknown parameters, and for another kind of
        ledger once examples were learned.
        """
        known = cls().get_params().keys() - {"encoder"}
        check_parameters(path, changes, known)
        file = read_columns(path, cls.kind, cls._scale_in, known=known)
        model = cls(**{**file.options, **usable_parameters(changes)}, encoder=file.encoder.front)
        if model.ledger != file.ledger.kind and file.ledger.total.count:
            raise InputError(
                f"{path}: its ledger is {file.ledger.kind} from its first example on: leave --ledger out, or train anew"
            )
        model._is_flat = file.more["flat"]
        model.start(file.encoder, file.scale, file.ledger if model.ledger == file.ledger.kind else None)
        if model.rows_fingerprint != model.moments_.encoder:
            raise InputError(f"{path}: damaged model, its sums are not of its encoder and targets; use a copy of it")
        model.reading, model.merged_ = file.reading, file.merged
        try:
            model._take({name: value for name, value in file.more.items() if name != "flat"})
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        return model

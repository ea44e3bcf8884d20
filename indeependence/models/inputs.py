"""Checks of what users pass in: inputs, labels and batches, from arrays, tables, lists, data sets and generators."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import column_or_1d, validate_data

from indeependence.data.from_python import SparseRows, as_rows
from indeependence.data.gate import check_values, finite, usable_inputs, usable_labels
from indeependence.data.reading import Reading
from indeependence.errors import InputError, did_you_mean
from indeependence.exact import check_size
from indeependence.models.frames import frame_inputs, in_number_order
from indeependence.models.learner import Batch
from indeependence.moments.moments import Label

SINGLE = 256  # examples that come one by one are collected into batches of this size


class NamedColumns:
    """How a scikit-learn estimator reads its inputs, as an attribute that always exists, and labels in `score`."""

    n_features_in_: int

    @property
    def reading(self) -> Reading:
        """How files become inputs; its columns are those of the first table, if it had names."""
        columns = tuple(getattr(self, "feature_names_in_", ()))
        return replace(getattr(self, "_reading", Reading()), columns=columns)

    @reading.setter
    def reading(self, reading: Reading) -> None:
        self._reading = reading
        if reading.columns:
            self.feature_names_in_ = np.array(reading.columns, object)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of inputs ``X`` whose label is predicted, with labels ``y`` in the form that is learned."""
        return super().score(X, checked_labels(y), sample_weight)  # type: ignore[misc]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.three_d_array = True  # pictures
        tags.input_tags.sparse = True
        return tags


def checked_inputs(estimator: BaseEstimator, X: Any, *, first: bool = False) -> np.ndarray:
    """Return inputs ``X`` as `gate.usable_inputs` makes them, uint8 or float64, at least two-dimensional.

    On the ``first`` call, ``estimator`` stores the number and the names of the columns; later it refuses others with a
    `ValueError`, as estimators of scikit-learn do. Pictures have no columns to count. Data frames with text, dates or
    missing values are read as tables in files are.
    """
    check_values("X", X)
    X = in_number_order(X)
    framed = frame_inputs(estimator, X, first=first)
    if framed is not None:
        return framed
    given = as_rows("X", X)
    sparse = isinstance(given, SparseRows)
    if isinstance(given, list | tuple):
        given = np.asarray(given)
    check_values("X", given)
    table = len(getattr(given, "shape", (0, 0))) <= 2
    with _in_one_line(given), _columns_named(given):
        inputs = validate_data(
            estimator,
            X if sparse else given,
            reset=first,
            ensure_2d=table,
            allow_nd=True,
            ensure_all_finite=False,  # the gate says where
            accept_sparse="csr",
        )
    return given if sparse else usable_inputs({"X": inputs})["X"]


def plain_inputs(inputs: Any) -> np.ndarray:
    """Return inputs in any form as `gate.usable_inputs` makes them; rows that come dense later stay as they are.

    >>> plain_inputs([[[0, 255]], [[7, 9]]]).shape
    (2, 1, 2)
    """
    check_values("inputs", inputs)
    given = as_rows("inputs", inputs)
    if not isinstance(getattr(given, "dtype", None), np.dtype):  # a tensor, or a list of single values
        given = np.asarray(given)
    return usable_inputs({"inputs": given})["inputs"] if isinstance(given, np.ndarray) else given


@contextmanager
def _in_one_line(given: Any) -> Iterator[None]:
    """Say in one line, and without all the values, what scientific Python says in many."""
    try:
        yield
    except InputError:
        raise
    except (ValueError, OverflowError) as error:
        kind = getattr(getattr(given, "dtype", None), "kind", "")
        if kind in ("U", "S", "T"):
            example = f", such as {given.flat[0]}" if given.size else ""
            raise InputError(
                f"X: expected numbers, got text{example}: make it numbers with numpy.asarray(X, float), or give a table"
            ) from error
        first, *others = str(error).splitlines()
        last = f" {others[-1]}" if others and not others[-1].startswith("array=") else ""
        raise InputError(f"X: {first}{last}") from error


@contextmanager
def _columns_named(given: Any) -> Iterator[None]:
    """Name the column of a frame that holds no numbers, where scikit-learn refuses it."""
    try:
        yield
    except (TypeError, ValueError) as error:
        for name in getattr(given, "columns", ()):
            column = np.asarray(given[name])
            try:
                numbers = column.dtype.kind not in "mMc" and column.astype(np.float64) is not None
            except (TypeError, ValueError):
                numbers = False
            if not numbers:
                raise InputError(
                    f"X, column {name!r}: expected numbers, got {given[name].dtype}: leave it out, or make numbers of "
                    "it, with pandas.get_dummies say"
                ) from error
        raise


def checked_labels(y: Any) -> np.ndarray:
    """Return labels ``[N]`` as `gate.usable_labels` makes them, int64 or text.

    >>> checked_labels([2.0, 1.0]), checked_labels(np.array(["a", "b"], object))
    (array([2, 1]), array(['a', 'b'], dtype='<U1'))
    """
    if y is None:
        raise InputError("a classifier requires y to be passed, but the target y is None: give a label an example")
    if getattr(y, "ndim", 1) == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return usable_labels("y", y)


def known_labels(labels: Any) -> list[Label]:
    """Return all labels that may come, as plain numbers or names; raise `InputError` for none, and for one twice.

    >>> known_labels(np.array([2, 0])), known_labels(range(2))
    ([2, 0], [0, 1])
    """
    known = usable_labels("labels", list(labels)).tolist()
    if not known or len(set(known)) < len(known):
        raise InputError(f"labels: expected each label that may come once, got {', '.join(map(str, known)) or 'none'}")
    return known


def checked_weights(sample_weight: Any, count: int) -> np.ndarray | None:
    """Return how often each of ``count`` examples counts, int64 ``[N]``; None for once each.

    Raise `InputError` for other shapes, for fractions, for numbers below 0 or above 2**53, for zeros alone, and
    for more examples than sums stay exact for.

    >>> checked_weights([2, 0.0], 2)
    array([2, 0])
    """
    if sample_weight is None:
        return None
    check_values("sample_weight", sample_weight)
    weights = np.asarray(sample_weight)
    weights = np.full(count, weights[()]) if weights.ndim == 0 else weights
    if weights.shape != (count,):
        raise InputError(f"sample_weight: expected one weight for each of {count} examples, got shape {weights.shape}")
    weights = finite("sample_weight", weights)
    wrong = (weights < 0) | (weights != np.rint(weights)) | (weights > 2**53)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"sample_weight, row {row}: expected how many times an example counts, a whole number of at least 0, got "
            f"{weights[row]:g}: multiply all by a number, 10 say, and round them"
        )
    if not weights.any():
        raise InputError("sample_weight: every weight is zero: expected at least one example that counts")
    check_size(sum(weights.tolist()))  # in Python's floats: whole numbers of 64 bits could overflow
    return weights.astype(np.int64)


def check_model(model: BaseEstimator, other: Any) -> None:
    """Raise `InputError` unless the ``other`` is a model of the same kind that can be merged: one with an encoder."""
    if not isinstance(other, type(model)):
        raise InputError(
            f"expected models of kind {type(model).__name__} to merge, got {type(other).__name__}: load it"
        )
    if not hasattr(other, "encoder_"):
        raise InputError("expected models that were fitted, got one without an encoder: fit it first")


def check_same_kind(known: Sequence | np.ndarray, labels: Sequence | np.ndarray) -> None:
    """Raise `InputError` if the ``known`` labels are names and the new ``labels`` numbers, or the other way round."""
    kinds = ["names" if np.asarray(some).dtype.kind == "U" else "numbers" for some in (known, labels)]
    if len(known) and len(labels) and kinds[0] != kinds[1]:
        raise InputError(f"expected labels that are {kinds[0]}, as learned before, got {kinds[1]}")


def of_same_kind(known: Sequence | np.ndarray, batches: Iterable[Batch]) -> Iterator[Batch]:
    """Yield the same batches; raise `InputError` where labels are of another kind than those ``known`` or before."""
    for inputs, labels in batches:
        check_same_kind(known, labels)
        known = known if len(known) else labels[:1]
        yield inputs, labels


def check_parameters(path: object, changes: Collection[str], known: Collection[str]) -> None:
    """Raise `InputError` if the kind of model in the file ``path`` lacks one of the parameters that are to change."""
    for name in changes:
        if name not in known:
            hint = did_you_mean(name, known) or f"; leave --{name.replace('_', '-')} out: a model keeps its kind"
            raise InputError(f"{path}: this kind of model has no parameter {name}{hint}")


def is_stream(X: Any) -> bool:
    """Return whether ``X`` is a generator or a data set, which gives batches one after another, and not an array.

    >>> is_stream((pair for pair in [])), is_stream([[1, 2]])
    (True, False)
    """
    array_like = hasattr(X, "shape") or hasattr(X, "__array__") or isinstance(X, list | tuple | str | dict)
    return not array_like and (hasattr(X, "__iter__") or _by_number(X))


def batches_of(source: Any) -> Iterator[Batch]:
    """Yield batches ``(inputs, labels)`` as arrays from any iterable of pairs, which is read once and not kept.

    ``source`` is a generator, a ``tf.data.Dataset`` (batched or not), a ``keras.utils.PyDataset``, a loader of PyTorch,
    or a list. Inputs become uint8 or float64; labels become those of `checked_labels`.
    Raise `InputError` if an element is no such pair, or if a data set is known never to end.

    >>> [(x.shape, y) for x, y in batches_of((np.zeros(3, np.uint8), label) for label in (4, 5))]
    [((2, 3), array([4, 5]))]
    """
    elements = _elements(source)
    for element in elements:
        inputs, labels = _pair(element)
        if np.ndim(labels) == 0:  # examples one by one
            singles = [(inputs, labels), *(_pair(one) for one in islice(elements, SINGLE - 1))]
            inputs, labels = (np.stack([np.asarray(one[side]) for one in singles]) for side in (0, 1))
        rows, labels = as_rows("inputs", inputs), labels if hasattr(labels, "__len__") else np.asarray(labels)
        if len(rows) != len(labels):
            raise InputError(f"expected as many labels as inputs in a batch, got {len(labels)} and {len(rows)}")
        if len(rows):
            yield plain_inputs(rows), checked_labels(labels)


def head_of(batches: Iterator[Batch], count: int) -> tuple[np.ndarray, Iterator[Batch]]:
    """Return the inputs of the first batches that together hold ``count`` examples, and an iterator over all batches.

    Raise `InputError` if there is no batch.

    >>> sample, batches = head_of(iter([(np.zeros((2, 3)), np.zeros(2))] * 3), 3)
    >>> sample.shape, len(list(batches))
    ((4, 3), 3)
    """
    head: list[Batch] = []
    while sum(len(labels) for _, labels in head) < count and (batch := next(batches, None)):
        head.append(batch)
    if not head:
        raise InputError("expected at least one example to bootstrap the encoder on, got no batch")
    return np.concatenate([inputs for inputs, _ in head]), chain(head, batches)


def _elements(source: Any) -> Iterator:
    if _by_number(source):
        return (source[number] for number in range(len(source)))
    if getattr(source, "cardinality", None) is not None and int(source.cardinality()) == -1:
        raise InputError("expected a data set that ends, got one that repeats for ever: take as many batches as wanted")
    return iter(source)


def _by_number(source: Any) -> bool:
    """Return whether this is one of Keras's own data sets, whose batches have numbers."""
    return hasattr(source, "on_epoch_end") and hasattr(source, "__getitem__")


def _pair(element: Any) -> tuple[Any, Any]:
    if not isinstance(element, tuple | list) or len(element) != 2:
        what = f"{len(element)} parts" if isinstance(element, tuple | list) else type(element).__name__
        raise InputError(f"expected pairs (inputs, labels), got {what}: map each element to a pair first")
    return element[0], element[1]

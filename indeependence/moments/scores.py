"""Labels as targets of ones and zeros; scores as probabilities and as labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.moments import Label


def one_hot(labels: Sequence[Label] | np.ndarray, known: Sequence[Label]) -> np.ndarray:
    """Return targets ``[N, C]`` float64 of labels, in the order of those ``known``; raise `InputError` for any other.

    >>> one_hot(["b", "a"], ["a", "b"])
    array([[0., 1.],
           [1., 0.]])
    """
    place = {label: index for index, label in enumerate(known)}
    named = np.asarray(labels).tolist()
    unknown = [label for label in named if label not in place]
    if unknown:
        raise InputError(f"expected labels among {', '.join(map(str, place))}, got {unknown[0]!r}")
    return np.eye(len(place))[[place[label] for label in named]]


def best_labels(scores: np.ndarray, labels: Sequence[Label], among: Sequence[Label] | None = None) -> np.ndarray:
    """Return the labels ``[N]`` of the largest scores ``[N, C]``; only those in ``among``, if given, compete.

    Where none of those in ``among`` is known, all compete: the answer is wrong, but there is one.

    >>> best_labels(np.array([[0.9, 0.5, 0.2]]), ["a", "b", "c"], ["b", "c"])
    array(['b'], dtype='<U1')
    """
    columns = competing(labels, among)
    return np.array(labels)[columns][scores[:, columns].argmax(1)]


def competing(labels: Sequence[Label], among: Sequence[Label] | None = None) -> np.ndarray:
    """Return the columns of the labels that compete: those in ``among``, or all where none of it is known.

    >>> competing(["a", "b", "c"], ["b", "c", "d"])
    array([1, 2])
    """
    columns = np.arange(len(labels)) if among is None else np.flatnonzero(np.isin(np.array(labels), among))
    return columns if len(columns) else np.arange(len(labels))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return probabilities ``[N, C]`` of scores.

    >>> softmax(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    """
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)

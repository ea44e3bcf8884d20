"""The two sides that an autoencoder ties: pictures or rows of numbers as bytes, or labels as one full byte each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.encoder.checked import check_input_shape, check_limits
from indeependence.encoder.quantise import Quantiser, check_shape, fit_quantiser
from indeependence.exact import TOP
from indeependence.files.schema import by_name, expect
from indeependence.models.inputs import plain_inputs
from indeependence.moments.moments import Label
from indeependence.moments.scores import one_hot


@dataclass(frozen=True, eq=False)
class Side:
    """One side of the pairs: values of one shape, cut to bytes between limits that are fixed at bootstrap.

    >>> side = Side.of(np.array([[0.0, 10.0], [2.0, 20.0]]))
    >>> side.size, side.values(side.rows(np.array([[1.0, 15.0]])) / 255).round(1)
    (2, array([[ 1., 15.]]))
    """

    shape: tuple[int, ...]  # of one value of this side
    quantiser: Quantiser

    @classmethod
    def of(cls, sample: np.ndarray) -> Side:
        """Return the side of which ``sample [N, ...]`` is the first that is seen."""
        return cls(tuple(sample.shape[1:]), fit_quantiser(sample))

    @property
    def size(self) -> int:
        """The number of entries of a row."""
        return math.prod(self.shape)

    def bytes_of(self, values: Any) -> np.ndarray:
        """Return values as bytes ``[N, *shape]``; raise `InputError` unless they have the shape of those at first."""
        if not self.size:  # there is no such side
            return np.zeros((len(values), 0), np.uint8)
        rows = plain_inputs(values)
        check_shape(rows, self.shape)
        return self.quantiser(np.asarray(rows))

    def rows(self, values: Any) -> np.ndarray:
        """Return values as bytes ``[N, size]``; raise `InputError` as `bytes_of` does."""
        found = self.bytes_of(values)
        return found.reshape(len(found), -1)

    def values(self, shares: np.ndarray) -> np.ndarray:
        """Return rows ``[N, size]``, 1 for a full byte, in the units of this side: 0..255 for what came as bytes."""
        low, high = self.quantiser.low, self.quantiser.high
        shaped = np.asarray(shares, np.float64).reshape(len(shares), *self.shape)
        if low is None or high is None:
            return np.clip(shaped, 0, 1) * TOP
        # A byte stands for all values of its step: the middle of the step is nearest to them.
        return low + (shaped * TOP + 0.5 * (shaped < 1)) / TOP * (high - low)

    def labels_of(self, values: Any) -> np.ndarray:
        """Return what rows count under, int64 ``[N]``: all as one class."""
        return np.zeros(len(values), np.int64)

    def header(self) -> dict[str, Any]:
        """Return the side as plain JSON values."""
        limits = [None if limit is None else limit.tolist() for limit in (self.quantiser.low, self.quantiser.high)]
        return {"shape": list(self.shape), "limits": limits}

    @classmethod
    def restored(cls, header: Mapping[str, Any]) -> Side:
        """Return the side that `header` described; raise `InputError` for what is none."""
        found = by_name(header)
        shape, limits = tuple(found["shape"]), found["limits"]
        check_input_shape(shape)
        expect(isinstance(limits, list) and len(limits) == 2, "two limits")
        side = cls(shape, Quantiser(*(None if limit is None else np.array(limit) for limit in limits)))
        check_limits(side.quantiser, shape)
        return side


@dataclass(frozen=True, eq=False)
class LabelSide:
    """A side of labels, all of which are known at the start: a full byte for the right one."""

    labels: Sequence[Label]

    @property
    def size(self) -> int:
        """The number of entries of a row."""
        return len(self.labels)

    def rows(self, labels: Any) -> np.ndarray:
        """Return labels as bytes ``[N, C]``; raise `InputError` for one that was not given at the start."""
        return (one_hot(labels, self.labels) * TOP).astype(np.uint8)

    def labels_of(self, labels: Any) -> np.ndarray:
        """Return what rows count under: their labels ``[N]``."""
        return np.asarray(labels)

    def header(self) -> dict[str, Any]:
        """Return the side as plain JSON values."""
        return {"labels": list(self.labels)}

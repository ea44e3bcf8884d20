"""Readouts: functions from rows of codes to a score for each learned label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from indeependence.moments.moments import Label
from indeependence.moments.scores import best_labels


class Readout(Protocol):
    """A function from codes ``[N, H]`` to scores ``[N, C]`` of its sorted ``labels``.

    ``penalty`` is the one that it was solved with, 0 for a readout without one.
    """

    @property
    def labels(self) -> tuple[Label, ...]: ...
    @property
    def penalty(self) -> float: ...
    def scores(self, codes: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class FunctionReadout:
    """A readout made of a function that scores all labels that may ever come; only those seen so far are used.

    >>> readout = FunctionReadout(lambda codes: codes, ("a", "c"), np.array([0, 2]))
    >>> readout.scores(np.array([[1.0, 5.0, 2.0]]))
    array([[1., 2.]])
    """

    function: Callable[[np.ndarray], np.ndarray]  # codes [N, H] to scores [N, C] of all labels
    labels: tuple[Label, ...]
    columns: np.ndarray  # of the labels seen so far
    penalty: float = 0.0

    @classmethod
    def of_seen(
        cls, function: Callable[[np.ndarray], np.ndarray], labels: Sequence[Label], seen: np.ndarray, **more: Any
    ) -> FunctionReadout:
        """Return the readout of those ``labels`` whose place in ``seen`` is not 0."""
        places = np.flatnonzero(seen).tolist()
        return cls(function, tuple(labels[place] for place in places), np.array(places, int), **more)

    def scores(self, codes: np.ndarray) -> np.ndarray:
        """Return scores ``[N, C]`` of codes ``[N, H]``, for the labels seen so far."""
        return self.function(codes)[:, self.columns]


def predict(readout: Readout, codes: np.ndarray, *, among: Sequence[Label] | None = None) -> np.ndarray:
    """Return the label ``[N]`` with the largest score for each of ``codes [N, H]``; with ``among``, only of these."""
    return best_labels(readout.scores(codes), readout.labels, among)

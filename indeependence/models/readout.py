"""Readouts: from rows of codes to a score for each label that was learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from indeependence.moments.moments import Label
from indeependence.moments.scores import best_labels


class Readout(Protocol):
    """Scores of labels; ``labels`` are sorted, and ``penalty`` is 0 where there is none."""

    @property
    def labels(self) -> tuple[Label, ...]: ...
    @property
    def penalty(self) -> float: ...
    def scores(self, codes: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class FunctionReadout:
    """The readout of a function that scores all labels that may ever come; only those seen so far take part."""

    function: Callable[[np.ndarray], np.ndarray]  # codes [N, H] to scores [N, C] of all labels
    labels: tuple[Label, ...]
    columns: np.ndarray  # of the labels seen so far
    penalty: float = 0.0

    def scores(self, codes: np.ndarray) -> np.ndarray:
        """Return scores ``[N, labels]`` of code rows."""
        return self.function(codes)[:, self.columns]


def predict(readout: Readout, codes: np.ndarray, *, among: Sequence[Label] | None = None) -> np.ndarray:
    """Return the label ``[N]`` of the largest score of each code row, of those ``among`` them where that is said."""
    return best_labels(readout.scores(codes), readout.labels, among)

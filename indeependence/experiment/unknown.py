"""When an answer is "unknown": too little probability, or an input that is unlike all that was learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.likeness import FAR
from indeependence.moments.moments import Label

UNKNOWN = "unknown"  # the answer


@dataclass(frozen=True)
class Doubt:
    """The least probability of an answer, and the largest distance of its input; None for none."""

    below: float | None = None
    above: float | None = None

    def far(self, distances: np.ndarray) -> np.ndarray:
        """Return which inputs are unlike all that was learned, bool ``[N]``."""
        return distances > (FAR if self.above is None else self.above)

    def about(self, labels: Sequence[Label], probabilities: np.ndarray, distances: np.ndarray | None) -> np.ndarray:
        """Return bool ``[N]``: which answers are unknown, by their probabilities ``[N, C]`` and distances ``[N]``.

        Raise `InputError` where distances are asked for and not known, or a class is called unknown.

        >>> Doubt(below=0.6).about(["a", "b"], np.array([[0.5, 0.5], [0.1, 0.9]]), None)
        array([ True, False])
        """
        unknown = np.zeros(len(probabilities), bool)
        if self.below is None and self.above is None:
            return unknown
        if UNKNOWN in labels:
            raise InputError(f"the model has learned a class called {UNKNOWN}: leave the limits for unknown inputs out")
        if self.below is not None:
            unknown |= probabilities.max(axis=1, initial=0) < self.below
        if self.above is not None:
            if distances is None:
                raise InputError(
                    "--unknown-above needs a classifier with sums of 20 examples or more, which show how inputs vary: "
                    "this model has none; --unknown-below goes with any"
                )
            unknown |= distances > self.above
        return unknown

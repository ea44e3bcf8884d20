"""What an autoencoder makes of the example that it has just learned, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.moments.moments import Label


@dataclass(frozen=True, eq=False)
class View:
    """An example, what became of it, and the errors so far. Pictures are uint8, red first; a vector is ``[1, D]``."""

    original: np.ndarray  # [H, W] or [H, W, 3]
    decoded: np.ndarray  # of the same shape: what the tied layers make of the top code
    bases: np.ndarray  # [K, H, W] or [K, H, W, 3]: the first ones of the lowest layer, grey where they are 0
    bases_in_all: int
    codes: tuple[np.ndarray, ...]  # of each layer, from the bottom upwards: signed values [K], before they are mirrored
    label: Label
    predicted: Label | None  # None before anything was learned
    errors: np.ndarray  # the running error after each example so far

    @property
    def text(self) -> str:
        """The same in words."""
        number = len(self.errors)
        return f"Example {number:,}: label {self.label}, {self.guess}; running error {self.errors[-1]:.3f}"

    @property
    def guess(self) -> str:
        """What the example was taken for."""
        if self.predicted is None:
            return "nothing learned before"
        return f"taken for {self.predicted}: {'right' if self.predicted == self.label else 'wrong'}"

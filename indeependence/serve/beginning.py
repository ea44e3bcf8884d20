"""A model from nothing: encoders that need no sample for pictures, and one from the first rows for tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.data.reading import Reading
from indeependence.encoder.fronts.front import Front
from indeependence.errors import InputError
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.serve.strokes import leaves, strokes

DRAWN, PHOTOGRAPH = (28, 28), (32, 32, 3)  # shapes where nothing else says one
SAMPLE = 200  # pictures of nothing that an encoder is fitted on
FIRST_ROWS = 10  # of a table: fewer do not show in which range its columns lie
LEAST = 6  # pixels of a side
LARGE = 96  # pixels, for a network that takes any size


@dataclass(frozen=True, eq=False)
class Beginning:
    """How models begin from nothing: with what ledger, and with a network that looks at pictures first, if any."""

    ledger: str = "class"
    front: Front | None = None

    @property
    def photograph(self) -> tuple[int, int, int]:
        """The shape of photographs, where their files alone say nothing: that which the network asks for, if any."""
        asked = self.front.network.input_shape[:2] if self.front else ()
        height, width = [side or LARGE for side in asked] if len(asked) == 2 else PHOTOGRAPH[:2]
        return (height, width, 3)

    def model(self, inputs: np.ndarray, reading: Reading) -> ContinualClassifier:
        """Return a model that has learned nothing, for inputs like these first ones.

        Pictures need no sample: two servers that begin from nothing have the same encoder, so their models can be
        merged. The columns of a table are measured by its first rows; raise `InputError` for fewer than `FIRST_ROWS`.
        """
        if inputs.ndim > 2:
            model = self._of_pictures(inputs.shape[1:])
        elif len(inputs) < FIRST_ROWS:
            raise InputError(
                f"expected at least {FIRST_ROWS} rows to begin with, which show the range of each column, got "
                f"{len(inputs)}: send more at once, or begin with a --model"
            )
        else:
            model = ContinualClassifier(ledger=self.ledger, encoder=self.front).bootstrap(inputs)
        model.reading = reading
        return model

    def _of_pictures(self, shape: tuple[int, ...]) -> ContinualClassifier:
        height, width = shape[:2]
        if min(height, width) < LEAST:
            raise InputError(f"expected pictures of at least {LEAST} pixels a side to begin with, got {height}x{width}")
        colour, side = len(shape) == 3, min(height, width)
        sample = (leaves if colour else strokes)(SAMPLE, max(height, width))[:, :height, :width]
        layers = "auto" if self.front else photograph_layers(side) if colour else stroke_layers(side)
        return ContinualClassifier(layers, ledger=self.ledger, encoder=self.front).bootstrap(sample)


def stroke_layers(side: int) -> str:
    """Return layers for drawings: small windows, pooled on a grid, and four moved copies of each example.

    >>> stroke_layers(28)
    'patches:24:size=7:pool=6:stride=4:shift=1'
    """
    size = 7 if side >= 20 else 5 if side >= 12 else 3
    pool = max(2, round((side - size + 1) * 6 / 22))
    return f"patches:24:size={size}:pool={pool}:stride={max(1, round(pool * 2 / 3))}:shift=1"


def photograph_layers(side: int) -> str:
    """Return layers for photographs: windows in colour, pooled in four quarters, mirror images alike.

    >>> photograph_layers(32)
    'patches:150:size=6:contrast=20:floor=0.003:threshold=0.5:pool=14:stride=13:root=1:flip=1:shift=1'
    """
    windows = side - 5
    pool = (windows + 1) // 2
    grid = f"pool={pool}:stride={max(1, windows - pool)}"
    return f"patches:150:size=6:contrast=20:floor=0.003:threshold=0.5:{grid}:root=1:flip=1:shift=1"

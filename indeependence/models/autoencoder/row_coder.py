"""What is summed of an example: its two sides as bytes, and the top code of each side alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from indeependence.models.autoencoder.layout import Layout
from indeependence.models.autoencoder.sides import LabelSide, Side
from indeependence.models.autoencoder.tied import Tied
from indeependence.moments.moments import Moments
from indeependence.moments.regions import Regions


@dataclass(frozen=True, eq=False)
class SummedRows:
    """From rows ``[input ; target]`` to rows with the top code of the input alone and, ``both``, of the target alone.

    Of both codes only those units are kept that depend on their side.
    """

    tied: Tied
    sides: Layout  # without codes
    both: bool

    @cached_property
    def kept(self) -> tuple[np.ndarray, ...]:
        """The numbers of the top units that are kept of each code."""
        if not self.both:
            return (np.arange(self.tied.layers[-1].units),)
        return tuple(self.tied.units_of(part) for part in (self.sides.inputs, self.sides.targets))

    @property
    def layout(self) -> Layout:
        """The places of all parts of such a row."""
        units = len(self.kept[0]) if self.both else None
        return Layout(self.sides.input_size, self.sides.target_size, units)

    @property
    def units(self) -> int:
        """The number of entries of such a row."""
        return self.sides.seen + sum(map(len, self.kept))

    def code(self, rows: np.ndarray, side: int, *, jobs: int | None = None) -> np.ndarray:
        """Return the code of one side of ``rows [N, D + C]`` alone, 0 for the input and 1 for the target."""
        hidden = self.sides.inputs if side else self.sides.targets
        alone = rows.copy()
        alone[:, hidden] = self.tied.fill[hidden]
        found = self.tied.top(alone, jobs=jobs)
        return found if len(self.kept[side]) == found.shape[1] else found[:, self.kept[side]]

    def __call__(self, rows: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Return ``rows`` uint8 ``[N, D + C]`` with their codes."""
        return np.hstack([rows, *(self.code(rows, side, jobs=jobs) for side in range(len(self.kept)))])


@dataclass(frozen=True, eq=False)
class RowCoder:
    """From batches of both sides to the rows that are summed; it goes to workers as an encoder does."""

    inputs: Side
    targets: Side | LabelSide
    rows: SummedRows
    regions: Regions | None = None  # of no rows: their sketch, by which sums of the same rows are kept to draw from
    members: ClassVar[int] = 1

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that a code depends on."""
        return self.rows.tied.encoder.fingerprint

    @property
    def units(self) -> int:
        """The number of entries of a row."""
        return self.rows.units

    @property
    def nothing(self) -> Moments:
        """Sums of no rows."""
        return replace(Moments.empty(self.fingerprint, self.units), regions=self.regions)

    def coded(
        self, batches: Iterable[tuple[np.ndarray, np.ndarray]], *, size: int | None = None, jobs: int | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield rows uint8 ``[N, R]`` and the labels ``[N]`` that they count under, as `Encoder.coded` does."""
        for inputs, targets in batches:
            step = size or max(len(inputs), 1)
            for start in range(0, len(inputs), step):
                part = slice(start, start + step)
                seen = [self.inputs.rows(inputs[part]), self.targets.rows(targets[part])]
                yield self.rows(np.hstack(seen), jobs=jobs), self.targets.labels_of(targets[part])

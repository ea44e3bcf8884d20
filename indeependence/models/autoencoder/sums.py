"""All sums of an autoencoder, the rows that wait to be added, and the share of the sums that is out of date."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indeependence.errors import InputError
from indeependence.models.alone import alone
from indeependence.models.parameters import number
from indeependence.moments.average import Average
from indeependence.moments.moments import Moments
from indeependence.moments.regions import Regions
from indeependence.moments.regression import add_rows

Sums = Moments | Average
WAITING = 256  # single rows that wait for one product


class AutoencoderSums:
    """Sums over whole rows and over the codes of each layer but the last; exact, or a moving average.

    Single rows wait until the sums are read, so that they cost little; at most `WAITING` of them.
    """

    def __init__(self, rows: Sums, deep: tuple[Sums, ...], drift: list[float]):
        self._rows, self._deep, self._drift = rows, deep, drift
        self._waiting: list[tuple[np.ndarray, ...]] = []
        self._coeff: float | None = None

    @classmethod
    def empty(cls, encoder: str, units: int, deep: tuple[int, ...], layers: int) -> AutoencoderSums:
        """Return empty sums, for rows of ``units`` entries and codes of ``deep`` units."""
        return cls(Moments.empty(encoder, units), tuple(Moments.empty(encoder, size) for size in deep), [0.0] * layers)

    @alone
    def copy(self) -> AutoencoderSums:
        """Return a copy of sums and waiting rows that later additions to this object do not change."""
        same = AutoencoderSums(self._rows, self._deep, list(self._drift))
        same._waiting, same._coeff = list(self._waiting), self._coeff
        return same

    @alone
    def add(self, rows: np.ndarray, deep: list[np.ndarray], coeff: float | None) -> None:
        """Add rows ``[N, R]``, and codes ``[N, H_l]`` of each layer with deep sums; averaged if ``coeff`` is given.

        Raise `InputError` for a coefficient outside 0..1, and for none once there is a moving average.
        """
        if coeff is None and isinstance(self._rows, Average):
            raise InputError("a moving average cannot become an exact sum again: go on with a coefficient")
        coeff = None if coeff is None else number("coeff", coeff, most=1.0)
        if coeff != self._coeff or sum(len(entry[0]) for entry in self._waiting) >= WAITING:
            self._flush()
        self._coeff = coeff
        self._waiting.append((rows, *deep))

    @property
    def rows(self) -> Sums:
        """The sums over rows ``[input ; target ; top code of the input alone]``."""
        self._flush()
        return self._rows

    @alone
    def draw_by(self, regions: Regions) -> None:
        """Also keep the sums of ``regions``, which are empty, of the rows that come; none may have been learned."""
        if isinstance(rows := self.rows, Moments):
            self._rows = replace(rows, regions=regions)

    @property
    def deep(self) -> tuple[Sums, ...]:
        """The sums over the codes of each layer but the last, of inputs with their targets."""
        self._flush()
        return self._deep

    @property
    def drift(self) -> list[float]:
        """The share, for each layer, of the sums of its codes that is out of date; 0 if bases never changed."""
        self._flush()
        return self._drift

    @alone
    def rebase(self, encoder: str, drift: list[float]) -> None:
        """Carry the sums over to changed bases, with the fingerprint ``encoder`` and the new ``drift``."""
        self._rows = replace(self.rows, encoder=encoder)
        self._deep = tuple(replace(sums, encoder=encoder) for sums in self._deep)
        self._drift = drift

    @alone
    def _flush(self) -> None:
        if not self._waiting:
            return
        whole, *deep = (np.vstack(parts) for parts in zip(*self._waiting, strict=True))
        self._waiting = []
        count, coeff = self._rows.count, self._coeff
        kept = count / (count + len(whole)) if coeff is None else (1 - coeff) ** len(whole)
        self._drift = [kept * share for share in self._drift]
        self._rows = _added(self._rows, whole, coeff)
        self._deep = tuple(_added(sums, rows, coeff) for sums, rows in zip(self._deep, deep, strict=True))


def _added(sums: Sums, rows: np.ndarray, coeff: float | None) -> Sums:
    if isinstance(sums, Moments):
        return add_rows(sums, rows) if coeff is None else Average.of(sums).learn(rows, coeff)
    return sums.learn(rows, coeff or 0.0)

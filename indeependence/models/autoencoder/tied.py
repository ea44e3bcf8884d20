"""The stack of tied layers: codes upwards by the bases, rows downwards by their pseudo-inverse."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indeependence.encoder.encoder import Encoder
from indeependence.encoder.layers.dense import DenseLayer
from indeependence.encoder.layers.mirror import unmirror
from indeependence.encoder.quantise import Quantiser

FEW = 64  # rows that are encoded on the spot, without threads


@dataclass(frozen=True, eq=False)
class Tied:
    """A stack of layers of principal (or local) bases on rows ``[input ; target]``, with their centres.

    Going up, ``code = mirror((e - b) W)`` cut to bytes; going down, ``e = b + z W⁺`` with ``W⁺ = Wᵀ`` for the
    orthonormal bases of a principal layer. Inputs and targets are not negative, so the bottom needs no mirror.
    """

    encoder: Encoder  # all its layers are DenseLayer, one on another
    centres: tuple[np.ndarray, ...]  # b of each layer, float64 [D_l]: the mean of the codes below it

    @property
    def layers(self) -> tuple[DenseLayer, ...]:
        """The layers, from the bottom upwards."""
        return tuple(layer for layer in self.encoder.layers if isinstance(layer, DenseLayer))

    @property
    def fits_any_row(self) -> bool:
        """Whether one layer has as many bases as a row has values: its code then fits known values with any others."""
        values, bases = self.layers[0].bases.shape
        return len(self.layers) == 1 and bases >= values

    @cached_property
    def fill(self) -> np.ndarray:
        """The row uint8 ``[D + C]`` that replaces unknown entries: it adds nothing to a code."""
        return np.round(self.centres[0]).astype(np.uint8)

    @cached_property
    def decoders(self) -> tuple[np.ndarray, ...]:
        """A matrix float32 ``[K, D_l]`` for each layer: signed values times it plus the centre are the codes below."""
        return tuple(
            (np.linalg.pinv(layer.bases.astype(np.float64), rcond=1e-6) / layer.scale).astype(np.float32)
            for layer in self.layers
        )

    def codes(self, rows: np.ndarray) -> list[np.ndarray]:
        """Return codes uint8 ``[N, 2 K]`` of ``rows`` uint8 ``[N, D + C]`` for each layer; the last is the top code."""
        found = [rows]
        for layer in self.layers:
            found.append(layer(found[-1]))
        return found[1:]

    def top(self, rows: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Return top codes uint8 ``[N, H]`` of ``rows`` uint8 ``[N, D + C]``."""
        return self.codes(rows)[-1] if len(rows) <= FEW else self.encoder(rows, jobs=jobs)

    def units_of(self, part: slice) -> np.ndarray:
        """Return the numbers of the top units whose value depends on a ``part`` of the row, int64 ``[K]``."""
        if len(self.layers) > 1:
            return np.arange(self.layers[-1].units)
        return np.flatnonzero(np.repeat(self.layers[0].bases[part].any(axis=0), 2))  # both sides of each base

    def values(self, rows: np.ndarray) -> np.ndarray:
        """Return signed values float32 ``[N, K]`` of the top layer, before they are mirrored and cut to bytes."""
        below = self.codes(rows)[-2] if len(self.layers) > 1 else rows
        return self.layers[-1].project(below)

    def decode(self, values: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return rows ``[N, D + C]`` (in bytes, not cut) of top ``values [N, K]``, and residues, the topmost first."""
        residues = []
        for index in reversed(range(len(self.layers))):
            below = values @ self.decoders[index] + self.centres[index].astype(np.float32)
            if index:
                values, residue = unmirror(below)
                residues.append(residue)
        return below, residues


def tied(text: str, layers: tuple[DenseLayer, ...], centres: tuple[np.ndarray, ...]) -> Tied:
    """Return the stack of ``layers``, one on another, that the ``text`` of ``--layers`` describes."""
    shape, keeps_input = (len(layers[0].bases),), (False,) * len(layers)
    return Tied(Encoder(text, shape, Quantiser(None, None), layers, keeps_input, layers[-1].units), centres)

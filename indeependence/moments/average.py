"""A moving average of products: what the original program kept. It forgets, like everything that decays."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from indeependence.errors import InputError
from indeependence.exact import LARGEST, TOP
from indeependence.files.schema import floats, is_number
from indeependence.moments.gram import mirrored_upper
from indeependence.moments.moments import Moments

ROUNDING = 1e-6  # more than float64 can be off by after any number of steps


@dataclass(frozen=True, eq=False)
class Average:
    """Weighted sums over rows ``h``: each new row gets weight ``coeff``, all older ones are scaled by ``1 - coeff``.

    In float64 and no longer exact: it depends on the order of the rows, on purpose. After ``1 / coeff`` rows a row
    counts e times less; after ten times as many almost nothing of it is left.
    """

    encoder: str  # fingerprint of the encoder that made the codes in the rows
    weight: float  # Σ w, 1 from the start on but for the first rows
    square: float  # Σ w²
    row_sum: np.ndarray  # [R] float64: Σ w h
    products: np.ndarray  # [R, R] float64: Σ w h hᵀ

    @classmethod
    def empty(cls, encoder: str, units: int) -> Average:
        """Return the average of nothing, for rows of ``units`` entries."""
        return cls(encoder, 0.0, 0.0, np.zeros(units), np.zeros((units, units)))

    @classmethod
    def of(cls, moments: Moments) -> Average:
        """Return the plain average of exact sums, from which `learn` goes on with a coefficient."""
        n = max(moments.count, 1)
        products = mirrored_upper(moments.products) / n
        return cls(moments.encoder, min(moments.count, 1), min(moments.count, 1) / n, moments.code_sum / n, products)

    def learn(self, rows: np.ndarray, coeff: float) -> Average:
        """Return the average after ``rows [N, R]``, one after another: ``S ← (1 - coeff) S + coeff h hᵀ``.

        Raise `InputError` unless the coefficient is above 0 and at most 1.

        >>> after = Average.empty("encoder", 1).learn(np.array([[0], [4]], np.uint8), 0.5)
        >>> after.row_sum / after.weight, round(after.count, 3)
        (array([2.66666667]), 1.8)
        """
        if not 0 < coeff <= 1:
            raise InputError(f"expected a coefficient above 0 and up to 1, got {coeff:g}: try 0.01")
        weights = coeff * (1 - coeff) ** np.arange(len(rows) - 1, -1, -1.0)
        kept = (1 - coeff) ** len(rows)
        values = rows.astype(np.float64)
        return Average(
            self.encoder,
            kept * self.weight + float(weights.sum()),
            kept**2 * self.square + float((weights**2).sum()),
            kept * self.row_sum + weights @ values,
            kept * self.products + (values.T * weights) @ values,
        )

    @property
    def units(self) -> int:
        """R, the length of a row."""
        return len(self.products)

    @property
    def count(self) -> float:
        """The number of equally weighted rows that would be as much evidence, ``(Σ w)² / Σ w²``."""
        return self.weight**2 / self.square if self.square else 0.0

    @property
    def nbytes(self) -> int:
        """The bytes of all sums."""
        return self.row_sum.nbytes + self.products.nbytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the weights and sums."""
        digest = hashlib.sha256(f"{self.encoder} {self.weight!r} {self.square!r}".encode())
        digest.update(self.row_sum.astype("<f8").tobytes())
        digest.update(np.ascontiguousarray(self.products).astype("<f8").tobytes())
        return digest.hexdigest()


def possible(sums: Average) -> bool:
    """Return whether rows of bytes have such an average, up to the rounding of float64."""
    units, weight, square = len(sums.row_sum), sums.weight, sums.square
    if not is_number(weight, 0, 1 + ROUNDING) or not is_number(square, weight**2 / LARGEST, weight * (1 + ROUNDING)):
        return False
    top = TOP * weight * (1 + ROUNDING)
    sound = floats(sums.row_sum, (units,), least=0, most=top)
    if not sound or not floats(sums.products, (units, units), least=0, most=TOP * top):
        return False
    squares = sums.products.diagonal() + ROUNDING
    lengths = np.sqrt(squares) * (1 + ROUNDING)
    rows = all((row <= length * lengths).all() for row, length in zip(sums.products, lengths, strict=True))
    whole = (sums.row_sum <= squares * (1 + ROUNDING)) & (sums.row_sum**2 <= weight * squares * (1 + ROUNDING))
    return bool(rows and whole.all() and np.allclose(sums.products, sums.products.T, rtol=ROUNDING, atol=ROUNDING))

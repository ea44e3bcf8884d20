"""Sparse distributed representations: few set bits out of many, packed eight to a byte, and their set algebra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.encoder.layers.winners import winners
from indeependence.errors import InputError

ROWS = 4096  # of codes compared at a time


@dataclass(frozen=True, eq=False)
class SDR:
    """``N`` binary codes of ``units`` bits each.

    >>> codes = SDR.of(np.array([[1, 0, 0, 1, 0, 0, 0, 0, 1, 0]]))
    >>> codes.packed, codes.units, len(codes)
    (array([[144, 128]], dtype=uint8), 10, 1)
    """

    packed: np.ndarray  # [N, ceil(units / 8)] uint8, first unit in the highest bit; bits past the last unit are 0
    units: int

    @classmethod
    def of(cls, bits: np.ndarray) -> SDR:
        """Return the codes of rows ``[N, U]`` in which every value but 0 is a set bit."""
        if bits.ndim != 2:
            raise InputError(f"expected rows of bits [N, U], got an array of shape {bits.shape}")
        return cls(np.packbits(bits != 0, axis=1), bits.shape[1])

    def __len__(self) -> int:
        return len(self.packed)

    def __getitem__(self, rows: slice | np.ndarray) -> SDR:
        return SDR(self.packed[rows], self.units)

    @property
    def bits(self) -> np.ndarray:
        """The same codes as bool ``[N, U]``."""
        return np.unpackbits(self.packed, axis=1, count=self.units).astype(bool)

    @property
    def active(self) -> np.ndarray:
        """The number of set bits of each code ``[N]``."""
        return _counted(self.packed)


def binarised(strengths: np.ndarray, k: int) -> SDR:
    """Return codes with exactly the ``k`` strongest of each row ``[N, U]`` set; ties go to the lower index.

    The strength of a value is its absolute value. Raise `InputError` for a k that is not possible.

    >>> binarised(np.array([[5.0, -9.0, 5.0, 1.0]]), 2).bits
    array([[ True, False,  True, False]])
    """
    if not 0 < k <= strengths.shape[-1]:
        raise InputError(f"expected 1 to {strengths.shape[-1]} active units, got {k}")
    return SDR.of(winners(strengths, k))


def union(one: SDR, other: SDR) -> SDR:
    """Return, row by row, the bits that are set in either; a single row is paired with every row of the other.

    >>> union(SDR.of(np.array([[1, 0, 0]])), SDR.of(np.array([[0, 0, 1], [1, 0, 0]]))).bits.astype(int)
    array([[1, 0, 1],
           [1, 0, 0]])
    """
    return _paired(np.bitwise_or, one, other)


def intersection(one: SDR, other: SDR) -> SDR:
    """Return, row by row, the bits that are set in both.

    >>> intersection(SDR.of(np.array([[1, 1, 0]])), SDR.of(np.array([[0, 1, 1]]))).bits.astype(int)
    array([[0, 1, 0]])
    """
    return _paired(np.bitwise_and, one, other)


def difference(one: SDR, other: SDR) -> SDR:
    """Return, row by row, the bits that are set in ``one`` but not in ``other``.

    >>> difference(SDR.of(np.array([[1, 1, 0]])), SDR.of(np.array([[0, 1, 1]]))).bits.astype(int)
    array([[1, 0, 0]])
    """
    return _paired(lambda a, b: a & ~b, one, other)


def union_of_all(codes: SDR) -> SDR:
    """Return one code ``[1, U]`` with every bit that any of the codes has, which represents the set of codes.

    >>> union_of_all(SDR.of(np.eye(3))).bits.astype(int)
    array([[1, 1, 1]])
    """
    return SDR(np.bitwise_or.reduce(codes.packed, axis=0, keepdims=True), codes.units)


def overlap(one: SDR, other: SDR) -> np.ndarray:
    """Return, row by row, the number ``[N]`` of bits that are set in both: the similarity of two codes.

    >>> overlap(SDR.of(np.array([[1, 1, 0]])), SDR.of(np.array([[0, 1, 1]])))
    array([1])
    """
    return intersection(one, other).active


def overlaps(one: SDR, other: SDR) -> np.ndarray:
    """Return the overlap ``[N, M]`` of every code of ``one`` with every code of ``other``.

    >>> overlaps(SDR.of(np.array([[1, 1, 0], [0, 0, 1]])), SDR.of(np.array([[0, 1, 1]]))).T
    array([[1, 1]])
    """
    _check_same_units(one, other)
    counted = np.empty((len(one), len(other)), np.int64)
    right = other.bits.T.astype(np.float32)  # sums of at most 2**24 ones are exact
    for start in range(0, len(one), ROWS):
        counted[start : start + ROWS] = one[start : start + ROWS].bits.astype(np.float32) @ right
    return counted


def density(codes: SDR) -> float:
    """Return the share of all bits that is set; 0 if there are no codes.

    >>> density(SDR.of(np.eye(4)))
    0.25
    """
    return float(codes.active.mean() / codes.units) if len(codes) else 0.0


def _paired(operation, one: SDR, other: SDR) -> SDR:
    _check_same_units(one, other)
    if len(one) != len(other) and 1 not in (len(one), len(other)):
        raise InputError(f"expected as many codes on both sides, or one, got {len(one)} and {len(other)}")
    return SDR(operation(one.packed, other.packed), one.units)


def _check_same_units(one: SDR, other: SDR) -> None:
    if one.units != other.units:
        raise InputError(f"expected codes of the same number of units, got {one.units} and {other.units}")


def _counted(packed: np.ndarray) -> np.ndarray:
    return np.bitwise_count(packed).sum(1, dtype=np.int64)

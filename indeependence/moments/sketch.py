"""A short code of the picture in a row, and the region of all pictures that it falls into: what drawing sums up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from indeependence.exact import TOP
from indeependence.files.schema import expect, floats, wholes

MIDDLE = 128  # the byte of a value of 0
MOST = 128  # values of a code, so that its products with a centre stay below 2**24


@dataclass(frozen=True, eq=False)
class Sketch:
    """From rows ``[input ; target ; …]`` of bytes to codes and regions, in whole numbers: equal on every machine.

    A code ``h`` is ``(x W - b) / divisor``, rounded down and moved to 0..255. A region is what has the same nearest
    centre: the winner of a competitive layer.
    """

    bases: np.ndarray  # [D, K] int16: W, nearly orthogonal columns of one length
    offset: np.ndarray  # [K] int64: b, the mean input times W
    divisor: np.ndarray  # [1] int64, above 0
    mean: np.ndarray  # [D] float32: the input from which codes are counted
    centres: np.ndarray  # [R, K] uint8

    @property
    def size(self) -> int:
        """D, the number of values of an input."""
        return len(self.bases)

    @property
    def values(self) -> int:
        """K, the number of values of a code."""
        return self.bases.shape[1]

    def codes(self, inputs: np.ndarray) -> np.ndarray:
        """Return codes uint8 ``[N, K]`` of inputs uint8 ``[N, D]``."""
        whole = np.rint(inputs.astype(np.float64) @ self.bases.astype(np.float64)).astype(np.int64)
        return np.clip((whole - self.offset) // self.divisor + MIDDLE, 0, TOP).astype(np.uint8)

    def regions(self, codes: np.ndarray) -> np.ndarray:
        """Return the number of the nearest centre, int64 ``[N]``; of several the first."""
        return nearest(codes, self.centres)

    def pictures(self, codes: np.ndarray) -> np.ndarray:
        """Return inputs float64 ``[N, D]``, in bytes and not cut, of codes ``[N, K]``, which need not be whole."""
        lengths = np.square(self.bases.astype(np.float64)).sum(0)
        values = (codes.astype(np.float64) - MIDDLE + 0.5) * int(self.divisor[0]) / np.maximum(lengths, 1)
        return self.mean + values @ self.bases.T.astype(np.float64)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All parts by their names; `restored` is the inverse."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that a code or a picture depends on."""
        digest = hashlib.sha256()
        for name, array in self.arrays.items():
            digest.update(f"{name}{array.dtype.newbyteorder('<').str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"))).tobytes())
        return digest.hexdigest()

    @classmethod
    def restored(cls, arrays: dict[str, np.ndarray]) -> Sketch:
        """Return the sketch of these arrays; raise `InputError` for what is none."""
        expect(arrays.keys() == {field.name for field in fields(cls)}, "all parts of a sketch")
        found = cls(**arrays)
        shapes = all(isinstance(array, np.ndarray) for array in arrays.values()) and found.bases.ndim == 2
        expect(shapes and found.centres.ndim == 2 and len(found.centres) > 0, "bases and centres")
        expect(found.bases.dtype == np.int16 and 0 < found.values <= MOST, f"at most {MOST} bases of whole numbers")
        expect(found.centres.dtype == np.uint8 and found.centres.shape[1] == found.values, "centres in bytes")
        whole = wholes(found.offset, (found.values,), "i") and wholes(found.divisor, (1,), "i")
        expect(whole and int(found.divisor[0]) > 0, "whole offsets and a divisor")
        expect(floats(found.mean, (found.size,), least=0, most=TOP), "a mean of bytes")
        return found


def nearest(codes: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the number int64 ``[N]`` of the centre, of ``[R, K]`` bytes, nearest to codes uint8 ``[N, K]``.

    >>> nearest(np.array([[0, 9], [8, 0]], np.uint8), np.array([[9, 0], [0, 9]], np.uint8))
    array([1, 0])
    """
    products = codes.astype(np.float32) @ centres.T.astype(np.float32)  # whole numbers below 2**24: exact
    squares = np.square(centres.astype(np.int64)).sum(1)
    return np.argmin(squares - 2 * products.astype(np.int64), axis=1)

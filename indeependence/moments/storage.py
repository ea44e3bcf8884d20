"""Sums as arrays for a file and back: one triangle, in the narrowest whole-number type that holds it."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.accumulator import Moments


class HasBytes(Protocol):
    """Sums in floating point, or whatever else is kept of examples, which know their own size."""

    @property
    def nbytes(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...


def pack(moments: Moments) -> tuple[dict, dict[str, np.ndarray]]:
    """Sums as a header of plain JSON values and named arrays; `unpack` is the inverse.

    >>> header, arrays = pack(Moments.empty("encoder", 3))
    >>> arrays["products"].shape, arrays["products"].dtype
    ((6,), dtype('uint8'))
    """
    triangle = np.concatenate([row[i:] for i, row in enumerate(moments.products)])
    arrays = {"products": narrowest(triangle), "cross": narrowest(moments.cross), "counts": moments.counts}
    header = {"encoder": moments.encoder, "labels": list(moments.labels), "units": moments.units}
    return {**header, "dropped": moments.dropped}, arrays


def unpack(header: dict, arrays: dict[str, np.ndarray]) -> Moments:
    """The sums that `pack` packed. Raises `InputError` where header and arrays do not belong together."""
    units, labels = header["units"], tuple(header["labels"])
    expected = {"products": (units * (units + 1) // 2,), "cross": (units, len(labels)), "counts": (len(labels),)}
    for name, shape in expected.items():
        if name not in arrays or arrays[name].shape != shape or arrays[name].dtype.kind not in "iu":
            raise InputError(
                f"damaged model: expected whole-number sums '{name}' of shape {shape}; use a copy of the file"
            )
    products = np.zeros((units, units), np.int64)
    start = 0
    for i, row in enumerate(products):
        row[i:] = arrays["products"][start : start + units - i]
        start += units - i
    counts, cross = (arrays[name].astype(np.int64) for name in ("counts", "cross"))
    return Moments(header["encoder"], labels, counts, products, cross, int(header["dropped"]))


def stored_bytes(moments: Moments | HasBytes) -> int:
    """The bytes of all sums as a file holds them; of other sums than whole numbers, their own."""
    if not isinstance(moments, Moments):
        return moments.nbytes
    units, classes = moments.units, len(moments.labels)
    triangle = units * (units + 1) // 2
    largest = int(moments.products.diagonal().max(initial=0))  # by Cauchy and Schwarz
    return triangle * _width(largest) + units * classes * _width(int(moments.cross.max(initial=0))) + classes * 8


def narrowest(values: np.ndarray) -> np.ndarray:
    """The same values in the narrowest unsigned type that holds them all.

    >>> narrowest(np.array([3, 70_000])).dtype
    dtype('uint32')
    """
    return values.astype(f"u{_width(int(values.max(initial=0)))}")


def _width(largest: int) -> int:
    return next(width for width in (1, 2, 4, 8) if largest < 256**width)

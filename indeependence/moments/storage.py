"""Sums as arrays for a file and back: one triangle, in the narrowest whole-number type that holds it."""

from __future__ import annotations

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.moments import Moments
from indeependence.moments.narrow import narrowest


def pack(moments: Moments) -> tuple[dict, dict[str, np.ndarray]]:
    """Return sums as a header of plain JSON values and named arrays; `unpack` is the inverse.

    >>> header, arrays = pack(Moments.empty("encoder", 3))
    >>> arrays["products"].shape, arrays["products"].dtype
    ((6,), dtype('uint8'))
    """
    triangle = np.concatenate([row[i:] for i, row in enumerate(moments.products)])
    arrays = {"products": narrowest(triangle), "cross": narrowest(moments.cross), "counts": moments.counts}
    header = {"encoder": moments.encoder, "labels": list(moments.labels), "units": moments.units}
    return {**header, "dropped": moments.dropped}, arrays


def unpack(header: dict, arrays: dict[str, np.ndarray]) -> Moments:
    """Return the sums that `pack` packed; raise `InputError` where header and arrays do not belong together."""
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

"""Sums as arrays for a file and back: one triangle, in the narrowest whole-number type that holds it."""

from __future__ import annotations

import numpy as np

from indeependence.errors import InputError
from indeependence.exact import LARGEST
from indeependence.files.schema import are_labels, expect, is_text, is_whole, wholes
from indeependence.moments.moments import Moments
from indeependence.moments.narrow import narrowest
from indeependence.moments.plausible import within_lengths, within_limits


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
    """Return the sums that `pack` packed.

    Raise `InputError` where header and arrays do not belong together, and for sums that no examples can have.
    """
    units, labels = header["units"], tuple(header["labels"])
    expect(is_whole(units, 1, 2**31), "a number of code units")
    expect(is_text(header["encoder"]) and are_labels(labels), "sums of an encoder, and labels in order, each once")
    expect(is_whole(header["dropped"], 0, LARGEST), "a number of dropped examples")
    expected = {"products": (units * (units + 1) // 2,), "cross": (units, len(labels)), "counts": (len(labels),)}
    for name, shape in expected.items():
        if not wholes(arrays.get(name), shape):
            raise InputError(
                f"damaged model: expected whole-number sums '{name}' of shape {shape}; use a copy of the file"
            )
    products = np.zeros((units, units), np.int64)
    start = 0
    for i, row in enumerate(products):
        row[i:] = arrays["products"][start : start + units - i]
        start += units - i
    counts, cross = (arrays[name].astype(np.int64) for name in ("counts", "cross"))
    moments = Moments(header["encoder"], labels, counts, products, cross, header["dropped"])
    if not (within_limits(moments) and within_lengths(moments)):
        raise InputError("damaged model: no examples have such sums; use a copy of the file")
    return moments

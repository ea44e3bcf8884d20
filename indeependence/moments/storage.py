"""Sums as arrays for a file and back: one triangle, in the narrowest whole-number type that holds it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indeependence.errors import InputError
from indeependence.exact import LARGEST
from indeependence.files.container import under
from indeependence.files.schema import are_labels, expect, is_text, is_whole, wholes
from indeependence.moments.moments import Moments
from indeependence.moments.narrow import narrowest
from indeependence.moments.plausible import within_lengths, within_limits
from indeependence.moments.regions import Regions


def pack(moments: Moments) -> tuple[dict, dict[str, np.ndarray]]:
    """Return sums as a header of plain JSON values and named arrays; `unpack` is the inverse.

    >>> header, arrays = pack(Moments.empty("encoder", 3))
    >>> arrays["products"].shape, arrays["products"].dtype
    ((6,), dtype('uint8'))
    """
    triangle = np.concatenate(list(moments.triangle()))
    arrays = {"products": narrowest(triangle), "cross": narrowest(moments.cross), "counts": moments.counts}
    header = {"encoder": moments.encoder, "labels": list(moments.labels), "units": moments.units}
    if moments.members > 1:
        header["members"] = moments.members
    if moments.regions is not None:
        header["regions"], drawn = moments.regions.packed()
        arrays |= {f"regions.{name}": array for name, array in drawn.items()}
    return {**header, "dropped": moments.dropped}, arrays


def unpack(header: dict, arrays: dict[str, np.ndarray]) -> Moments:
    """Return the sums that `pack` packed.

    Raise `InputError` where header and arrays do not belong together, and for sums that no examples can have.
    """
    units, labels, members = header["units"], tuple(header["labels"]), header.get("members", 1)
    expect(is_whole(units, 1, 2**31), "a number of code units")
    expect(is_whole(members, 1, units) and units % members == 0, "as many code units of each member")
    expect(is_text(header["encoder"]) and are_labels(labels), "sums of an encoder, and labels in order, each once")
    expect(is_whole(header["dropped"], 0, LARGEST), "a number of dropped examples")
    expected = {
        "products": (units * (units // members + 1) // 2,),
        "cross": (units, len(labels)),
        "counts": (len(labels),),
    }
    for name, shape in expected.items():
        if not wholes(arrays.get(name), shape):
            raise InputError(
                f"damaged model: expected whole-number sums '{name}' of shape {shape}; use a copy of the file"
            )
    counts, cross = (arrays[name].astype(np.int64) for name in ("counts", "cross"))
    products = Moments.empty("", units, members).products
    moments = Moments(header["encoder"], labels, counts, products, cross, header["dropped"])
    start = 0
    for row in moments.triangle():
        row[:] = arrays["products"][start : start + len(row)]
        start += len(row)
    if not (within_limits(moments) and within_lengths(moments)):
        raise InputError("damaged model: no examples have such sums; use a copy of the file")
    return moments if "regions" not in header else replace(moments, regions=_regions(header, arrays, moments))


def _regions(header: dict, arrays: dict[str, np.ndarray], moments: Moments) -> Regions:
    """Return the regions of the same rows; raise `InputError` unless there are as many of them."""
    found = Regions.unpacked(header["regions"], under("regions.", arrays))
    expect(found.count == moments.count and found.sketch.size + found.classes <= moments.units, "regions of all rows")
    return found

"""What a device is tried with before it is trusted: products of whole numbers, and single operations that round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from indeependence.engine.products import Product
from indeependence.exact import EXACT, TOP

VALUES = 100_000


def multiplies_exactly(product: Product, put: Callable[[np.ndarray], Any]) -> bool:
    """Return whether a product of codes has no rounding, up to the largest sums that may come."""
    from keras import ops

    for codes in _codes():
        whole = codes.astype(np.int64)
        try:
            found = ops.convert_to_numpy(product(put(codes), put(codes)))
        except (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError):  # not there on this device
            return False
        if not np.array_equal(found, whole.T @ whole):
            return False
    return True


def _codes() -> list[np.ndarray]:
    """Return codes float32 whose sums of squares come close to 2**24: all large, middling, and few large ones."""
    draws = np.random.default_rng(0)
    largest = np.full((EXACT // TOP**2, 64), TOP, np.float32)
    middling = draws.integers(0, 107, (4096, 64)).astype(np.float32)
    rare = np.where(draws.random((4096, 64)) < 0.06, draws.integers(200, TOP + 1, (4096, 64)), 1).astype(np.float32)
    return [largest, middling, rare]


def wrongly_rounded(put: Callable[[np.ndarray], Any]) -> list[str]:
    """Return the operations, of those that an encoder needs, whose results are not those of IEEE 754 as NumPy's are."""
    from keras import ops

    draws = np.random.default_rng(0)
    doubles = np.exp(draws.uniform(-3, 12, VALUES))
    singles, factor = doubles.astype(np.float32), np.float32(3.7123)
    results = {
        "roots": (ops.sqrt(put(doubles)), np.sqrt(doubles)),
        "quotients": (ops.divide(np.array(factor, np.float64), put(doubles)), np.float64(factor) / doubles),
        "products": (put(singles) * float(factor), singles * factor),
        "differences": (put(singles) - float(factor), singles - factor),
        "whole numbers": (ops.floor(put(singles)), np.floor(singles)),
        "float32 from float64": (ops.cast(put(doubles), "float32"), singles),
    }
    return [name for name, (found, right) in results.items() if not np.array_equal(ops.convert_to_numpy(found), right)]

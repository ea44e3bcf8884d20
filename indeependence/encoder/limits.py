"""Limits of inputs that are known without looking at any example, such as those that a sensor or a form has."""

from __future__ import annotations

from typing import Any

import numpy as np

from indeependence.encoder.edges import Edges, edges_between
from indeependence.encoder.quantise import Quantiser
from indeependence.encoder.spread import LARGEST
from indeependence.errors import InputError


def usable_limits(limits: Any) -> tuple[list[float], list[float]]:
    """Return limits as two lists of numbers, the lowest and highest value of each column, or one of all.

    Raise `InputError` for anything else, and unless each lowest value is below the highest.

    >>> usable_limits((0, 100)), usable_limits(([0, -1], [9, 1]))
    (([0.0], [100.0]), ([0.0, -1.0], [9.0, 1.0]))
    """
    try:
        low, high = (np.atleast_1d(np.asarray(one, np.float64)) for one in limits)
    except (TypeError, ValueError) as error:
        raise InputError(f"limits: expected a pair (low, high) of numbers or lists, got {limits!r}") from error
    if low.ndim != 1 or low.shape != high.shape or not len(low):
        raise InputError(f"limits: expected as many low as high ones, got {low.shape} and {high.shape}")
    if not ((np.abs(low) < LARGEST) & (np.abs(high) < LARGEST) & (low < high)).all():
        raise InputError("limits: expected finite numbers, the low ones below the high ones, got others")
    return low.tolist(), high.tolist()


def lie_within(quantiser: Quantiser | Edges, limits: Any) -> bool:
    """Return whether a quantiser was made from these ``limits`` alone, whatever the examples were.

    >>> lie_within(Quantiser(np.array(0.0), np.array(2.0)), (0, 2)), lie_within(Quantiser(None, None), None)
    (True, True)
    """
    if isinstance(quantiser, Quantiser) and quantiser.low is None:
        return True
    if limits is None:
        return False
    low, high = map(np.array, usable_limits(limits))
    if isinstance(quantiser, Quantiser):
        return len(low) == 1 and (quantiser.low, quantiser.high) == (low[0], high[0])
    columns = quantiser.edges.shape[1]
    return len(low) in (1, columns) and np.array_equal(quantiser.edges, _edges(low, high, columns).edges)


def quantiser_within(limits: Any, sample: np.ndarray) -> Quantiser | Edges:
    """Return what makes whole numbers of inputs like those of ``sample [N, ...]``, from the ``limits`` alone.

    Raise `InputError` for 8-bit inputs, which have limits, and for limits of another number of columns.
    """
    low, high = map(np.array, usable_limits(limits))
    if sample.dtype == np.uint8:
        raise InputError("limits: expected inputs of other numbers, got 8-bit ones, which are 0 to 255: leave them out")
    if sample.ndim > 2:
        if len(low) > 1:
            raise InputError(f"limits: expected one pair for pictures, got {len(low)}")
        return Quantiser(low[0], high[0])
    columns = sample.shape[1]
    if len(low) not in (1, columns):
        raise InputError(f"limits: expected one pair, or one for each of {columns} columns, got {len(low)}")
    return _edges(low, high, columns)


def _edges(low: np.ndarray, high: np.ndarray, columns: int) -> Edges:
    return edges_between(np.broadcast_to(low, columns), np.broadcast_to(high, columns))

"""Checks of numeric targets, from arrays, lists, series and data frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from indeependence.data.gate import check_values, finite
from indeependence.errors import InputError


def checked_targets(y: Any) -> np.ndarray:
    """Return targets ``[N]`` or ``[N, T]`` as finite float64; a second axis of 1 is dropped.

    Raise `InputError` for anything else.

    >>> checked_targets([1, 2.5])
    array([1. , 2.5])
    """
    if y is None:
        raise InputError("a regressor requires y to be passed, but the target y is None: give a number an example")
    check_values("y", y)
    targets = np.asarray(y)
    if targets.dtype.kind in "USTmMc":
        raise InputError(f"y: expected numbers, got {targets.dtype}: for names of classes take ContinualClassifier")
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = targets[:, 0]
    if targets.ndim not in (1, 2) or (targets.ndim == 2 and not targets.shape[1]):
        raise InputError(f"y: expected targets [N] or [N, T], got an array of shape {targets.shape}")
    return finite("y", targets)


def names_of(y: Any, targets: np.ndarray) -> tuple[str, ...]:
    """Return the names of targets: those of a table's columns, else y, or y1, y2, …

    >>> names_of([[1, 2]], np.array([[1, 2]]))
    ('y1', 'y2')
    """
    count = targets.reshape(len(targets), -1).shape[1]
    columns = getattr(y, "columns", None)
    if columns is not None and len(set(map(str, columns))) == count:
        return tuple(map(str, columns))
    name = getattr(y, "name", None)
    if count == 1:
        return (name if isinstance(name, str) else "y",)
    return tuple(f"y{place}" for place in range(1, count + 1))

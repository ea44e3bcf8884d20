"""The check of a penalty, from the command line or from Python."""

from __future__ import annotations

import math
from typing import Any

from indeependence.errors import InputError

LARGEST = 1e100  # any larger one gives the same weights, all nearly 0; its products would become infinite


def usable_penalty(penalty: Any) -> float | str:
    """Return a penalty as "auto" or a float from 0 to 1e100; raise `InputError` for anything else.

    >>> usable_penalty(1), usable_penalty("auto")
    (1.0, 'auto')
    """
    if isinstance(penalty, str) and penalty == "auto":
        return "auto"
    try:
        number = float(penalty)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(penalty, str | bool) or not 0 <= number <= LARGEST:
        hint = f": try {LARGEST:g}" if LARGEST < number < math.inf else ""
        raise InputError(f"penalty: expected auto or a finite number of at least 0, got {penalty!r}{hint}")
    return number

"""Sums of examples that count several times each, as if they were repeated: exact, at the cost of a few passes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from indeependence.moments.ledger import Ledger
from indeependence.moments.moments import Batches


def repeated(nothing: Ledger, weights: np.ndarray, coded: Callable[[np.ndarray], Batches]) -> Ledger:
    """Return ``nothing`` with the sums of every example as often as its weight says, int64 ``[N]`` of at least 0.

    ``coded(rows)`` yields codes and labels of the examples ``rows [K]``. Weights are read in binary digits, from the
    highest: sums are doubled, and those of the rows with this digit are added. So a weight of a million costs twenty
    passes and not a million. Raise `InputError` for more examples than sums stay exact for.

    >>> rows, labels = np.array([[1], [2]], np.uint8), np.array(["a", "b"])
    >>> repeated(Ledger.empty("none", "", 1), np.array([5, 0]), lambda k: [(rows[k], labels[k])]).total.code_sum
    array([5])
    """
    sums = nothing
    for digit in reversed(range(int(weights.max(initial=0)).bit_length())):
        rows = np.flatnonzero(weights >> digit & 1)
        sums = sums.times(2) + nothing.learn(coded(rows))
    return sums

"""Where the values of a column are and how far they spread, by order statistics that no wild value moves."""

from __future__ import annotations

import numpy as np

LARGEST = 1e299  # a spread whose multiples of 10**8 are still finite


def middle_and_spread(sample: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle and half the range of the middle nine tenths of each column; of more, if those are one value.

    Order statistics only, so nothing is rounded but a sum and a difference. NaN and infinite values are passed over; a
    column of one value gets a spread from its magnitude.

    >>> middle_and_spread(np.array([[0.0, 7.0], [1.0, 7.0], [2.0, 7.0]]))
    (array([1., 7.]), array([1. , 3.5]))
    """
    columns = [np.sort(column[np.isfinite(column)]) for column in np.asarray(sample, np.float64).T]
    middle, spread = np.zeros(len(columns)), np.zeros(len(columns))
    for index, column in enumerate(columns):
        for share in (0.05, 0.01, 0.0):
            low, high = (float(column[rank]) if len(column) else 0.0 for rank in _ranks(len(column), share))
            middle[index], spread[index] = low / 2 + high / 2, high / 2 - low / 2
            if spread[index] > 0:
                break
        else:
            spread[index] = abs(middle[index]) / 2 or 1.0
    return middle, spread


def _ranks(count: int, share: float) -> tuple[int, int]:
    """Return the places, from 0, of the values that a ``share`` of ``count`` sorted ones lie below and above."""
    low = int(share * (count - 1))
    return low, count - 1 - low

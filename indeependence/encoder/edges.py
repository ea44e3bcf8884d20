"""Vectors as whole numbers 0..255 at several resolutions: thresholds that are fixed by the first task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.encoder.spread import LARGEST, middle_and_spread
from indeependence.errors import InputError
from indeependence.exact import TOP

MANY = 100  # columns from which on one resolution is enough
RESOLUTIONS = (1.0, 8.0, 64.0)  # spans of few columns, in half-spreads of the middle nine tenths times `REACH`
ONE = (2.0,)  # of many columns
LARGEST_ROOT = 1e154  # its square is finite
REACH = 1.25
QUANTILES = 64  # edges of the finest resolution at quantiles of the sample
TAILS = 16  # thresholds on each side beyond the last resolution's span, ever further apart
TAIL_GROWTH = 2.371373705661655  # from one of them to the next: six decades in all
SIDE_GROWTH = 1.3895  # the same for the steps around a single value: 126 of them make eighteen decades


@dataclass(frozen=True, eq=False)
class Edges:
    """Thresholds ``[R, D, 255]`` float64, ascending: a value's code is the number of them that it reaches.

    Only comparisons are made, so codes are equal on every machine. Each column has one code for each of R resolutions:
    a fine one for values as in the first task, and coarse ones for what later tasks may bring.
    """

    edges: np.ndarray

    @property
    def width(self) -> int:
        """The number of codes of one vector, R D."""
        return self.edges.shape[0] * self.edges.shape[1]

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Return vectors ``[N, D]`` as uint8 ``[N, R D]``, resolution after resolution; NaN gets the middle codes.

        Raise `InputError` for infinite values.

        >>> Edges(np.arange(255.0).reshape(1, 1, 255))(np.array([[-7.0], [0.0], [1.5], [np.nan], [1e9]])).ravel()
        array([  0,   1,   2, 128, 255], dtype=uint8)
        """
        values = np.asarray(inputs, np.float64)
        if np.isinf(values).any():
            raise InputError("expected finite inputs, got infinite values: remove or fill them first")
        missing = np.isnan(values)
        codes = np.empty((len(values), *self.edges.shape[:2]), np.uint8)
        for resolution, of_all in enumerate(self.edges):
            for column, of_one in enumerate(of_all):
                codes[:, resolution, column] = np.searchsorted(of_one, values[:, column], side="right")
        if missing.any():
            codes[np.broadcast_to(missing[:, None], codes.shape)] = TOP // 2 + 1
        return codes.reshape(len(values), -1)

    def far(self, inputs: np.ndarray) -> np.ndarray:
        """Return how many of the values ``[N, D]`` of each column lie far outside the first task's range, ``[D]``.

        Far is where the tails of the last resolution begin (of many columns, a little further), and values are hardly
        told apart: 80 times half the range of its middle nine tenths (of many columns, 14 times; in square roots, where
        the edges are).
        """
        tail = TAILS if len(self.edges) > 1 else TAILS - 2
        low, high = self.edges[-1, :, tail], self.edges[-1, :, TOP - 1 - tail]
        values = np.asarray(inputs, np.float64)
        return ((values < low) | (values > high)).sum(0)


def fit_edges(sample: np.ndarray) -> Edges:
    """Return edges for vectors like those of a ``sample [N, D]`` of the first task; NaN is passed over.

    The finest resolution has a quarter of its edges at quantiles of the sample, for columns with long tails, and the
    others evenly over the range of its middle nine tenths; the coarser ones reach 8 and 64 times as far, evenly; beyond
    them the edges of the coarsest grow in steps over six decades. No extreme value decides anything. A column of one
    value gets a scale from its magnitude; since that says little of values to come, its finest edges grow from tiny
    steps to large ones.

    Many columns are most often what a network gives, or counts: no value is below 0, and a few are very large. There,
    edges are evenly spaced in square roots, so large values count less and small ones are told apart.

    >>> fit_edges(np.arange(100.0)[:, None])(np.array([[-1e6], [50.0], [1e6]]))[:, 0].tolist()
    [0, 129, 255]
    """
    if sample.shape[1] >= MANY:
        return Edges(_of_many(sample)[None])
    middle, span = _middle_and_span(sample)
    finest = _with_quantiles(sample, middle, span)
    alone = np.array([_of_one_value(column) for column in np.asarray(sample, np.float64).T])
    alone &= (len(sample) > 1) | (middle == 0)  # of a single row, the magnitude is the better guess
    if alone.any():
        finest[alone] = _spread_out(middle[alone], span[alone], _decades())
    coarser = [_spread_out(middle, span, steps) for steps in (_even(RESOLUTIONS[1]), _with_tails(RESOLUTIONS[2]))]
    return Edges(np.stack([finest, *coarser]))


def edges_between(low: np.ndarray, high: np.ndarray) -> Edges:
    """Return edges for columns whose limits ``[D]`` are known: evenly spaced, and what lies beyond further apart.

    No value of any example has a part in them.

    >>> edges_between(np.zeros(1), np.full(1, 254.0))(np.array([[0.0], [99.5], [254.0], [255.0]]))[:, 0].tolist()
    [1, 100, 255, 255]
    """
    middle, span = low / 2 + high / 2, high / 2 - low / 2
    if len(low) >= MANY:
        return Edges(_spread_out(middle, span, _with_tails(1.0))[None])
    steps = (_even(1.0), _even(RESOLUTIONS[1]), _with_tails(RESOLUTIONS[2]))
    return Edges(np.stack([_spread_out(middle, span, one) for one in steps]))


def _of_many(sample: np.ndarray) -> np.ndarray:
    """Return edges ``[D, 255]`` of one resolution: in square roots, where a column of the sample has nothing below 0.

    No values have to be rooted later: ``√x`` reaches an edge where ``x`` reaches its square.
    """
    values = np.array(sample, np.float64)
    rooted = ~(values < 0).any(0)
    values[:, rooted] = np.sqrt(values[:, rooted])
    edges = _spread_out(*_middle_and_span(values), _with_tails(ONE[0]))
    roots = np.clip(edges[rooted], -LARGEST_ROOT, LARGEST_ROOT)
    edges[rooted] = roots * np.abs(roots)
    return edges


def _middle_and_span(sample: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each column, and how far from it the finest resolution goes."""
    middle, spread = middle_and_spread(sample)
    return middle, REACH * np.minimum(spread, LARGEST)


def _even(reach: float, count: int = TOP) -> np.ndarray:
    """Return so many numbers from -reach to reach, evenly spaced and symmetric to the last bit."""
    return (2 * np.arange(count) - (count - 1)) * (reach / (count - 1))


def _growing(start: float, growth: float, count: int) -> np.ndarray:
    """Return so many numbers from ``start`` on, each ``growth`` times the last: no power is rounded by a library."""
    return np.multiply.accumulate(np.r_[start, np.full(count - 1, growth)])


def _with_tails(reach: float) -> np.ndarray:
    """Return 255 steps: evenly spaced ones within reach, and further ones over six decades that grow by a factor."""
    tail = reach * _growing(TAIL_GROWTH, TAIL_GROWTH, TAILS)
    return np.concatenate([-tail[::-1], _even(reach, TOP - 2 * TAILS), tail])


def _decades() -> np.ndarray:
    """Return 255 steps that grow by one factor on both sides of 0, from 10⁻⁹ to 10⁹."""
    side = _growing(1e-9, SIDE_GROWTH, TOP // 2)
    return np.concatenate([-side[::-1], [0.0], side])


def _of_one_value(column: np.ndarray) -> bool:
    """Return whether all known values are the same, or there are none."""
    known = column[np.isfinite(column)]
    return len(known) == 0 or bool((known == known[0]).all())


def _spread_out(middle: np.ndarray, span: np.ndarray, steps: np.ndarray) -> np.ndarray:
    return middle[:, None] + span[:, None] * steps


def _with_quantiles(sample: np.ndarray, middle: np.ndarray, span: np.ndarray) -> np.ndarray:
    """Return edges ``[D, 255]``: `QUANTILES` order statistics of each column, and the others evenly over its span."""
    even = _spread_out(middle, span, _even(1.0, TOP - QUANTILES))
    edges = np.empty((len(middle), TOP))
    for index, column in enumerate(np.asarray(sample, np.float64).T):
        known = np.sort(column[np.isfinite(column)])
        places = np.arange(1, QUANTILES + 1) * len(known) // (QUANTILES + 1)
        quantiles = known[places] if len(known) else np.full(len(places), middle[index])
        edges[index] = np.sort(np.concatenate([even[index], quantiles]))
    return edges

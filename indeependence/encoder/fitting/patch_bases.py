"""Bases of picture windows: averages of many windows, by k-means in whole numbers after whitening."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.sparse import csr_matrix

from indeependence.encoder.fitting.bases import unit, whitening
from indeependence.encoder.fitting.draws import Draws
from indeependence.encoder.fitting.linear import product, total
from indeependence.engine.choice import active

FINE = 2.0**10  # whole steps to one unit of contrast
WHOLE = 2.0**20  # steps to the largest entry of the whitening
LENGTH = 4000  # whole steps to a unit vector: products of two add up exactly in float32, to at most 2**24
WORTH = 2**28  # products for which another device is used
BLOCK = 8192  # windows at a time


def patch_bases(
    windows: np.ndarray, count: int, draws: Draws, *, contrast: float, floor: float, rounds: int = 20
) -> np.ndarray:
    """Return bases ``[D, count]`` for raw windows ``[N, D]`` of whole numbers: whitened spherical k-means up to sign.

    A basis is the average of many windows, never one of them. The whitening is multiplied in, and every column
    sums to zero. ``floor`` times the largest variance is added to every one. After ten ``rounds`` the bases move
    little. Source: Coates & Ng 2012.
    """
    pixels = windows.shape[1]
    gain = FINE / np.sqrt(scatter(windows) / pixels**2 + contrast**2)
    even = np.rint((windows - total(windows, 1)[:, None] / pixels) * gain[:, None])
    second_moment = even.T @ even / max(len(even), 1)  # of whole numbers: exact
    variance = max(_coarsely(np.linalg.eigvalsh(second_moment)[-1]), 1.0)
    whitened = whitening(second_moment, floor * variance)
    points = even @ np.rint(whitened * (WHOLE / np.abs(whitened).max()))
    bases = product(whitened * FINE, unit(_mirrored_kmeans(points, count, draws, rounds)))
    return bases - total(bases, 0) / pixels


def scatter(windows: np.ndarray) -> np.ndarray:
    """Return ``D²`` times the variance of each of the windows ``[N, D]`` of whole numbers, exactly.

    >>> scatter(np.array([[1.0, 3.0], [7.0, 7.0]]))
    array([4., 0.])
    """
    return windows.shape[1] * total(windows**2, 1) - total(windows, 1) ** 2


def _coarsely(value: float) -> float:
    """Return a value rounded to 12 bits, which no processor's rounding of the 53rd changes."""
    fraction, exponent = np.frexp(value)
    return float(np.ldexp(np.rint(fraction * 2**12), exponent - 12))


def _mirrored_kmeans(points: np.ndarray, count: int, draws: Draws, rounds: int) -> np.ndarray:
    """Return centres ``[D, count]``; a point and its negative belong to the same one, as in a mirrored layer."""
    shape = points.shape[1]
    directions = _whole(points.T).T
    exact = directions.astype(np.float64)  # sums of many are beyond float32
    nearest_to = _searcher(directions, count)
    centres = _whole(draws.normal((shape, count)))
    for _ in range(rounds):
        nearest, signs = nearest_to(centres)
        members = csr_matrix((signs, (nearest, np.arange(len(points)))), (count, len(points)))
        sums = (members @ exact).T
        lonely = ~sums.any(0)
        sums[:, lonely] = draws.normal((shape, int(lonely.sum())))
        centres = _whole(sums)
    return centres.astype(np.float64)


def _searcher(directions: np.ndarray, count: int) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return `_nearest` among any centres, on another device where one is used and the work is worth it."""
    if directions.size * count >= WORTH and (device := active()) is not None:
        from indeependence.engine.nearest import NearestOnDevice

        return NearestOnDevice(device, directions)
    return partial(_nearest, directions)


def _whole(columns: np.ndarray) -> np.ndarray:
    """Return ``columns [D, K]`` brought to `LENGTH` and rounded, float32; columns of zeros stay so."""
    lengths = np.sqrt(total(columns**2, 0))
    return np.rint(columns * (LENGTH / np.maximum(lengths, 1e-9))).astype(np.float32)


def _nearest(directions: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each direction's nearest centre, up to sign, the first of equals; and that sign."""
    nearest, signs = np.empty(len(directions), np.int64), np.empty(len(directions))
    for start in range(0, len(directions), BLOCK):
        likeness = directions[start : start + BLOCK] @ centres
        place = np.abs(likeness).argmax(1)
        nearest[start : start + BLOCK] = place
        signs[start : start + BLOCK] = np.sign(likeness[np.arange(len(place)), place])
    return nearest, signs

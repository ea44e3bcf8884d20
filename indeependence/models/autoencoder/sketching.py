"""Fitting the sketch that pictures are drawn by: principal directions, and the centres of regions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from indeependence.encoder.fitting.bases import principal_bases, whole_bases
from indeependence.encoder.fitting.draws import Draws
from indeependence.encoder.fitting.linear import orthonormal, product
from indeependence.moments.sketch import MIDDLE, Sketch, nearest

VALUES = 100  # of a code, at most
REGIONS, SUMS = 50, 500  # regions at most; and classes times regions at most, each with sums of its own
SAMPLE = 5000  # pictures that a sketch is fitted on, at most
FEWEST = 100  # pictures: fewer tell too little of how pictures vary
EACH = 20  # pictures of the sample for each region, at least
LARGE, FEWER = 1024, 1000  # values of a large picture, and how many of such tell the directions
ROUNDS = 15  # of moving centres
PLACE = 1000  # among the draws of a seed, far from those of layers


def fit_sketch(pictures: np.ndarray, classes: int, seed: int) -> Sketch | None:
    """Return the sketch of ``pictures`` uint8 ``[N, D]``, of which labels are not needed; None of too few pictures.

    It is the same on every machine. With many classes there are fewer regions, so that sums stay small.
    """
    if len(pictures) < FEWEST:
        return None
    values = pictures.astype(np.float64)  # sums and products are whole numbers: exact, and so the same everywhere
    total = values.sum(0)
    mean = total / len(values)
    count, draws = min(VALUES, len(mean), min(len(values), FEWER) // 2), Draws(seed, PLACE)
    bases = whole_bases(_directions(values, mean, count, draws))
    offset = np.rint(total @ bases / len(values)).astype(np.int64)
    reach = np.abs(values @ bases - offset).max()
    divisor = np.array([max(1, math.ceil(reach / (MIDDLE - 1)))])
    sketch = Sketch(bases.astype(np.int16), offset, divisor, mean.astype(np.float32), np.zeros((1, count), np.uint8))
    codes = sketch.codes(pictures)
    regions = max(1, min(REGIONS, SUMS // classes, len(codes) // EACH))
    centres = codes[np.argsort(draws.share((len(codes),)), kind="stable")[:regions]]
    return replace(sketch, centres=settled(codes, centres))


def _directions(values: np.ndarray, mean: np.ndarray, count: int, draws: Draws) -> np.ndarray:
    """Return the principal directions ``[D, count]`` of ``values [N, D]``, mixed; of large pictures by fewer."""
    if len(mean) <= LARGE:
        return principal_bases(values.T @ values / len(values) - np.outer(mean, mean), count, draws)
    apart = values[:FEWER] - mean
    shares = principal_bases(product(apart, apart.T), count, draws)  # of pictures in each direction: a smaller matrix
    return product(orthonormal(product(apart.T, shares)), orthonormal(draws.normal((count, count))))


def settled(codes: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return ``centres`` uint8 ``[R, K]`` after rounds of k-means on ``codes [N, K]`` in whole numbers (Lloyd 1982).

    >>> codes = np.array([[0], [2], [200], [210]], np.uint8)
    >>> settled(codes, codes[:2]).ravel()
    array([  1, 205], dtype=uint8)
    """
    for _ in range(ROUNDS):
        region = nearest(codes, centres)
        counts = np.bincount(region, minlength=len(centres))
        totals = np.zeros(centres.shape, np.int64)
        np.add.at(totals, region, codes)
        moved = np.where(counts[:, None], totals // np.maximum(counts, 1)[:, None], centres).astype(np.uint8)
        if (moved == centres).all():
            break
        centres = moved
    return centres

"""Layers for vectors of numbers: random Fourier features and random boxes, from a sample of the first task."""

from __future__ import annotations

import numpy as np

from indeependence.encoder.fitting.draws import Draws
from indeependence.encoder.fitting.linear import total
from indeependence.encoder.layers.boxes import BoxLayer
from indeependence.encoder.layers.fourier import TURN, FourierLayer
from indeependence.errors import InputError
from indeependence.exact import EXACT, TOP

UNIT = 102  # code steps, doubled, that count as a distance of 1: the middle nine tenths of a column are 4 long
GAINS = (2, 4, 8)  # slopes of a box's sides


def fourier_layer(inputs: int, count: int, draws: Draws, *, bandwidth: float, norm: bool) -> FourierLayer:
    """Return ``count`` random cosines of ``inputs`` codes; rows about ``bandwidth √inputs`` units apart look unlike.

    Nothing is fitted: the scale of every column is the quantiser's. Raise `InputError` for more inputs than add up
    exactly.

    >>> fourier_layer(3, 2, Draws(0), bandwidth=1, norm=False).bases.shape
    (3, 2)
    """
    if inputs > EXACT / TOP / 2:
        raise InputError(f"--layers: too many inputs, {inputs}, for cosines of them: try sparse:{count}")
    directions = draws.normal((inputs, count))
    step = min(32767 / np.abs(directions).max(), (EXACT / TOP - inputs) / total(np.abs(directions), 0).max())
    turns = TURN / (2 * np.pi) / (bandwidth * np.sqrt(inputs) * step)  # of a projection in units
    return FourierLayer(
        bases=np.round(directions * step).astype(np.int16),
        phase=draws.below(TURN, (count,)).astype(np.int32),
        scale=np.float32(turns if norm else turns / UNIT),
        inputs=inputs,
        norm=int(norm),
    )


def box_layer(codes: np.ndarray, count: int, draws: Draws, *, sides: int) -> BoxLayer:
    """Return ``count`` random boxes of one to ``sides`` sides over all of the ``codes [N, D]``.

    Half of the thresholds are codes of the sample, where the first task is; the others are anywhere, for later ones.

    >>> box_layer(np.zeros((4, 3), np.uint8), 5, Draws(0), sides=2).columns.shape
    (5, 2)
    """
    shape = count, sides
    columns = draws.below(codes.shape[1], shape)
    seen = np.sort(codes, axis=0)[draws.below(len(codes), shape), columns]  # sorted: no order of rows matters
    thresholds = np.where(draws.below(2, shape) == 0, seen, draws.below(TOP + 1, shape))
    gains = np.array(GAINS)[draws.below(len(GAINS), shape)] * (2 * draws.below(2, shape) - 1)
    used = np.arange(sides) <= draws.below(sides, (count,))[:, None]
    return BoxLayer(columns.astype(np.int32), thresholds.astype(np.int16), (gains * used).astype(np.int16))

"""Test-then-train of numbers: every row of a table is answered before it is learned, in the order in which it came."""

from __future__ import annotations

import time

import numpy as np

from indeependence.data.readers.tables import Table
from indeependence.errors import InputError
from indeependence.experiment.prequential import Rows
from indeependence.experiment.stream import StreamSettings, facts_of, fitted, gone_through
from indeependence.experiment.stream_answers import Numbers
from indeependence.experiment.watching import Watch, unwatched
from indeependence.models.regressor.scale import Scale
from indeependence.moments.moments import Moments
from indeependence.moments.numbers import BYTES
from indeependence.report.stream_numbers import NumberStreamResult


def stream_numbers(table: Table, settings: StreamSettings, *, watch: Watch = unwatched) -> NumberStreamResult:
    """Answer and then learn every row of a table with targets in its order, and return how it went.

    Encoder and steps of the targets are fitted on the first period. The first block has no answer, and is not counted.
    Raise `InputError` for targets out of the range of these steps, and for the rule "auto", which compares classes.
    """
    if settings.rule.kind == "auto":
        raise InputError("--adapt auto compares classes: with --target take mix, none, --window or --half-life")
    y = np.asarray(table.y, np.float64)
    x = with_numbers_before(table.x, y, settings.lags)
    began = time.process_time()
    encoder, layers = fitted(x, settings)
    scale = Scale.of(y[: settings.period], table.targets)
    above = scale.whole(y) - np.array(scale.lowest)
    nothing = Moments.empty(encoder.fingerprint, encoder.units + BYTES * len(scale.names))
    going = settings.prequential(Numbers(len(scale.names), settings.penalty), nothing, encoder)

    def rows_of(part: slice) -> Rows:
        codes = encoder(x[part], jobs=settings.threads)
        learned = np.hstack([codes, scale.bytes_of(y[part])])
        return Rows(codes, learned, np.zeros(len(codes), np.int64), above[part].astype(np.float64))

    found = gone_through(going, rows_of, len(y), watch)[:, : len(scale.names)]
    return NumberStreamResult(
        targets=scale.names,
        right=y,
        answers=scale.values(found + np.array(scale.lowest, np.float64)),
        **facts_of(going, layers, encoder, time.process_time() - began),
    )


def with_numbers_before(x: np.ndarray, y: np.ndarray, lags: int) -> np.ndarray:
    """Return inputs with the targets ``y [N, T]`` of the ``lags`` rows before as columns; the first one's before it.

    >>> with_numbers_before(np.zeros((3, 1)), np.array([[5.0], [7.0], [9.0]]), 1)
    array([[0., 5.],
           [0., 5.],
           [0., 7.]])
    """
    if not lags:
        return x
    before = [np.vstack([np.repeat(y[:1], lag, 0), y[:-lag]])[: len(y)] for lag in range(1, lags + 1)]
    return np.hstack([np.asarray(x, np.float64), *before]).view(type(x))

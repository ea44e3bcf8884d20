"""Test-then-train: every row of a stream is answered before it is learned, in the order in which it came."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.data.datasets import Dataset
from indeependence.encoder.encoder import Encoder
from indeependence.errors import InputError
from indeependence.experiment.drift import columns_of
from indeependence.experiment.prequential import MixedPrequential, Prequential, Rows
from indeependence.experiment.stream_answers import Classes, Target
from indeependence.experiment.watching import Watch, unwatched
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.moments.moments import Moments
from indeependence.moments.periods import Rule
from indeependence.report.stream import StreamResult

LAYERS = "+boxes:60,+fourier:40"  # of "auto": small, since they are solved again and again
ENCODED = 4096  # rows encoded at a time


@dataclass(frozen=True)
class StreamSettings:
    """How a stream is learned: rows in a block and in a period, which periods count, and labels as inputs."""

    block: int = 1  # rows that are answered together, then learned
    period: int = 200  # rows, at least: it ends with a block
    rule: Rule = Rule()
    lags: int = 0  # labels of so many rows before as further inputs
    layers: str = "auto"
    penalty: float | str = "auto"
    readout: str = "lda"
    seed: int = 0
    threads: int | None = None

    def prequential(self, target: Target, nothing: Moments, encoder: Encoder) -> Prequential:
        """Return a stream that has not begun."""
        about = (target, nothing, self.rule, self.block, self.period)
        if self.rule.kind != "mix":
            return Prequential(*about)
        inputs, units = len(columns_of(encoder)), encoder.units
        alone = np.r_[:inputs, units : nothing.units] if 0 < inputs < units else None
        return MixedPrequential(*about, inputs=alone)


def stream(dataset: Dataset, settings: StreamSettings, *, watch: Watch = unwatched) -> StreamResult:
    """Answer and then learn every row of a data set in its order, and return how it went.

    The encoder is fitted on the inputs of the first period; the first block has no answer, which counts as a mistake.
    """
    y = dataset.y_train
    x = with_lags(dataset.x_train, y, settings.lags)
    began = time.process_time()
    encoder, layers = fitted(x, settings)
    classes, places = np.unique(y, return_inverse=True)
    target = Classes(tuple(classes.tolist()), settings.penalty, settings.readout)
    going = settings.prequential(target, Moments.empty(encoder.fingerprint, encoder.units), encoder)

    def rows_of(part: slice) -> Rows:
        codes = encoder(x[part], jobs=settings.threads)
        return Rows(codes, codes, y[part], places[part])

    answers = gone_through(going, rows_of, len(y), watch)
    return StreamResult(
        classes=tuple(classes.tolist()),
        right=places,
        answers=np.where(np.isnan(answers[:, 0]), -1, np.nan_to_num(answers).argmax(1)),
        **facts_of(going, layers, encoder, time.process_time() - began),
    )


def fitted(x: np.ndarray, settings: StreamSettings) -> tuple[Encoder, str]:
    """Return an encoder fitted on the first period, and its layers; raise `InputError` for a shorter stream."""
    if len(x) <= settings.period:
        raise InputError(f"expected a stream longer than a period of {settings.period} rows, got {len(x)}: --period")
    layers = LAYERS if settings.layers == "auto" and x.ndim == 2 else settings.layers
    model = ContinualClassifier(layers, random_state=settings.seed, n_jobs=settings.threads)
    return model.restart(x[: settings.period]).encoder_, layers


def gone_through(going: Prequential, rows_of: Callable[[slice], Rows], count: int, watch: Watch) -> np.ndarray:
    """Let all rows be answered and learned, and return the answers ``[N, A]``; NaN for none."""
    together = max(ENCODED // going.block, 1) * going.block  # no block is cut
    found = []
    for start in range(0, count, together):
        found.append(going.go_through(rows_of(slice(start, start + together))))
        watch("answering and learning", min(start + together, count), count)
    return np.concatenate(found)


def facts_of(going: Prequential, layers: str, encoder: Encoder, seconds: float) -> dict[str, Any]:
    """Return what every result of a stream says of how it was learned."""
    return {
        "changes": tuple(going.changes),
        "led": dict(going.led.most_common()),
        "solved": going.times_solved,
        "layers": layers,
        "code_units": encoder.units,
        "statistics_bytes": sum(period.sums.nbytes for period in going.periods.kept),
        "cpu_seconds": seconds,
        "model_sha256": going.periods.open(going.current).fingerprint,
    }


def with_lags(x: np.ndarray, y: np.ndarray, lags: int) -> np.ndarray:
    """Return inputs with the labels of the ``lags`` rows before as columns of 0 and 1, one for each class.

    >>> with_lags(np.zeros((3, 1)), np.array(["a", "b", "b"]), 1)
    array([[0., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    if not lags:
        return x
    if x.ndim != 2:
        raise InputError("--lags goes with rows of numbers, got pictures: leave it out")
    shown = (y[:, None] == np.unique(y)).astype(np.float64)
    parts = [np.vstack([np.zeros((lag, shown.shape[1])), shown[:-lag]])[: len(y)] for lag in range(1, lags + 1)]
    return np.hstack([np.asarray(x, np.float64), *parts]).view(type(x) if isinstance(x, np.ndarray) else np.ndarray)

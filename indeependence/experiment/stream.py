"""Test-then-train: every row of a stream is answered before it is learned, in the order in which it came."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from indeependence.data.datasets import Dataset
from indeependence.errors import InputError
from indeependence.experiment.watching import Watch, unwatched
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.moments.moments import Moments
from indeependence.moments.periods import Periods, Rule
from indeependence.moments.weights import Weights
from indeependence.report.stream import Change, StreamResult

LAYERS = "+boxes:60,+fourier:40"  # of "auto": small, since they are solved again and again
ENCODED = 4096  # rows encoded at a time
PAYS = 0.05  # of the rows behind the weights: so many new ones, and they are solved again


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


def stream(dataset: Dataset, settings: StreamSettings, *, watch: Watch = unwatched) -> StreamResult:
    """Answer and then learn every row of a data set in its order, and return how it went.

    The encoder is fitted on the inputs of the first period; the first block has no answer, which counts as a mistake.
    """
    y = dataset.y_train
    x = with_lags(dataset.x_train, y, settings.lags)
    if len(y) <= settings.period:
        raise InputError(f"expected a stream longer than a period of {settings.period} rows, got {len(y)}: --period")
    began = time.process_time()
    layers = LAYERS if settings.layers == "auto" and x.ndim == 2 else settings.layers
    model = ContinualClassifier(layers, random_state=settings.seed, n_jobs=settings.threads)
    model.restart(x[: settings.period])
    course = Course(settings, Moments.empty(model.encoder_.fingerprint, model.encoder_.units))
    places, classes = np.unique(y, return_inverse=True)[::-1]
    answers = np.full(len(y), -1)
    number = {label: place for place, label in enumerate(classes.tolist())}
    together = max(ENCODED // settings.block, 1) * settings.block  # no block is cut
    for start in range(0, len(y), together):
        rows = slice(start, start + together)
        codes = model.encoder_(x[rows], jobs=settings.threads)
        answers[rows] = course.go_through(codes, y[rows], number)
        watch("answering and learning", min(start + together, len(y)), len(y))
    return StreamResult(
        classes=tuple(classes.tolist()),
        right=places,
        answers=answers,
        changes=tuple(course.changes),
        solved=course.times_solved,
        layers=layers,
        code_units=model.encoder_.units,
        statistics_bytes=sum(period.sums.nbytes for period in course.periods.kept),
        cpu_seconds=time.process_time() - began,
        model_sha256=course.periods.open(course.current).fingerprint,
    )


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


@dataclass
class Course:
    """A stream as far as it was learned."""

    settings: StreamSettings
    nothing: Moments
    periods: Periods = field(init=False)
    current: Moments = field(init=False)  # sums of the period that has not ended
    weights: Weights | None = None
    behind: int = 0  # rows behind the weights
    waiting: int = 0  # rows learned since
    rows: int = 0
    times_solved: int = 0
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.periods, self.current = Periods.empty(self.settings.rule, self.nothing), self.nothing

    def go_through(self, codes: np.ndarray, labels: np.ndarray, number: dict) -> np.ndarray:
        """Return the place of the answer to each row, -1 for none; learn block after block, and period after period."""
        found = np.full(len(labels), -1)
        start = 0
        while start < len(labels):
            stop = min(start + self._together(), len(labels))
            rows = slice(start, stop)
            if self.weights is not None:
                places = np.array([number[label] for label in self.weights.labels])
                found[rows] = places[self.weights.scores(codes[rows]).argmax(1)]
            self._learn(codes[rows], labels[rows])
            start = stop
        return found

    def _together(self) -> int:
        """Return how many rows the same weights answer: whole blocks, until solving pays or a period ends."""
        block = self.settings.block
        until_end = self.settings.period - self.current.count
        pays = 1 if self.weights is None else int(PAYS * self.behind) - self.waiting
        return -(-max(min(pays, until_end), 1) // block) * block

    def _learn(self, codes: np.ndarray, labels: np.ndarray) -> None:
        self.current = self.current.learn([(codes, labels)])
        self.rows += len(labels)
        self.waiting += len(labels)
        ended = self.current.count >= self.settings.period
        if ended:
            self._close()
        if ended or self.weights is None or self.waiting >= PAYS * self.behind:
            self.weights = self.periods.solved(self.current, self.settings.penalty, self.settings.readout)
            self.behind, self.waiting = self.periods.chosen.count + self.current.count, 0
            self.times_solved += 1

    def _close(self) -> None:
        before = self.periods
        self.periods, self.current = before.closed(self.current), self.nothing
        if self.periods.dropped > before.dropped or self.periods.dropped < before.dropped:
            last = self.periods.closed_ones
            self.changes.append(Change(self.rows, last, self.periods.dropped + 1, before.dropped + 1))

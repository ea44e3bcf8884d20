"""The course of an evaluation from task to task, and its checkpoints: a model's file that says how far it is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.data.examples import Examples
from indeependence.errors import InputError
from indeependence.experiment import checkpoints
from indeependence.experiment.answers import Answers
from indeependence.experiment.checkpoints import Progress
from indeependence.experiment.costs import Stopwatch
from indeependence.files.container import read_progress
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.models.contexts.classifier import ContextualClassifier
from indeependence.report.result import plain

EVERY = 20_000  # examples from one checkpoint to the next


@dataclass(eq=False)
class Course:
    """What was learned and measured so far, and how long it took."""

    accuracies: list[list[float]] = field(default_factory=list)  # [parts tested][S], NaN where not tested
    seconds: list[float] = field(default_factory=list)  # of learning and solving, for each part tested
    done: int = 0  # examples learned of the next part
    began: float = 0.0  # when that was begun, in seconds of the clock
    clock: Stopwatch = field(default_factory=Stopwatch)
    answers: dict[int, Answers] = field(default_factory=dict)  # to test set i, the last ones


@dataclass(frozen=True)
class Checkpoints:
    """Where the checkpoints of one run go: after each task and every so many examples.

    A model with several contexts is kept after each task, since it fits an encoder on the first examples of each call.
    What has no file, a network or an estimator, is not kept: its run begins anew.
    """

    path: Path
    plan: str  # what the run is; a file of another plan is none of its checkpoints
    every: int = EVERY
    begin: Callable[[], None] = lambda: None  # called before one is written

    def course(self, model: Any) -> Course | None:
        """Let ``model`` take up what the last checkpoint holds, and return the course so far; None without one."""
        if not isinstance(model, ContinualClassifier | ContextualClassifier) or not self.path.is_file():
            return None
        with removable(self.path):
            return self._course(model)

    def _course(self, model: ContinualClassifier | ContextualClassifier) -> Course | None:
        told = read_progress(self.path)
        if told.get("plan") != self.plan:
            return None
        try:
            rows = [[np.nan if value is None else float(value) for value in row] for row in told["accuracies"]]
            clock = Stopwatch(float(told["wall"]), float(told["cpu"]))
            seconds = [float(value) for value in told["seconds"]]
            course = Course(rows, seconds, int(told["done"]), float(told["began"]), clock)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"damaged checkpoint: {error!r}") from error
        _take_up(model, self.path)
        return course

    def learn(self, model: Any, part: Examples, course: Course, learn: Callable[[Examples], None]) -> None:
        """Learn what is left of a part by ``learn``, piece by piece, and write a checkpoint after each."""
        if not isinstance(model, ContinualClassifier | ContextualClassifier):
            learn(part)
            return
        every = self.every if isinstance(model, ContinualClassifier) else len(part)

        def save(now: Progress) -> None:
            course.done = now.done
            with course.clock.paused():
                self.begin()
                self._save(model, course)

        before = Progress(self.plan, course.done, len(part))
        checkpoints.learn(
            model,
            [part],
            before,
            every=every,
            learn_piece=lambda piece, _: learn(piece),
            save=save,
            stopped=lambda: False,
        )

    def _save(self, model: ContinualClassifier | ContextualClassifier, course: Course) -> None:
        """Write a checkpoint; where that fails, as on a full disk, say so and go on without."""
        try:
            model.save(self.path, progress=self._told(course))
        except InputError as error:
            warnings.warn(
                f"{error}: the evaluation goes on, but not from here with --resume", UserWarning, stacklevel=2
            )

    def _told(self, course: Course) -> dict[str, Any]:
        wall, cpu = course.clock.spent
        told = {name: getattr(course, name) for name in ("accuracies", "seconds", "done", "began")}
        return {"plan": self.plan, **plain(told), "wall": wall, "cpu": cpu}


@contextmanager
def removable(path: Path) -> Iterator[None]:
    """Let an `InputError` of the block say what to do with the file ``path`` that it cannot use."""
    try:
        yield
    except InputError as error:
        why = str(error).removeprefix(f"{path}: ")
        raise InputError(f"{path}: {why}: remove this file, and --resume makes its run anew") from error


def _take_up(model: ContinualClassifier | ContextualClassifier, path: Path) -> None:
    """Give a model the encoder and the sums of the file ``path``; its parameters stay."""
    if isinstance(model, ContinualClassifier):
        kept = ContinualClassifier.load(path)
        model.start(kept.encoder_, kept.ledger_)
    else:
        contexts = ContextualClassifier.load(path)
        model.start(contexts.shape_, contexts.quantiser_, contexts.moments_)

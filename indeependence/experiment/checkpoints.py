"""Learning that survives an interruption: checkpoints on the way, and how a later run goes on from the last one."""

from __future__ import annotations

import hashlib
import json
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indeependence.errors import InputError
from indeependence.exact import LARGEST
from indeependence.files.schema import expect, is_text, is_whole

if TYPE_CHECKING:
    import numpy as np

    from indeependence.data.examples import Examples
    from indeependence.models.learner import Model

SAMPLED = 64  # inputs that distinguish data sets of the same labels


@dataclass(frozen=True)
class Progress:
    """The progress of a run, as stored in its model's file."""

    plan: str  # what is to be learned: a digest of the examples in their order, and of how the model is made
    done: int  # examples learned
    of: int  # examples in all
    first_task: int = 1  # number of the run's first task in a ledger by task

    @property
    def unfinished(self) -> bool:
        """Whether examples are left to learn."""
        return self.done < self.of


def plan_of(tasks: Sequence[Examples], made: dict[str, Any]) -> str:
    """Return a digest of a run's plan: labels in order, a sample of the inputs, and how the model is ``made``."""
    import numpy as np

    digest = hashlib.sha256(json.dumps(made, sort_keys=True).encode())
    for task in tasks:
        labels = task.labels
        digest.update(f"{task.name} {task.x.shape[1:]} {task.x.dtype} {labels.dtype}".encode() + labels.tobytes())
        sample = np.unique(np.linspace(0, len(task) - 1, SAMPLED).astype(int))
        digest.update(np.ascontiguousarray(replace(task, rows=task.rows[sample]).arrays()[0]).tobytes())
    return digest.hexdigest()


def progress_to_go_on_from(path: Path, start: Progress, *, load: bool, resume: bool) -> Progress | None:
    """Return how far the file ``path`` is in the run about to ``start``; None if the run starts without the file.

    Raises `InputError` if going on, or starting over, would learn examples twice or lose what is in the file.
    """
    from indeependence.files.container import read_progress

    if not load and not (resume and path.is_file()):
        return None
    left = _progress_of(path, read_progress(path))
    if resume and left and left.plan == start.plan:
        return left
    if resume and (not load or (left and left.unfinished)):
        raise InputError(f"{path} is no checkpoint of this run: give the options it began with, or leave --resume out")
    if left and left.plan == start.plan and left.unfinished:
        raise InputError(f"{path} has learned {left.done:,} of these {left.of:,} examples: go on with --resume")
    return start


def _progress_of(path: Path, stored: dict[str, Any]) -> Progress | None:
    if not stored:
        return None
    try:
        left = Progress(**{name: stored[name] for name in ("plan", "done", "of", "first_task")})
        expect(is_text(left.plan) and is_whole(left.of, 0, LARGEST), "the plan of a run")
        expect(is_whole(left.done, 0, left.of) and is_whole(left.first_task, 1, LARGEST), "how much of it is done")
        return left
    except (KeyError, InputError) as error:
        raise InputError(f"{path}: damaged model, its progress cannot be read ({error!r})") from error


def learn(
    model: Model,
    tasks: Sequence[Examples],
    progress: Progress,
    *,
    every: int,
    learn_piece: Callable[[Examples, int], None],
    save: Callable[[Progress], None],
    stopped: Callable[[], bool],
) -> Progress:
    """Learn all that is left, or as much as there is until ``stopped()``, and return the progress.

    ``save`` is called after each task and at least every ``every`` examples.
    """
    for index, piece in pieces(tasks, progress.done, every):
        if stopped():
            break
        before = model.moments_.count
        learn_piece(piece, progress.first_task + index)
        learned = model.encoder_.examples(int(model.moments_.count - before))
        progress = replace(progress, done=progress.done + learned)
        save(progress)
    return progress


def pieces(tasks: Sequence[Examples], done: int, every: int) -> Iterator[tuple[int, Examples]]:
    """Yield what is left of the tasks after ``done`` examples: a task's index and at most ``every`` examples of it."""
    start = 0
    for index, task in enumerate(tasks):
        for first in range(max(done - start, 0), len(task), every):
            yield index, task.part(first, first + every)
        start += len(task)


def until(
    batches: Iterator[tuple[np.ndarray, np.ndarray]], stopped: Callable[[], bool]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the batches that come before ``stopped()``."""
    for batch in batches:
        if stopped():
            return
        yield batch


@contextmanager
def stopping_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Yield a function that returns whether Ctrl-C, or SIGTERM, came in the block; a second one interrupts."""
    pressed: list[int] = []

    def note(number: int, frame: Any) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(pressed)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

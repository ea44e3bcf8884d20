"""A training run: a model is made or loaded, learns what is left of its tasks, and is written at every checkpoint."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.data.class_groups import class_groups
from indeependence.data.examples import Examples
from indeependence.data.reading import Reading
from indeependence.distributed.cluster import connected
from indeependence.distributed.shards import Located, source_of, sum_shards
from indeependence.errors import InputError
from indeependence.experiment import checkpoints
from indeependence.experiment.checkpoints import Progress
from indeependence.experiment.last_tasks import check_window, drop_older
from indeependence.experiment.watching import Watch, unwatched, watched
from indeependence.history.trail import Trail
from indeependence.models.making import Making

if TYPE_CHECKING:
    from indeependence.models.learner import Model

log = logging.getLogger(__name__)
LearnPiece = Callable[[Examples, int, Callable[[], bool]], None]  # a piece, its task's number, whether to stop


@dataclass(frozen=True)
class Workers:
    """The processes that sum in place of this one: so many new ones, or the workers of a Dask scheduler."""

    workers: int | None = None
    scheduler: str | None = None
    gram_blocks: int | None = None

    @property
    def wanted(self) -> bool:
        """Whether there are any."""
        return bool(self.workers or self.scheduler)


@dataclass(frozen=True)
class Run:
    """The settings of a training run, besides its tasks."""

    making: Making
    path: Path  # of the model
    load: bool = False  # go on from the file
    resume: bool = False  # go on from the last checkpoint of this run
    every: int = 20_000  # examples from one checkpoint to the next
    workers: Workers = Workers()
    source: Located | None = None  # where workers get the examples
    audit: Path | None = None  # a log to note every writing of the model in
    window: int | None = None  # of its last tasks, which alone are kept

    @property
    def goes_on(self) -> bool:
        """Whether the run begins with what is in its file."""
        return self.load or (self.resume and self.path.is_file())


@dataclass(frozen=True, eq=False)
class Trained:
    """The result of a run; ``after.unfinished`` if it was stopped."""

    model: Model
    before: Progress
    after: Progress

    @property
    def learned_now(self) -> int:
        """The number of examples learned in this run."""
        return self.after.done - self.before.done


def tasks_of(examples: Examples, tasks: int | None) -> list[Examples]:
    """Return the examples in one piece, or one piece for each of several groups of classes."""
    if tasks is None:
        return [examples]
    groups = class_groups(examples.classes, tasks=tasks)
    return [
        replace(examples, name=",".join(map(str, group)), rows=examples.rows[np.isin(examples.labels, group)])
        for group in groups
    ]


def bootstrapped(making: Making, examples: Examples, reading: Reading) -> Model:
    """Return a new model whose encoder is fitted on a sample of the examples."""
    return making.begun(examples, reading)


def train(
    run: Run,
    tasks: list[Examples],
    reading: Reading | None = None,
    *,
    watch: Watch = unwatched,
    written: Callable[[Model], None] = lambda model: None,
) -> Trained:
    """Learn what is left of the tasks and write the model after each task and every so many examples.

    ``reading`` is how files became inputs; ``written`` is called each time the model was written. The caller
    holds the lock of the file. Ctrl-C ends the run at the next batch, with a last checkpoint.
    """
    reading = reading or Reading()
    making = run.making
    made = {} if run.load else {name: getattr(making, name) for name in ("layers", "bootstrap_limit", "seed")}
    made |= {"limits": making.limits} if making.limits and made else {}
    made |= {"kind": making.kind} if making.kind != "classifier" and made else {}
    begin = Progress(checkpoints.plan_of(tasks, made), 0, sum(map(len, tasks)))
    trail = Trail(run.path, run.audit)
    before = checkpoints.progress_to_go_on_from(run.path, begin, load=run.load, resume=run.resume)
    if not before:
        watch("bootstrapping the encoder", 0, 0)
    model = making.open(run.path) if before else bootstrapped(making, tasks[0], reading)
    check_window(run.path, model, run.window)
    if model.reading == Reading():
        model.reading = reading
    if before and before == begin:
        model.begin_from_here()

    def save(now: Progress, what: str = "learn", *, anew: bool = False, **about: Any) -> None:
        if not now.unfinished:
            _ = model.weights  # solved once, here: the file keeps them
        trail.replace(what, model.facts, lambda: model.save(run.path, progress=asdict(now)), anew=anew, **about)
        log.info("%s: %d of %d examples", run.path, now.done, now.of)
        written(model)

    if before in (None, begin):
        anew, before = before is None, replace(begin, first_task=model.next_task)
        if not run.load:
            save(before, "bootstrap", anew=anew)  # the encoder is there already, if all else is lost
    with checkpoints.stopping_on_interrupt() as stopped, _learning(run, model, reading, watch) as learn_piece:
        learn = partial(_unless, stopped, learn_piece)
        after = checkpoints.learn(model, tasks, before, every=run.every, learn_piece=learn, save=save, stopped=stopped)
    if not after.unfinished and (gone := drop_older(model, run.window)):
        save(after, "forget", by="task", asked=None, exact=True, tasks=gone)
    return Trained(model, before, after)


def _unless(stopped: Callable[[], bool], learn_piece: LearnPiece, piece: Examples, task: int) -> None:
    learn_piece(piece, task, stopped)


@contextmanager
def _learning(run: Run, model: Model, reading: Reading, watch: Watch) -> Iterator[LearnPiece]:
    """Yield a function that learns a piece of a task until it is stopped, in this process or on workers."""
    if run.source is None:

        def here(piece: Examples, task: int, stopped: Callable[[], bool]) -> None:
            batches = watched(piece, model.batch_size, watch)
            model.learn(checkpoints.until(batches, stopped), task=task)

        yield here
        return
    from indeependence.distributed.blocks import sum_blocks

    classifier = model.for_workers()
    source, blocks = replace(run.source, as_read=reading), run.workers.gram_blocks
    summed = partial(sum_blocks, blocks=blocks) if blocks else sum_shards
    with ExitStack() as stack:
        with _resumable(run):
            client = stack.enter_context(connected(workers=run.workers.workers, scheduler=run.workers.scheduler))

        def on_workers(piece: Examples, task: int, stopped: Callable[[], bool]) -> None:
            watch(f"learning {piece.name} on workers", 0, 0)
            with _resumable(run):
                sums = [
                    summed(client, classifier.coder, source_of(source, piece), rows, batch_size=model.batch_size)
                    for rows in _rows_kept_apart(piece, classifier.ledger_.kind)
                ]
            for part in sums:
                classifier.add(part, task=task)

        yield on_workers


@contextmanager
def _resumable(run: Run) -> Iterator[None]:
    """Say how to go on, if what is done in the block for a run fails."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{error}; {run.path} keeps what was learned before: then go on with --resume") from error


def _rows_kept_apart(piece: Examples, ledger: str) -> list[np.ndarray]:
    return [piece.rows[piece.labels == label] for label in piece.classes] if ledger == "class" else [piece.rows]

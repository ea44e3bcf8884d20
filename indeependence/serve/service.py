"""One model in service: predictions from the newest weights, and one writer for all that changes it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from indeependence import models
from indeependence.errors import InputError
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.serve.answers import Answerer, Answers
from indeependence.serve.events import Event
from indeependence.serve.gate import Examples, Gate, Given
from indeependence.serve.journal import Change
from indeependence.serve.keeper import Keeper
from indeependence.serve.limits import Limits
from indeependence.serve.state import Answering

Result = TypeVar("Result")
LARGE = 64 * 2**10  # bytes of a body from which on it is read in a thread of its own
BESIDE = 4  # threads that read inputs, and as many that encode examples
PATIENCE = 10.0  # seconds that a request waits until answers know what it taught
AGAIN = 10.0  # seconds until the model's file is tried again
TICK = 0.5  # seconds between looks whether the model's file is to be written
FIXED = "this model only answers: expected one of kind classifier to learn, merge or forget; see inspect"
UNDRAWN = "this model cannot draw: expected one of kind autoencoder, which train --kind autoencoder makes"
Draw = Callable[[str, int], bytes]


class Busy(InputError):
    """Too many changes wait to be learned."""


class Full(InputError):
    """The disk does not take what was to be learned."""


@dataclass(frozen=True)
class Learned:
    """An acknowledged change, and whether answers know it already."""

    event: Event
    solved: bool


@dataclass(frozen=True, eq=False)
class Fixed:
    """A model that only answers, facts about it, and what draws a picture of a class as a PNG, if it can draw."""

    answering: Answering
    facts: dict[str, Any]
    draw: Draw | None = None


class Service:
    """A model in service. With a ``keeper`` it learns; else it only answers, as a ``fixed`` one."""

    def __init__(self, limits: Limits, keeper: Keeper | None = None, fixed: Fixed | None = None):
        self.limits, self.keeper, self.fixed = limits, keeper, fixed
        self._answerer = Answerer(lambda: self.answering)
        self._writer = ThreadPoolExecutor(1, "writer")
        # Each has its own threads, so that no answer waits for what is learned, nor for those who wait to be answered.
        self._readers, self._learners = ThreadPoolExecutor(BESIDE, "reader"), ThreadPoolExecutor(BESIDE, "learner")
        self._waiters = ThreadPoolExecutor(limits.waiting, "waiter")
        self.waiting = 0  # changes
        self._closed = False
        self._gate: tuple[Any, Any] = (None, None)  # an encoder's fingerprint, and its model that learned nothing

    @property
    def answering(self) -> Answering | None:
        """What answers now."""
        if self.keeper is not None:
            return self.keeper.solver.answering
        return self.fixed.answering if self.fixed else None

    async def predict(self, given: Given) -> Answers:
        """Return the answers to the inputs of a request."""
        examples = await self._read(given, labelled=False)
        return await asyncio.wrap_future(self._answerer.ask(examples.inputs))

    async def learn(self, what: str, given: Given, by: str, *, wait: bool = True, task: int | None = None) -> Learned:
        """Learn or forget the examples of a request; they are on disk when this returns."""
        keeper = self._learner()
        examples = await self._read(given, labelled=True)
        if keeper.held is None and what == "learn":
            await self._written(lambda: keeper.begin(examples.inputs, examples.reading))
            examples = await self._read(given, labelled=True)  # as the model that began with them needs them
        change = await self._beside(self._learners, self._coded, what, examples, by, task)
        event = await self._written(lambda: keeper.change(change))
        return await self._known(event, wait)

    async def forget_class(self, label: Any, by: str) -> Learned:
        """Remove a class."""
        keeper = self._learner()
        return await self._known(await self._written(lambda: keeper.forget_class(label, by)), True)

    async def undo(self, by: str) -> Learned:
        """Take the last change back."""
        keeper = self._learner()
        return await self._known(await self._written(lambda: keeper.undo(by)), True)

    async def merge(self, data: bytes, by: str) -> Learned:
        """Add the model in the bytes of a file."""
        keeper = self._learner()
        other = await self._beside(self._learners, _model_in, data)
        return await self._known(await self._written(lambda: keeper.merge(other, by)), True)

    async def draw(self, label: str, seed: int) -> bytes:
        """Return a picture of a class, as a PNG; raise `InputError` where the model cannot draw."""
        if self.fixed is None or self.fixed.draw is None:
            raise InputError(UNDRAWN)
        return await asyncio.get_running_loop().run_in_executor(self._writer, self.fixed.draw, label, seed)

    async def file(self) -> Path:
        """Return the path of the model's file once it has all that was learned."""
        keeper = self._learner()
        if keeper.held is None:
            raise InputError("the model has learned nothing yet: teach it first")
        await self._written(keeper.checkpoint)
        return keeper.path

    async def keep_writing(self) -> None:
        """Write the model's file whenever it is due, until this is cancelled."""
        while self.keeper is not None:
            await asyncio.sleep(TICK)
            if self.keeper.due:
                try:
                    await self._written(self.keeper.checkpoint)
                except InputError as error:  # a full disk, say: the journal still has everything
                    print(f"Note: {error}", file=sys.stderr, flush=True)
                    await asyncio.sleep(AGAIN)

    def close(self) -> None:
        """End all threads, once all that was asked for is done and written."""
        if self._closed:
            return
        self._closed = True
        for pool in (self._readers, self._learners, self._writer):
            pool.shutdown()
        self._answerer.stop()
        if self.keeper is not None:
            self.keeper.close()
        self._waiters.shutdown()

    def _learner(self) -> Keeper:
        if self.keeper is None:
            raise InputError(FIXED)
        return self.keeper

    async def _read(self, given: Given, *, labelled: bool) -> Examples:
        """Return the examples of a request; what is large is read beside, so that others are not held up."""
        gate = self._present_gate()
        size = len(given.body) + sum(len(data) for _, data in given.pictures)
        if size < LARGE and not given.pictures and given.kind != "text/csv":
            return gate.examples(given, labelled=labelled)
        pool = self._learners if labelled else self._readers
        return await self._beside(pool, partial(gate.examples, given, labelled=labelled))

    @staticmethod
    async def _beside(pool: ThreadPoolExecutor, doing: Callable[..., Result], *given: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(pool, doing, *given)

    def _present_gate(self) -> Gate:
        if self.keeper is None:
            return Gate(self.limits, self.fixed.answering.predictor if self.fixed else None)
        held = self.keeper.held
        if held is None:
            return Gate(self.limits, photograph=self.keeper.beginning.photograph)
        if self._gate[0] is not held.encoder:
            self._gate = (held.encoder, held.empty())
        return Gate(self.limits, self._gate[1], held.ledger.total.labels)

    def _coded(self, what: str, examples: Examples, by: str, task: int | None) -> Change:
        """Return the codes of labelled examples, of all their views."""
        held = self.keeper.held if self.keeper else None
        if held is None or examples.labels is None:
            raise InputError("the model has learned nothing yet: teach it first")
        model = self._gate[1]
        batches = [(examples.inputs, examples.labels)]
        parts = list(held.encoder.coded(batches, size=model.batch_size, jobs=1))
        labels = tuple(label for _, some in parts for label in some.tolist())
        return Change(what, np.concatenate([codes for codes, _ in parts]), labels, by, task)

    async def _written(self, change: Callable[[], Result]) -> Result:
        """Have the one writer do something; raise `Busy` if too much waits already."""
        if self.waiting >= self.limits.waiting:
            raise Busy(f"{self.waiting} changes wait to be learned: try again in a second")
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writer, change)
        except InputError as error:
            if isinstance(error.__cause__, OSError):
                reason = error.__cause__.strerror or "no reason"
                raise Full(f"the server cannot write to its disk ({reason}): nothing was changed") from error
            raise
        finally:
            self.waiting -= 1

    async def _known(self, event: Event, wait: bool) -> Learned:
        if not wait or self.keeper is None:
            return Learned(event, False)
        return Learned(event, await self._beside(self._waiters, self.keeper.solver.wait, event.version, PATIENCE))


def _model_in(data: bytes) -> ContinualClassifier:
    """Return the classifier in the bytes of a model's file, which has sums and no examples."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        path.write_bytes(data)
        try:
            model = models.open(path)
        except InputError as error:
            raise InputError(str(error).replace(str(path), "the model to merge")) from None
    if not isinstance(model, ContinualClassifier):
        raise InputError(FIXED)
    return model

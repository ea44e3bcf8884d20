"""Answers: one thread takes all inputs that wait, encodes them together, and answers each by the newest weights.

Codes are whole numbers and do not depend on what is encoded together; scores are computed for each request alone, so an
answer is the same to the bit whoever else asks.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.models.predictor import Predictor
from indeependence.moments.likeness import FAR
from indeependence.serve.state import Answering

TOGETHER = 256  # inputs encoded at a time
NOTHING = "the model has learned nothing yet: teach it first"


@dataclass(frozen=True, eq=False)
class Answers:
    """Probabilities ``[N, C]``, distances ``[N]`` or None, and what answered."""

    by: Answering
    probabilities: np.ndarray
    distances: np.ndarray | None

    def as_json(self, top: int | None = None) -> dict[str, Any]:
        """Return the answers as plain JSON values, with the ``top`` labels of each input, all by default."""
        labels = self.by.predictor.labels if self.by.predictor is not None else ()
        order = np.argsort(-self.probabilities, axis=1, kind="stable")[:, :top].tolist()
        unlike = [None] * len(order) if self.distances is None else (self.distances > FAR).tolist()
        rows = zip(self.probabilities.tolist(), order, unlike, strict=True)
        return {
            "model_sha256": self.by.sha256,
            "answers": [_answer(labels, values, places, far) for values, places, far in rows],
        }


def _answer(labels: Sequence[Any], values: list[float], places: list[int], far: bool | None) -> dict[str, Any]:
    best, *others = ({"label": labels[place], "probability": values[place]} for place in places)
    return {**best, "unlike": far, "others": others}


class Answerer:
    """Answers requests, in the order in which they came, by what ``newest`` returns."""

    def __init__(self, newest: Callable[[], Answering | None]):
        self._newest = newest
        self._waiting: queue.SimpleQueue[tuple[np.ndarray, Future[Answers]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="answers", daemon=True)
        self._thread.start()

    def ask(self, inputs: np.ndarray) -> Future[Answers]:
        """Return the answers to inputs ``[N, ...]`` of the model's shape, once they are there."""
        answers: Future[Answers] = Future()
        self._waiting.put((inputs, answers))
        return answers

    def stop(self) -> None:
        """End the thread, once all that waits is answered."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            asked, goes_on = self._taken()
            asked = [one for one in asked if one[1].set_running_or_notify_cancel()]
            if not asked:
                continue
            try:
                found = answered(self._newest(), [inputs for inputs, _ in asked])
            except Exception as error:
                for _, answers in asked:
                    answers.set_exception(error)
                continue
            for (_, answers), one in zip(asked, found, strict=True):
                answers.set_result(one)

    def _taken(self) -> tuple[list[tuple[np.ndarray, Future[Answers]]], bool]:
        """Return all requests that wait, up to `TOGETHER` inputs or one request, and whether there may be more."""
        asked: list[tuple[np.ndarray, Future[Answers]]] = []
        count = 0
        while count < TOGETHER:
            try:
                one = self._waiting.get(block=not asked)
            except queue.Empty:
                break
            if one is None:
                return asked, False
            asked.append(one)
            count += len(one[0])
        return asked, True


def answered(by: Answering | None, inputs: Sequence[np.ndarray]) -> list[Answers]:
    """Return the answers to several requests; raise `InputError` where nothing was learned."""
    if by is None or by.predictor is None:
        raise InputError(NOTHING)
    predictor = by.predictor
    if not isinstance(predictor, Predictor):
        return [Answers(by, *predictor.answers(rows, jobs=1)) for rows in inputs]
    codes = predictor.encoder(inputs[0] if len(inputs) == 1 else np.concatenate(inputs), jobs=1)
    found, start = [], 0
    for rows in inputs:
        own = codes[start : start + len(rows)]
        start += len(rows)
        found.append(Answers(by, *predictor.answers_to(own)))
    return found

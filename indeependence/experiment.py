"""The only loop over tasks: learn one, test on all, go on; then tell what it came to."""

from __future__ import annotations

import resource
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.classifier import ContinualClassifier
from indeependence.data.examples import Examples
from indeependence.data.scenarios import Scenario
from indeependence.moments.storage import stored_bytes
from indeependence.report.metrics import confusion_matrix
from indeependence.report.result import Mistake, Result

Watch = Callable[[str, int, int], None]  # what is going on, examples done, examples in all
CACHE = 2**31  # bytes of test codes that are kept between tasks; beyond, they are made anew each time
MISTAKES = 24  # pictures shown


@dataclass(frozen=True, eq=False)
class Answers:
    """What the model answered to one test set: labels, their scores, and what was right."""

    labels: np.ndarray  # [N]
    predicted: np.ndarray  # [N]
    scores: np.ndarray  # [N] of the predicted class

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float(np.mean(self.labels == self.predicted))


def evaluate(
    scenario: Scenario,
    classifier: ContinualClassifier | None = None,
    *,
    data: str = "",
    options: dict[str, Any] | None = None,
    command: str = "",
    watch: Watch = lambda what, done, total: None,
) -> Result:
    """The result of learning the tasks of ``scenario`` one after another, tested on all tasks after each.

    A ``classifier`` that is bootstrapped already keeps its encoder and starts from sums of nothing; otherwise its
    encoder is fitted on the first task's training part. The model itself is changed.

    >>> from indeependence import load_dataset, split_tasks
    >>> result = evaluate(split_tasks(load_dataset("digits"), tasks=5))
    >>> result.accuracy_matrix.shape, result.stored_examples
    ((5, 5), 0)
    """
    model = ContinualClassifier() if classifier is None else classifier
    wall, cpu = time.perf_counter(), time.process_time()
    course = _run(model, scenario, watch)
    answers = course.answers
    classes = tuple(np.unique(np.concatenate([answer.labels for answer in answers])).tolist())
    confusion = [confusion_matrix(answer.labels, answer.predicted, classes) for answer in answers]
    return Result(
        scenario=scenario.name,
        setting=scenario.setting,
        data=data,
        task_names=tuple(part.name for part in scenario.train),
        test_names=tuple(part.name for part in scenario.test),
        accuracy_matrix=np.array(course.accuracies),
        confusion=np.sum(confusion, axis=0),
        classes=classes,
        examples_per_task=tuple(len(part) for part in scenario.train),
        seconds_per_task=tuple(course.seconds),
        stored_examples=0,
        statistics_bytes=stored_bytes(model.moments_),
        data_bytes=sum(len(part) for part in scenario.train) * scenario.train[0].x[0].nbytes,
        wall_seconds=time.perf_counter() - wall,
        cpu_seconds=time.process_time() - cpu,
        peak_memory_bytes=peak_memory(),
        encoder=model.encoder_.layers_text,
        code_units=model.encoder_.units,
        penalty=model.weights.penalty,
        model_sha256=model.moments_.fingerprint,
        encoder_sha256=model.encoder_.fingerprint,
        seed=model.random_state,
        options=options or {},
        command=command or shlex.join(sys.argv),
        baseline=_baseline(scenario),
        mistakes=_mistakes(scenario, answers),
    )


@dataclass(frozen=True, eq=False)
class _Course:
    """What happened from task to task."""

    accuracies: list[list[float]]  # [T][S]
    seconds: list[float]  # [T] of learning and solving
    answers: list[Answers]  # [S] after the last task


def _run(model: ContinualClassifier, scenario: Scenario, watch: Watch) -> _Course:
    if hasattr(model, "encoder_"):
        model.start(model.encoder_)
    else:
        watch("bootstrapping the encoder", 0, 0)
        model.bootstrap(scenario.train[0].take(model.bootstrap_limit).arrays()[0])
    codes = _TestCodes(model, scenario.test, watch)
    course = _Course([], [], [])
    for part in scenario.train:
        began = time.perf_counter()
        model.learn(watched(part, model.batch_size, watch))
        watch(f"solving after {part.name}", 0, 0)
        _ = model.weights  # solved here, so that its time counts as learning
        course.seconds.append(time.perf_counter() - began)
        course.answers[:] = [_answer(model, scenario, i, codes(i)) for i in range(len(scenario.test))]
        course.accuracies.append([answer.accuracy for answer in course.answers])
    return course


class _TestCodes:
    """Codes of the test sets, each made once while they fit into `CACHE`: the encoder is frozen, so they stay true."""

    def __init__(self, model: ContinualClassifier, parts: tuple[Examples, ...], watch: Watch):
        self.model, self.parts, self.watch = model, parts, watch
        self.kept: dict[int, np.ndarray] = {}

    def __call__(self, index: int) -> np.ndarray:
        if index in self.kept:
            return self.kept[index]
        part = self.parts[index]
        batches = watched(part, self.model.batch_size, self.watch, what="testing on")
        codes = np.concatenate([self.model.encoder_(inputs, jobs=self.model.n_jobs) for inputs, _ in batches])
        if sum(kept.nbytes for kept in self.kept.values()) + codes.nbytes <= CACHE:
            self.kept[index] = codes
        return codes


def watched(
    part: Examples, batch_size: int, watch: Watch, *, what: str = "learning"
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The batches of ``part``, telling ``watch`` of each one that is done."""
    done = 0
    for inputs, labels in part.batches(batch_size):
        yield inputs, labels
        done += len(labels)
        watch(f"{what} {part.name}", done, len(part))


def _answer(model: ContinualClassifier, scenario: Scenario, index: int, codes: np.ndarray) -> Answers:
    part, weights = scenario.test[index], model.weights
    scores = weights.scores(codes)
    predicted = model.label(scores, among=part.classes.tolist() if scenario.setting == "task" else None)
    columns = np.searchsorted(np.array(weights.labels), predicted)
    return Answers(part.labels, predicted, scores[np.arange(len(scores)), columns])


def _baseline(scenario: Scenario) -> np.ndarray:
    """Accuracy ``[S]`` of guessing before anything is learned: none of new classes, one in k of k shared ones."""
    if scenario.setting == "class":
        return np.zeros(len(scenario.test))
    return np.array([1 / len(part.classes) for part in scenario.test])


def _mistakes(scenario: Scenario, answers: list[Answers]) -> tuple[Mistake, ...]:
    """The wrong answers of the highest scores, with their pictures; none for vectors."""
    found = [
        (answer.scores[row], index, row)
        for index, answer in enumerate(answers)
        for row in np.flatnonzero(answer.labels != answer.predicted)
    ]
    shown = []
    for score, index, row in sorted(found, key=lambda entry: -entry[0])[:MISTAKES]:
        part, answer = scenario.test[index], answers[index]
        picture = replace(part, rows=part.rows[[row]]).arrays()[0][0]
        if picture.ndim < 2 or picture.dtype != np.uint8:
            return ()
        shown.append(Mistake(picture, answer.labels[row].item(), answer.predicted[row].item(), float(score)))
    return tuple(shown)


def peak_memory() -> int:
    """The largest resident memory of this process so far, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux: unlike getrusage, not what a larger parent process left behind
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024

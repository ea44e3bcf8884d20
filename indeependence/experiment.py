"""The only loop over tasks: learn one, test on all, go on; then tell what it came to."""

from __future__ import annotations

import logging
import resource
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.classifier import ContinualClassifier
from indeependence.data.examples import Examples
from indeependence.data.scenarios import Scenario
from indeependence.learner import Learner
from indeependence.moments.storage import stored_bytes
from indeependence.report.metrics import confusion_matrix
from indeependence.report.result import Mistake, Result

Watch = Callable[[str, int, int], None]  # what is going on, examples done, examples in all
log = logging.getLogger(__name__)
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


After = Callable[[int, Learner, dict[int, Answers]], None]  # number of the part, the model, answers to test sets


def evaluate(
    scenario: Scenario,
    classifier: Learner | None = None,
    *,
    data: str = "",
    options: dict[str, Any] | None = None,
    command: str = "",
    measure: str = "all",
    watch: Watch = lambda what, done, total: None,
    after: After = lambda part, model, answers: None,
) -> Result:
    """The result of learning the tasks of ``scenario`` one after another, tested on all tasks after each.

    A ``classifier`` that is bootstrapped already keeps its encoder and starts from sums of nothing; otherwise its
    encoder is fitted on the first task's training part, as an autoencoder's bases always are. The model itself is
    changed. ``watch`` is told of every batch, ``after`` is called after each part, counted from 1, with the last
    answers to each test set. With ``measure`` "own" only the last row of the accuracy matrix is full: before, only the
    task just learned is tested, which saves most of the time where there are many.

    >>> from indeependence import load_dataset, split_tasks
    >>> result = evaluate(split_tasks(load_dataset("digits"), tasks=5))
    >>> result.accuracy_matrix.shape, result.stored_examples
    ((5, 5), 0)
    """
    model: Learner = ContinualClassifier() if classifier is None else classifier
    wall, cpu = time.perf_counter(), time.process_time()
    course = _run(model, scenario, measure, watch, after)
    answers = [course.answers[i] for i in range(len(scenario.test))]
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
        stored_examples=model.stored_examples,
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
        mistakes=worst_mistakes(scenario.test, answers),
    )


@dataclass(frozen=True, eq=False)
class _Course:
    """What happened from task to task."""

    accuracies: list[list[float]]  # [T][S], NaN where not tested
    seconds: list[float]  # [T] of learning and solving
    answers: dict[int, Answers]  # to test set i, the last ones


def _run(model: Learner, scenario: Scenario, measure: str, watch: Watch, after: After) -> _Course:
    if isinstance(model, ContinualClassifier) and hasattr(model, "encoder_"):
        model.start(model.encoder_)
    else:
        watch("bootstrapping the encoder", 0, 0)
        model.bootstrap(scenario.train[0].take(model.bootstrap_limit).arrays()[0])
    codes = _TestCodes(model, scenario.test, watch)
    course = _Course([], [], {})
    log.info("encoder %s, %d units", model.encoder_.layers_text, model.encoder_.units)
    for number, part in enumerate(scenario.train, start=1):
        began = time.perf_counter()
        model.learn(watched(part, model.batch_size, watch, what=f"task {number} of {len(scenario.train)}: learning"))
        watch(f"solving after {part.name}", 0, 0)
        _ = model.weights  # solved here, so that its time counts as learning
        course.seconds.append(time.perf_counter() - began)
        tested = _tested(scenario, number - 1, measure)
        course.answers.update({i: _answer(model, scenario, i, codes(i)) for i in tested})
        row = [course.answers[i].accuracy if i in tested else np.nan for i in range(len(scenario.test))]
        course.accuracies.append(row)
        log.info(
            "task %d, %s: %d examples in %.2f s, penalty %.4g, accuracies %s",
            *(number, part.name, len(part), course.seconds[-1], model.weights.penalty),
            " ".join(f"{accuracy:.4f}" for accuracy in course.accuracies[-1]),
        )
        after(number, model, course.answers)
    return course


def _tested(scenario: Scenario, number: int, measure: str) -> range:
    """The test sets to answer after a task: all, or before the last task its own alone."""
    tests = len(scenario.test)
    own = measure == "own" and tests == len(scenario.train) and number + 1 < tests
    return range(number, number + 1) if own else range(tests)


class _TestCodes:
    """Codes of the test sets, each made once while they fit into `CACHE`: the encoder is frozen, so they stay true."""

    def __init__(self, model: Learner, parts: tuple[Examples, ...], watch: Watch):
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


def _answer(model: Learner, scenario: Scenario, index: int, codes: np.ndarray) -> Answers:
    part = scenario.test[index]
    among = part.classes.tolist() if scenario.setting == "task" else None
    return _read(model, codes, part.labels, among)


def _read(model: Learner, codes: np.ndarray, labels: np.ndarray, among: list | None = None) -> Answers:
    weights = model.weights
    scores = weights.scores(codes)
    predicted = model.label(scores, among=among)
    columns = np.searchsorted(np.array(weights.labels), predicted)
    return Answers(labels, predicted, scores[np.arange(len(scores)), columns])


def answers_to(model: Learner, part: Examples, watch: Watch = lambda what, done, total: None) -> Answers:
    """What a trained ``model`` answers to all of ``part``, read in batches; ``part`` must not be empty."""
    batches = watched(part, model.batch_size, watch, what="testing on")
    found = [_read(model, model.encoder_(inputs, jobs=model.n_jobs), labels) for inputs, labels in batches]
    arrays = zip(*((one.labels, one.predicted, one.scores) for one in found), strict=True)
    return Answers(*map(np.concatenate, arrays))


def _baseline(scenario: Scenario) -> np.ndarray:
    """Accuracy ``[S]`` of guessing before anything is learned: none of new classes, one in k of k shared ones."""
    if scenario.setting == "class":
        return np.zeros(len(scenario.test))
    return np.array([1 / len(part.classes) for part in scenario.test])


def worst_mistakes(parts: Sequence[Examples], answers: Sequence[Answers]) -> tuple[Mistake, ...]:
    """The wrong answers of the highest scores to ``parts``, with their pictures; none for vectors."""
    found = [
        (answer.scores[row], index, row)
        for index, answer in enumerate(answers)
        for row in np.flatnonzero(answer.labels != answer.predicted)
    ]
    shown = []
    for score, index, row in sorted(found, key=lambda entry: -entry[0])[:MISTAKES]:
        part, answer = parts[index], answers[index]
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

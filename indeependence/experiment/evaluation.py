"""The only loop over tasks: learn one, test on all, go on; then report the result."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from indeependence.data.examples import Examples
from indeependence.data.scenarios import Scenario
from indeependence.experiment.answers import Answers, read, worst_mistakes
from indeependence.experiment.course import Checkpoints, Course
from indeependence.experiment.watching import Watch, unwatched, watched
from indeependence.machine import peak_memory
from indeependence.models.baselines.given import as_learner
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.models.learner import Learner
from indeependence.models.sampling import bootstrap_sample
from indeependence.moments.moments import sorted_labels
from indeependence.report.metrics import confusion_matrix
from indeependence.report.result import Result

log = logging.getLogger(__name__)
CACHE = 2**31  # bytes of test codes that are kept between tasks; others are made again each time


After = Callable[[int, Any, dict[int, Answers]], None]  # number of the part, the learner, answers to test sets


def evaluate(
    scenario: Scenario,
    classifier: Learner | None = None,
    *,
    data: str = "",
    options: dict[str, Any] | None = None,
    command: str = "",
    measure: str = "all",
    data_sha256: str = "",
    watch: Watch = unwatched,
    after: After = lambda part, model, answers: None,
    checkpoints: Checkpoints | None = None,
) -> Result:
    """Learn the tasks of ``scenario`` one after another, test on all tasks after each, and return the result.

    A ``classifier`` that is bootstrapped already keeps its encoder and starts from empty sums; otherwise its encoder is
    fitted on the first task's training part, as an autoencoder's bases always are. The model itself is changed.
    ``watch`` is called after every batch; ``after`` is called after each part, counted from 1, with the last answers
    to each test set. With ``measure`` "own" only the last row of the accuracy matrix is full: before, only the task
    just learned is tested, which saves most of the time where there are many. An estimator of scikit-learn with
    ``partial_fit`` is taken as a ``classifier``, too: it sees pixels or columns from 0 to 1. With ``checkpoints`` it
    goes on from the last one, if there is one, to the same result but for the time, which is added up.

    >>> from indeependence import load_dataset, split_tasks
    >>> result = evaluate(split_tasks(load_dataset("digits"), tasks=5))
    >>> result.accuracy_matrix.shape, result.stored_examples
    ((5, 5), 0)
    """
    labels = sorted_labels(label for part in scenario.train for label in part.classes.tolist())
    model: Learner = ContinualClassifier() if classifier is None else as_learner(classifier, labels)
    course = _run(model, scenario, measure, watch, after, checkpoints)
    answers = [course.answers[i] for i in range(len(scenario.test))]
    classes = tuple(np.unique(np.concatenate([answer.labels for answer in answers])).tolist())
    confusion = [confusion_matrix(answer.labels, answer.predicted, classes) for answer in answers]
    wall, cpu = course.clock.spent
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
        statistics_bytes=model.moments_.nbytes,
        data_bytes=sum(len(part) for part in scenario.train) * scenario.train[0].x[0].nbytes,
        wall_seconds=wall,
        cpu_seconds=cpu,
        peak_memory_bytes=peak_memory(),
        encoder=model.encoder_.layers_text,
        code_units=model.encoder_.units,
        penalty=model.weights.penalty,
        model_sha256=model.moments_.fingerprint,
        encoder_sha256=model.encoder_.fingerprint,
        seed=model.random_state,
        options=options or {},
        command=command,
        baseline=_baseline(scenario),
        class_order=scenario.class_order,
        data_sha256=data_sha256,
        mistakes=worst_mistakes(scenario.test, answers),
    )


def _run(
    model: Learner, scenario: Scenario, measure: str, watch: Watch, after: After, checkpoints: Checkpoints | None
) -> Course:
    course = _begun(model, scenario, watch, checkpoints)
    codes = _TestCodes(model, scenario.test, watch)
    for number, part in list(enumerate(scenario.train, start=1))[len(course.accuracies) :]:
        _learn(model, part, f"task {number} of {len(scenario.train)}: learning", course, watch, checkpoints)
        tested = _tested(scenario, number - 1, measure)
        course.answers.update({i: _answer(model, scenario, i, codes(i)) for i in tested})
        row = [course.answers[i].accuracy if i in tested else np.nan for i in range(len(scenario.test))]
        course.accuracies.append(row)
        course.done = 0
        log.info(
            "task %d, %s: %d examples in %.2f s, penalty %.4g, accuracies %s",
            *(number, part.name, len(part), course.seconds[-1], model.weights.penalty),
            " ".join(f"{accuracy:.4f}" for accuracy in course.accuracies[-1]),
        )
        after(number, model, course.answers)
    return course


def _begun(model: Learner, scenario: Scenario, watch: Watch, checkpoints: Checkpoints | None) -> Course:
    """Return the course that the last checkpoint tells of, or a new one of a model that is restarted."""
    course = checkpoints.course(model) if checkpoints else None
    if course is None:
        course = Course()
        watch("bootstrapping the encoder", 0, 0)
        model.restart(bootstrap_sample(scenario.train[0], model.bootstrap_limit, model.random_state))
    log.info("encoder %s, %d units", model.encoder_.layers_text, model.encoder_.units)
    return course


def _learn(
    model: Learner, part: Examples, what: str, course: Course, watch: Watch, checkpoints: Checkpoints | None
) -> None:
    """Learn a part and solve; the time of it counts, that of writing checkpoints does not."""
    if not course.done:
        course.began = course.clock.spent[0]

    def learn(piece: Examples) -> None:
        model.learn(watched(piece, model.batch_size, watch, what=what))

    if checkpoints is None:
        learn(part)
    else:
        checkpoints.learn(model, part, course, learn)
    watch(f"solving after {part.name}", 0, 0)
    _ = model.weights  # solved here, so that its time counts as learning
    course.seconds.append(course.clock.spent[0] - course.began)


def _tested(scenario: Scenario, number: int, measure: str) -> range:
    """Return the test sets to answer after a task: all, or before the last task its own alone."""
    tests = len(scenario.test)
    own = measure == "own" and tests == len(scenario.train) and number + 1 < tests
    return range(number, number + 1) if own else range(tests)


class _TestCodes:
    """Codes of the test sets, each made once while they fit into `CACHE`: the encoder is frozen, so they stay valid."""

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


def _answer(model: Learner, scenario: Scenario, index: int, codes: np.ndarray) -> Answers:
    part = scenario.test[index]
    among = part.classes.tolist() if scenario.setting == "task" else None
    return read(model, codes, part.labels, among)


def _baseline(scenario: Scenario) -> np.ndarray:
    """Return the accuracy ``[S]`` of guessing before learning: 0 for new classes, 1 / k for k shared ones."""
    if scenario.setting == "class":
        return np.zeros(len(scenario.test))
    return np.array([1 / len(part.classes) for part in scenario.test])

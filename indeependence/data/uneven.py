"""Splits that are less even: blurred boundaries, classes that come again, and few examples of new classes.

Each is made from a split in the class setting, with the same test sets: those of the classes that a task is the first
to bring, or brings most of. The same seed gives the same tasks on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from indeependence.data.examples import Examples
from indeependence.data.scenarios import Scenario
from indeependence.data.seeds import BLUR, REPEATS, generator
from indeependence.errors import InputError


def blurry(scenario: Scenario, share: float, seed: int = 0) -> Scenario:
    """Return the split with that ``share`` of each class's training examples spread over the other tasks, evenly.

    With 0.1 it is Blurry10: Bang et al., "Rainbow memory: continual learning with a memory of diverse samples", 2021,
    section 3.1. Raise `InputError` unless 0 <= share <= 1.

    >>> from indeependence.data.datasets import load_dataset
    >>> from indeependence.data.scenarios import split_tasks
    >>> tasks = blurry(split_tasks(load_dataset("digits"), tasks=5), 0.1).train
    >>> len(tasks[0].classes), sum(map(len, tasks))
    (10, 1438)
    """
    if not 0 <= share <= 1:
        raise InputError(f"expected a share of blurred examples from 0 to 1, got {share}")
    random, count = generator(seed, BLUR, 0), len(scenario.train)
    pieces: list[list[np.ndarray]] = [[] for _ in range(count)]
    for task, part in enumerate(scenario.train):
        others = [other for other in range(count) if other != task]
        for rows in _by_class(part):
            moved = round(share * len(rows)) if others else 0
            pieces[task].append(rows[moved:])
            shares = np.array_split(rows[:moved], max(len(others), 1))
            for place, piece in zip(random.permutation(others), shares, strict=False):  # of one task alone: none
                pieces[place].append(piece)
    return _with_rows(scenario, "blurry", pieces, random)


def repetition(scenario: Scenario, share: float, seed: int = 0) -> Scenario:
    """Return the split with classes that come again: each in every later task with a probability of ``share``.

    The training examples of a class are divided evenly among its tasks, so each is learned once. After Hemati et al.,
    "Class-incremental learning with repetition", 2023, section 3. Raise `InputError` unless 0 <= share <= 1.

    >>> from indeependence.data.datasets import load_dataset
    >>> from indeependence.data.scenarios import split_tasks
    >>> [part.classes.tolist() for part in repetition(split_tasks(load_dataset("digits"), tasks=3), 0.5).train][:2]
    [[0, 1, 2, 3], [0, 4, 5, 6]]
    """
    if not 0 <= share <= 1:
        raise InputError(f"expected a probability from 0 to 1 that a class comes again, got {share}")
    random, count = generator(seed, REPEATS, 0), len(scenario.train)
    pieces: list[list[np.ndarray]] = [[] for _ in range(count)]
    for task, part in enumerate(scenario.train):
        for rows in _by_class(part):
            again = [later for later in range(task + 1, count) if random.random() < share]
            for place, piece in zip([task, *again], np.array_split(rows, 1 + len(again)), strict=True):
                pieces[place].append(piece)
    return _with_rows(scenario, "repetition", pieces, random)


def few_shot(scenario: Scenario, shots: int) -> Scenario:
    """Return the split with ``shots`` training examples of each class after the first task, which keeps all of its own.

    After Tao et al., "Few-shot class-incremental learning", 2020, section 3. Raise `InputError` for less than
    one shot, and for more than a class has.

    >>> from indeependence.data.datasets import load_dataset
    >>> from indeependence.data.scenarios import split_tasks
    >>> [len(part) for part in few_shot(split_tasks(load_dataset("digits"), classes_per_task=5), 5).train]
    [721, 25]
    """
    if shots < 1:
        raise InputError(f"expected 1 example of each new class or more, got {shots}")
    later = [replace(part, rows=np.concatenate(_first(_by_class(part), shots))) for part in scenario.train[1:]]
    return replace(scenario, name="few-shot", train=(scenario.train[0], *later))


def _first(of_classes: Sequence[np.ndarray], shots: int) -> list[np.ndarray]:
    """Return the first rows of each class; raise `InputError` where there are not as many."""
    fewest = min(map(len, of_classes))
    if fewest < shots:
        raise InputError(f"expected {shots} training examples of each new class, one has {fewest}: ask for fewer shots")
    return [rows[:shots] for rows in of_classes]


def _by_class(part: Examples) -> list[np.ndarray]:
    """Return the rows of each class of a task, in their order."""
    labels = part.labels
    return [part.rows[labels == label] for label in part.classes]


def _with_rows(
    scenario: Scenario, name: str, pieces: Sequence[Sequence[np.ndarray]], random: np.random.Generator
) -> Scenario:
    """Return the scenario under another ``name``, with these rows in its tasks, shuffled."""
    rows = [random.permutation(np.concatenate(list(of_task))) for of_task in pieces]
    empty = next((part.name for part, found in zip(scenario.train, rows, strict=True) if not len(found)), None)
    if empty is not None:
        raise InputError(f"task {empty} is left without examples: choose a smaller share, or fewer tasks")
    train = tuple(replace(part, rows=found) for part, found in zip(scenario.train, rows, strict=True))
    return replace(scenario, name=name, train=train)

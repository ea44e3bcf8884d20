"""Results made up for tests of reports: usual, extreme and hostile ones."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from indeependence.report import Mistake, Result

HOSTILE = "<script>alert('x')</script>&\"[red]$\\frac$"


def a_result(tasks=5, tests=None, classes=tuple(range(10)), names=None, seed=0, **changes) -> Result:
    """A plausible run: every task is learned well and loses a little later."""
    rng = np.random.default_rng(seed)
    tests = tests or tasks
    learned = np.tri(tasks, dtype=bool) if tasks == tests else np.ones((tasks, tests), dtype=bool)
    accuracy = np.where(learned, 0.99 - 0.05 * rng.random((tasks, tests)), 0.0)
    confusion = rng.poisson(0.5, (len(classes), len(classes))) + 95 * np.eye(len(classes), dtype=np.int64)
    names = names or tuple(f"{2 * i},{2 * i + 1}" for i in range(tasks))
    pictures = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in [(28, 28), (32, 32, 3), (8, 8)]]
    result = Result(
        scenario="split" if tasks == tests else "stream",
        setting="class",
        data="mnist",
        task_names=names,
        test_names=names if tasks == tests else tuple(f"test {i}" for i in range(tests)),
        accuracy_matrix=accuracy,
        confusion=confusion,
        classes=classes,
        examples_per_task=(12_000,) * tasks,
        seconds_per_task=(30.5,) * tasks,
        stored_examples=0,
        statistics_bytes=537_000_000,
        data_bytes=47_040_000,
        wall_seconds=181.3,
        cpu_seconds=202.4,
        peak_memory_bytes=1_412_000_000,
        encoder="patches:6x6x400,wide:2000",
        code_units=4000,
        penalty=0.0123,
        model_sha256="3f9a" * 16,
        encoder_sha256="aa01" * 16,
        seed=7,
        options={"data": "mnist", "tasks": 5, "class_order": None},
        command="python cli.py evaluate --data mnist --tasks 5",
        baseline=np.full(tests, 0.1),
        mistakes=tuple(Mistake(p, classes[0], classes[1], 0.9) for p in pictures),
    )
    return dataclasses.replace(result, **changes)


CASES = {
    "five tasks": a_result(),
    "one task, two classes": a_result(1, classes=("cat", "dog")),
    "two tasks": a_result(2, classes=(0, 1, 2)),
    "a stream with one test set": a_result(10, 1),
    "twelve test sets after three parts": a_result(3, 12),
    "ten tasks": a_result(10),
    "a hundred tasks and classes": a_result(100, classes=tuple(f"class {i}" for i in range(100))),
    "not evaluated before learned": a_result(
        3, accuracy_matrix=np.array([[0.9, np.nan, np.nan], [0.9, 0.8, np.nan], [0.8, 0.9, 1.0]])
    ),
    "hostile names": a_result(
        2,
        names=(HOSTILE, "_$\\frac$"),
        classes=(HOSTILE, "b"),
        data=HOSTILE,
        encoder=HOSTILE,
        command=HOSTILE,
        options={HOSTILE: HOSTILE},
    ),
    "names in any script": a_result(2, names=("猫,犬", "ねずみ"), classes=("猫", "犬")),
    "a class without test examples": a_result(classes=(0, 1), confusion=np.array([[5, 1], [0, 0]])),
    "nothing wrong, no pictures": a_result(classes=(0, 1), confusion=np.diag([5, 5]), mistakes=()),
}
each_case = pytest.mark.parametrize("result", CASES.values(), ids=CASES)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())

"""Options of scenarios that are refused."""

import numpy as np
import pytest

from indeependence.data.datasets import Dataset
from indeependence.data.scenarios import (
    noisy_tasks,
    permuted_tasks,
    rotated_tasks,
    shuffled_classes,
    split_tasks,
    stream_tasks,
)
from indeependence.errors import InputError
from tests.data.numbered import numbered_pictures

SOME = numbered_pictures(4, 2)
VECTORS = Dataset("table", np.eye(4), np.arange(4), np.eye(4), np.arange(4))
FEW_TESTS = Dataset("few", np.eye(4), np.arange(4), np.eye(4)[:3], np.arange(3))


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: split_tasks(SOME, tasks=5), "expected 1 to 4 tasks for 4 classes, got 5"),
        (lambda: split_tasks(SOME, tasks=0), "expected 1 to 4 tasks for 4 classes, got 0"),
        (lambda: split_tasks(SOME, classes_per_task=0), "expected 1 to 4 classes a task, got 0"),
        (lambda: split_tasks(SOME, classes_per_task=5), "expected 1 to 4 classes a task, got 5"),
        (lambda: split_tasks(SOME, classes_per_task=[2, 1]), r"1 or more each and 4 together, got \[2, 1\]"),
        (lambda: split_tasks(SOME, classes_per_task=[4, 0]), r"1 or more each and 4 together, got \[4, 0\]"),
        (lambda: split_tasks(SOME, classes_per_task=[]), r"1 or more each and 4 together, got \[\]"),
        (lambda: split_tasks(SOME, class_order=[0, 10, 20]), "class order: 30 missing"),
        (lambda: split_tasks(SOME, class_order=[0, 10, 20, 20, 30]), "class '20' occurs twice"),
        (lambda: split_tasks(SOME, class_order=[0, 10, 20, 31]), "no class '31'; the classes are 0, 10, 20, 30"),
        (lambda: split_tasks(SOME, tasks=3, setting="domain"), "must be of one size, got 2, 1, 1"),
        (lambda: split_tasks(SOME, tasks=2, setting="klass"), "class, task or domain, got 'klass'"),
        (lambda: split_tasks(SOME, tasks=2, seed=-1), "expected a seed of 0 or more, got -1"),
        (lambda: split_tasks(FEW_TESTS, tasks=4), "task 3 has no test examples"),
        (lambda: shuffled_classes(SOME, -2), "expected a seed of 0 or more, got -2"),
        (lambda: permuted_tasks(SOME, tasks=0), "expected 1 task or more"),
        (lambda: permuted_tasks(SOME, setting="domains"), "class, task or domain, got 'domains'"),
        (lambda: permuted_tasks(SOME, seed=-1), "expected a seed of 0 or more, got -1"),
        (lambda: rotated_tasks(VECTORS), "only pictures can be rotated; table holds vectors"),
        (lambda: rotated_tasks(SOME, max_angle=float("nan")), "expected a finite angle in degrees, got nan"),
        (lambda: noisy_tasks(VECTORS), "only 8-bit inputs can be made noisy; table holds float64"),
        (lambda: noisy_tasks(SOME, max_noise=1.5), "expected a noise level from 0 to 1, got 1.5"),
        (lambda: noisy_tasks(SOME, max_noise=float("nan")), "expected a noise level from 0 to 1, got nan"),
        (lambda: noisy_tasks(SOME, kind="pepper"), "kind salt or gaussian, got 'pepper'"),
        (lambda: noisy_tasks(SOME, seed=-1), "expected a seed of 0 or more, got -1"),
        (lambda: stream_tasks(SOME, parts=9), "expected 1 to 8 parts, got 9"),
        (lambda: stream_tasks(SOME, parts=0), "expected 1 to 8 parts, got 0"),
        (lambda: stream_tasks(SOME, order="sorted"), "order shuffled or class, got 'sorted'"),
        (lambda: stream_tasks(SOME, parts=2, seed=-1), "expected a seed of 0 or more, got -1"),
        (lambda: stream_tasks(SOME, parts=1).test[0].batches(0), "batch size of 1 or more, got 0"),
        (lambda: stream_tasks(SOME, parts=1).test[0].take(-1), "0 or more examples to take, got -1"),
    ],
)  # fmt: skip
def test_bad_options_are_refused_in_one_line(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [split_tasks, permuted_tasks, noisy_tasks, stream_tasks])
def test_measuring_needs_two_classes_and_a_test_part(make):
    pictures = np.zeros((6, 4, 4), np.uint8)
    one = Dataset("one", pictures, np.zeros(6, int), pictures, np.zeros(6, int))
    with pytest.raises(InputError, match="expected at least two classes to tell apart, got one: 0"):
        make(one)
    untested = Dataset("untested", pictures, np.arange(6) % 2, pictures[:0], np.zeros(0, int))
    with pytest.raises(InputError, match="expected a test part to measure on, got none: give a test fraction above 0"):
        make(untested)

"""Scenarios: what every task must hold, whatever the seed, the setting and the order of classes."""

import hashlib
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indeependence.data.class_groups import class_groups
from indeependence.data.datasets import Dataset, load_dataset
from indeependence.data.scenarios import (
    noisy_tasks,
    permuted_tasks,
    rotated_tasks,
    shuffled_classes,
    split_tasks,
    stream_tasks,
)
from indeependence.errors import InputError

laws = settings(derandomize=True, max_examples=25, deadline=None)

MAKERS = {
    "split": split_tasks,
    "permuted": permuted_tasks,
    "rotated": rotated_tasks,
    "salt": partial(noisy_tasks, kind="salt"),
    "gaussian": partial(noisy_tasks, kind="gaussian"),
    "stream": stream_tasks,
    "stream by class": partial(stream_tasks, order="class"),
}


def numbered_pictures(n_classes: int, per_class: int, names: bool = False) -> Dataset:
    """Pictures whose first pixel is their row number; training and test parts are the same."""
    y = np.tile(np.arange(n_classes) * 10, per_class)
    x = np.random.default_rng(5).integers(0, 256, (len(y), 4, 4), dtype=np.uint8)
    x[:, 0, 0] = np.arange(len(y))
    y = np.array([f"class {label}" for label in y]) if names else y
    return Dataset("numbered", x, y, x.copy(), y)


def digest(scenario) -> str:
    total = hashlib.sha256()
    for part in (*scenario.train, *scenario.test):
        x, y = part.arrays()
        total.update(x.tobytes() + "|".join(map(str, y)).encode() + part.name.encode())
    return total.hexdigest()[:16]


# --- split ---


@laws
@given(data=st.data(), n_classes=st.integers(2, 9), names=st.booleans(), seed=st.integers(0, 2**40))
def test_split_tasks_hold_every_training_row_once_and_only_their_own_classes(data, n_classes, names, seed):
    dataset = numbered_pictures(n_classes, 4, names)
    tasks = data.draw(st.integers(1, n_classes))
    order = data.draw(st.permutations(dataset.classes.tolist()))
    scenario = split_tasks(dataset, tasks=tasks, class_order=order, seed=seed)
    np.testing.assert_array_equal(
        np.sort(np.concatenate([task.rows for task in scenario.train])), np.arange(4 * n_classes)
    )
    assert ",".join(task.name for task in scenario.train) == ",".join(map(str, order))
    for train, test in zip(scenario.train, scenario.test, strict=True):
        assert ",".join(sorted(map(str, train.classes))) == ",".join(sorted(train.name.split(",")))
        np.testing.assert_array_equal(np.sort(train.rows), test.rows)
        np.testing.assert_array_equal(train.labels, dataset.y_train[train.rows])


@laws
@given(n_classes=st.integers(1, 30), data=st.data())
def test_groups_are_as_even_as_they_can_be_with_larger_ones_first(n_classes, data):
    tasks = data.draw(st.integers(1, n_classes))
    sizes = [len(group) for group in class_groups(np.arange(n_classes), tasks=tasks)]
    assert len(sizes) == tasks and sum(sizes) == n_classes
    assert sizes == sorted(sizes, reverse=True) and sizes[0] - sizes[-1] <= 1


@pytest.mark.parametrize("per_task, sizes", [(4, [4, 4, 2]), (5, [5, 5]), (10, [10]), ([5, 1, 1, 3], [5, 1, 1, 3])])
def test_classes_per_task_gives_the_sizes_and_overrides_tasks(per_task, sizes):
    groups = class_groups(np.arange(10), tasks=7, classes_per_task=per_task)
    assert [len(group) for group in groups] == sizes
    assert np.concatenate(groups).tolist() == list(range(10))


def test_a_class_order_may_be_given_as_text():
    scenario = split_tasks(numbered_pictures(4, 2), tasks=2, class_order=["30", "0", "20", "10"])
    assert [task.name for task in scenario.train] == ["30,0", "20,10"]
    assert scenario.train[0].classes.tolist() == [0, 30]


def test_in_the_domain_setting_a_label_is_the_position_of_its_class_in_its_task():
    dataset = numbered_pictures(4, 3)
    scenario = split_tasks(dataset, tasks=2, class_order=[30, 0, 10, 20], setting="domain")
    for task in (scenario.train[0], scenario.test[0]):
        assert {*zip(task.y[task.rows].tolist(), task.labels.tolist(), strict=True)} == {(30, 0), (0, 1)}
    assert [task.classes.tolist() for task in scenario.train] == [[0, 1], [0, 1]]


@pytest.mark.parametrize("setting", ["class", "task"])
def test_in_the_class_and_task_settings_of_a_split_labels_stay(setting):
    scenario = split_tasks(numbered_pictures(4, 3), tasks=2, setting=setting)
    assert scenario.setting == setting
    assert [task.classes.tolist() for task in scenario.test] == [[0, 10], [20, 30]]


def test_shuffled_classes_are_all_classes_in_an_order_that_only_the_seed_decides():
    dataset = numbered_pictures(9, 1)
    orders = [shuffled_classes(dataset, seed).tolist() for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert all(sorted(order) == dataset.classes.tolist() for order in orders)


# --- permuted, rotated, noisy ---


def test_permuted_tasks_permute_training_and_test_pictures_alike_and_each_task_otherwise():
    dataset = numbered_pictures(2, 40)
    scenario = permuted_tasks(dataset, tasks=3, seed=4)
    seen = [dataset.x_test.reshape(80, 16)]
    for train, test in zip(scenario.train, scenario.test, strict=True):
        x = test.arrays()[0]
        np.testing.assert_array_equal(train.arrays()[0], x[train.rows])
        # The columns of the task are those of the data set in another order.
        assert sorted(map(bytes, x.T)) == sorted(map(bytes, seen[0].T))
        assert not any(np.array_equal(x, other) for other in seen)
        seen.append(x)


def test_colour_pictures_and_vectors_are_permuted_as_vectors():
    x = np.arange(2 * 12).reshape(2, 2, 2, 3).astype(np.uint8)
    for inputs in (x, x.reshape(2, 12).astype(np.float64)):
        dataset = Dataset("few", inputs, np.array([0, 1]), inputs, np.array([0, 1]))
        permuted = permuted_tasks(dataset, tasks=1).test[0].arrays()[0]
        assert permuted.dtype == inputs.dtype
        np.testing.assert_array_equal(np.sort(permuted, axis=1), np.arange(24).reshape(2, 12))


def test_rotated_tasks_turn_further_with_every_task():
    dataset = numbered_pictures(2, 3)
    scenario = rotated_tasks(dataset, tasks=4, max_angle=360)
    assert [task.name for task in scenario.train] == ["0°", "90°", "180°", "270°"]
    for quarters, task in enumerate(scenario.test):
        np.testing.assert_array_equal(task.arrays()[0], np.rot90(dataset.x_test, quarters, axes=(1, 2)))


def test_noise_grows_from_none_to_the_most():
    x = np.zeros((200, 10, 10), np.uint8)
    dataset = Dataset("black", x, np.arange(200) % 2, x, np.arange(200) % 2)
    scenario = noisy_tasks(dataset, tasks=3, max_noise=0.8)
    shares = [float((task.arrays()[0] == 255).mean()) for task in scenario.train]
    assert shares == pytest.approx([0, 0.4, 0.8], abs=0.02) and shares[0] == 0


def test_noise_is_not_the_same_in_training_and_test_examples_nor_in_two_tasks():
    dataset = numbered_pictures(2, 3)
    scenario = noisy_tasks(dataset, tasks=3, max_noise=0.5)
    last = scenario.train[2]
    assert (last.arrays()[0] != scenario.test[2].arrays()[0][last.rows]).any()
    strongest = [noisy_tasks(dataset, tasks=t, max_noise=0.5).test[-1].arrays()[0] for t in (2, 3)]
    assert (strongest[0] != strongest[1]).any()


@pytest.mark.parametrize("setting", ["class", "task"])
@pytest.mark.parametrize("maker", [permuted_tasks, rotated_tasks, noisy_tasks])
def test_altered_tasks_have_labels_of_their_own_except_in_the_domain_setting(maker, setting):
    dataset = numbered_pictures(3, 2)
    assert [task.classes.tolist() for task in maker(dataset, tasks=2).train] == [[0, 10, 20]] * 2
    scenario = maker(dataset, tasks=2, setting=setting)
    assert scenario.setting == setting
    for tasks in (scenario.train, scenario.test):
        assert [task.classes.tolist() for task in tasks] == [["1:0", "1:10", "1:20"], ["2:0", "2:10", "2:20"]]
        assert tasks[1].labels.tolist() == [f"2:{label}" for label in tasks[1].y[tasks[1].rows]]


# --- stream ---


@laws
@given(parts=st.integers(1, 12), order=st.sampled_from(["shuffled", "class"]), seed=st.integers(0, 99))
def test_a_stream_passes_every_row_once_and_is_tested_on_everything(parts, order, seed):
    dataset = numbered_pictures(3, 4)
    scenario = stream_tasks(dataset, parts=parts, order=order, seed=seed)
    rows = np.concatenate([part.rows for part in scenario.train])
    np.testing.assert_array_equal(np.sort(rows), np.arange(12))
    lengths = [len(part) for part in scenario.train]
    assert len(lengths) == parts and max(lengths) - min(lengths) <= 1
    assert (np.diff(dataset.y_train[rows]) >= 0).all() == (order == "class")
    (column,) = scenario.test
    np.testing.assert_array_equal(column.rows, np.arange(12))


# --- every scenario ---


@pytest.mark.parametrize("kind", MAKERS)
@laws
@given(size=st.integers(1, 50), seed=st.integers(0, 9))
def test_batches_of_any_size_are_the_same_examples(kind, size, seed):
    scenario = MAKERS[kind](numbered_pictures(5, 9), seed=seed)
    part = scenario.train[-1]
    x, y = part.arrays()
    batches = list(part.batches(size))
    assert max(len(y) for _, y in batches) <= size
    np.testing.assert_array_equal(np.concatenate([x for x, _ in batches]), x)
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), y)


@pytest.mark.parametrize("kind", MAKERS)
def test_the_rows_of_a_task_come_in_an_order_that_only_the_seed_decides(kind):
    dataset = load_dataset("digits")
    rows = [MAKERS[kind](dataset, seed=seed).train[0].rows for seed in (0, 0, 1)]
    np.testing.assert_array_equal(rows[0], rows[1])
    assert (rows[0] != rows[2]).any()
    assert (np.diff(rows[0]) < 0).any()


# The first 16 digits of SHA-256; the same with OpenCV's and NumPy's AVX2 code switched off.
GOLDEN = {
    "split": "ff521a79e0b35e37",
    "permuted": "448accf548ded2f3",
    "rotated": "6a4108c963fb4e47",
    "salt": "3f22f502d79541d9",
    "gaussian": "da078031ec10d24f",
    "stream": "981088f0feafe1d1",
    "stream by class": "d389e8e8323c74e8",
}


@pytest.mark.parametrize("kind", MAKERS)
def test_the_same_seed_gives_the_same_tasks_on_every_machine(kind):
    assert digest(MAKERS[kind](load_dataset("digits"), seed=7)) == GOLDEN[kind]


@pytest.mark.parametrize("kind", MAKERS)
def test_take_keeps_the_first_examples(kind):
    part = MAKERS[kind](numbered_pictures(5, 10)).train[1].take(5)
    assert len(part.take(3)) == 3 and len(part.take(0)) == 0 and len(part.take(99)) == 5
    np.testing.assert_array_equal(part.take(3).arrays()[0], part.arrays()[0][:3])


def test_the_base_arrays_are_shared_by_all_tasks():
    dataset = numbered_pictures(5, 3)
    for maker in MAKERS.values():
        scenario = maker(dataset)
        assert all(task.x is dataset.x_train for task in scenario.train)
        assert all(task.x is dataset.x_test for task in scenario.test)


def test_mnist_splits_into_the_usual_five_tasks(real_data):
    dataset = load_dataset(str(real_data / "mnist"))
    scenario = split_tasks(dataset)
    assert [task.name for task in scenario.test] == ["0,1", "2,3", "4,5", "6,7", "8,9"]
    assert [len(task) for task in scenario.train] == [12665, 12089, 11263, 12183, 11800]
    assert sum(len(task) for task in scenario.test) == 10_000


# --- bad input ---

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

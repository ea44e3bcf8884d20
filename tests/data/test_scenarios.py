"""Scenarios: what every task must hold, whatever the seed, the setting and the order of classes."""

import hashlib
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.data.datasets import Dataset, load_dataset
from indeependence.data.scenarios import noisy_tasks, permuted_tasks, rotated_tasks, split_tasks, stream_tasks
from tests.data.numbered import laws, numbered_pictures

MAKERS = {
    "split": split_tasks,
    "permuted": permuted_tasks,
    "rotated": rotated_tasks,
    "salt": partial(noisy_tasks, kind="salt"),
    "gaussian": partial(noisy_tasks, kind="gaussian"),
    "stream": stream_tasks,
    "stream by class": partial(stream_tasks, order="class"),
}


def digest(scenario) -> str:
    total = hashlib.sha256()
    for part in (*scenario.train, *scenario.test):
        x, y = part.arrays()
        total.update(x.tobytes() + "|".join(map(str, y)).encode() + part.name.encode())
    return total.hexdigest()[:16]


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

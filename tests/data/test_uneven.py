"""Blurry tasks, classes that come again, few shots; orders in files; and words that users of other programs know."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.data.class_order import read_class_order
from indeependence.data.datasets import Dataset
from indeependence.data.scenario_settings import ScenarioSettings
from indeependence.data.scenarios import split_tasks
from indeependence.data.uneven import blurry, few_shot, repetition
from indeependence.errors import InputError

LABELS = np.repeat(np.arange(10), 20)
DATA = Dataset("data", LABELS[:, None].astype(float), LABELS, np.arange(10.0)[:, None], np.arange(10))
SEEDS, SHARES = st.integers(0, 99), st.sampled_from([0.0, 0.1, 0.5, 1.0])


def rows_of(scenario):
    return [part.rows.tolist() for part in scenario.train]


@given(SEEDS, SHARES, st.integers(1, 10), st.sampled_from([blurry, repetition]))
def test_every_example_is_learned_once(seed, share, tasks, make):
    split = split_tasks(DATA, tasks=tasks)
    made = make(split, share, seed)
    assert sorted(sum(rows_of(made), [])) == list(range(200))
    assert made.test == split.test and rows_of(made) == rows_of(make(split, share, seed))
    if share == 0:
        assert list(map(sorted, rows_of(made))) == list(map(sorted, rows_of(split)))


@given(SEEDS, st.integers(2, 5))
def test_blurry_tasks_have_their_share_of_their_own_classes(seed, tasks):
    for part, own in zip(
        blurry(split_tasks(DATA, tasks=tasks), 0.1, seed).train, split_tasks(DATA, tasks=tasks).train, strict=True
    ):
        mine = np.isin(part.labels, own.classes)
        assert mine.sum() == 18 * len(own.classes) and 0 < (~mine).sum() < mine.sum()


@given(SEEDS)
def test_a_class_comes_again_but_never_before_its_task(seed):
    split = split_tasks(DATA, tasks=5)
    made = repetition(split, 0.5, seed)
    for task, part in enumerate(split.train):
        where = [i for i, other in enumerate(made.train) if np.isin(part.classes[0], other.classes)]
        assert where[0] == task
    assert [len(part.classes) for part in repetition(split, 1.0, seed).train] == [2, 4, 6, 8, 10]


@pytest.mark.parametrize(("tasks", "ways", "sizes"), [(None, 5, [5, 5]), (None, 2, [6, 2, 2]), (4, 3, [1, 3, 3, 3])])
def test_few_shot_tasks_have_few_examples_of_new_classes(tasks, ways, sizes):
    made = ScenarioSettings("few-shot", tasks=tasks, ways=ways, shots=3).make(DATA)
    assert [len(part.classes) for part in made.train] == sizes
    assert [len(part) for part in made.train] == [20 * sizes[0], *(3 * size for size in sizes[1:])]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda split: blurry(split, 1.5), "from 0 to 1, got 1.5"),
        (lambda split: repetition(split, -1), "from 0 to 1 that a class comes again, got -1"),
        (lambda split: few_shot(split, 0), "1 example of each new class or more, got 0"),
        (lambda split: few_shot(split, 21), "21 training examples of each new class, one has 20"),
        (lambda _: ScenarioSettings("few-shot", tasks=3).make(DATA), "fewer --tasks or --ways"),
    ],
)
def test_what_cannot_be_made_is_told(make, message):
    with pytest.raises(InputError, match=message):
        make(split_tasks(DATA, tasks=5))


@pytest.mark.parametrize(
    "text", ["3\n1\n2\n0\n", "3,1, 2,0", "3 1 2 0", "[3, 1, 2, 0]", "\ufeff3\r\n1\r\n2\r\n0", '[\n"3",\n1,\n2,\n0\n]']
)
def test_an_order_in_a_file_is_read_however_it_stands_there(tmp_path, text):
    (tmp_path / "order.txt").write_bytes(text.encode())
    np.save(tmp_path / "order.npy", np.array([3, 1, 2, 0]))
    assert read_class_order(tmp_path / "order.txt") == read_class_order(tmp_path / "order.npy") == ["3", "1", "2", "0"]


def test_names_in_a_file_may_have_blanks_and_commas_in_lines_of_their_own(tmp_path):
    (tmp_path / "order.txt").write_text("polar bear\nant, red\n")
    assert read_class_order(tmp_path / "order.txt") == ["polar bear", "ant, red"]


@pytest.mark.parametrize(
    "content", [b"", b"[1, 2", b"[[1], 2]", b"[open('x')]", b"[1][0]", b"[" * 9999, b"\xff\xfe\xff", b"x" * (2**20 + 1)]
)
def test_a_file_without_an_order_is_told(tmp_path, content):
    (tmp_path / "order.txt").write_bytes(content)
    with pytest.raises(InputError, match="^class order: "):
        read_class_order(tmp_path / "order.txt")
    (tmp_path / "order.npy").write_bytes(content)
    with pytest.raises(InputError, match="^class order: "):
        read_class_order(tmp_path / "order.npy")


def test_numbers_are_places_of_names():
    names = np.array(["ant", "bee", "cat"])
    data = Dataset("animals", np.eye(3), names, np.eye(3), names)
    assert split_tasks(data, tasks=3, class_order=[2, 0, 1]).class_order == ("cat", "ant", "bee")


def test_words_of_other_programs_and_files_are_taken_by_the_commands(ask, refuse, tmp_path):
    (tmp_path / "order.txt").write_text("\n".join(map(str, range(9, -1, -1))))
    words = ("evaluate", "--layers", "4", "--tasks", 2, "--seeds", 1)
    told = ask(*words, "--scenario", "task-incremental", "--class-order", "order.txt")
    assert told["setting"] == "task" and told["class_order"] == list(range(9, -1, -1))
    assert json.loads(told["options"]["class_order"]) == [str(label) for label in range(9, -1, -1)]
    (tmp_path / "artifacts").rename(tmp_path / "other")
    for more, message in [
        (("--scenario", "class-incremental", "--setting", "task"), "means --setting class, got task"),
        (("--class-order", "ordre.txt"), "expected a file of labels, found none at ordre.txt"),
        (("--shots", 3), "--shots goes with --scenario few-shot, got split"),
        (("--scenario", "blurry", "--setting", "task"), "blurry tasks have one output for all classes"),
        (("--max-noise", 0.3), "--max-noise goes with --scenario noisy, got split"),
    ]:
        assert message in " ".join(refuse(*words, *more, code=2).split())

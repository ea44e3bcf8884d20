"""The audit log: whatever is changed, removed or moved in it is found, and no change of a model is without a line."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence import ContinualClassifier, history
from indeependence.errors import InputError
from indeependence.history import State, Step
from indeependence.history.course import courses_of
from indeependence.history.entry import FIRST, Entry
from indeependence.history.receipt import Receipt, ids_digest, read_receipt
from indeependence.history.trail import Trail

X = np.random.default_rng(0).integers(0, 256, (40, 6), np.uint8)
Y = np.arange(40) % 2


def digest(number):
    return f"{number:064x}"


def state(number, *counts):
    return State(digest(number), sum(counts), tuple(enumerate(counts)))


def steps():
    """Two models: one is bootstrapped, learns twice, forgets and is exported; another is bootstrapped and replaced."""
    states = [state(1), state(2, 5), state(3, 5, 4), state(4, 5, 1)]
    yield Step("bootstrap", "m", None, states[0], anew=True)
    for before, after in zip(states, states[1:], strict=False):
        yield Step("forget" if after is states[3] else "learn", "m", before, after)
    yield Step("bootstrap", "other", None, state(5), anew=True)
    parts = [{"model": "m", "sha256": digest(4), "examples": 6}, {"model": "o", "sha256": digest(9), "examples": 1}]
    yield Step("merge", "other", state(5), state(6, 6, 1), anew=True, about={"merged": parts})
    yield Step("export", "m", states[3], states[3], about={"output": "w", "output_sha256": digest(7)})


def chained(given_steps):
    entries = []
    for step in given_steps:
        entries.append(step.sealed(entries[-1].sha256 if entries else FIRST))
    return entries


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "log"
    for step in steps():
        history.append(path, step)
    return path.read_bytes()


def read_again(path, content):
    path.write_bytes(content)
    return history.read(path)


def test_a_log_reads_back_as_it_was_written(whole, tmp_path):
    entries = read_again(tmp_path / "log", whole)
    assert [entry.what for entry in entries] == "bootstrap learn learn forget bootstrap merge export".split()
    assert [entry.examples for entry in entries] == [0, 5, 4, -3, 0, 7, 0]
    assert entries[3].classes == ((1, -3),) and entries[3].total == 6
    courses = history.verify(entries, "m", state(4, 5, 1))
    assert courses["other"].classes == {0: 6, 1: 1}
    history.verify(entries, "w", State(digest(7)))
    with pytest.raises(InputError, match="expected the export"):
        history.verify(entries, "w", State(digest(8)))


@pytest.mark.parametrize(("old", "new"), [(b",", b", "), (b'"m"', b'"\\u006d"'), (b"{", b'{"what":"learn",')])
def test_another_spelling_of_the_same_values_is_found(whole, tmp_path, old, new):
    with pytest.raises(InputError, match="line 1: expected the spelling"):
        read_again(tmp_path / "log", whole.replace(old, new, 1))


@given(st.data())
def test_a_byte_that_is_changed_is_found_with_its_line(whole, tmp_path_factory, data):
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != whole[place]))
    with pytest.raises(InputError, match=f"line {whole.count(10, 0, place) + 1}: expected"):
        read_again(tmp_path_factory.getbasetemp() / "changed", whole[:place] + bytes([byte]) + whole[place + 1 :])


@given(st.data())
def test_lines_that_are_removed_repeated_or_moved_are_found(whole, tmp_path_factory, data):
    lines = whole.splitlines(keepends=True)
    some = st.lists(st.sampled_from(lines), min_size=1, max_size=len(lines) + 1)
    kept = data.draw(st.one_of(some, st.permutations(lines)).filter(lambda one: one != lines[: len(one)]))
    with pytest.raises(InputError, match=r"line \d+: expected"):
        read_again(tmp_path_factory.getbasetemp() / "moved", b"".join(kept))


@pytest.mark.parametrize("kept", range(7))
def test_lines_that_are_cut_off_at_the_end_are_found_by_the_models_and_files_they_speak_of(whole, tmp_path, kept):
    entries = read_again(tmp_path / "log", b"".join(whole.splitlines(keepends=True)[:kept]))
    with pytest.raises(InputError, match="expected"):
        for name, now in (("m", state(4, 5, 1)), ("other", state(6, 6, 1)), ("w", State(digest(7)))):
            history.verify(entries, name, now)


@given(st.integers(1, 900))
def test_a_log_that_is_cut_short_in_a_line_is_found_and_not_added_to(whole, tmp_path_factory, cut):
    path = tmp_path_factory.getbasetemp() / "short"
    content = whole[:-cut]
    path.write_bytes(content)
    if content.endswith(b"\n"):
        return
    with pytest.raises(InputError, match="line"):
        history.append(path, Step("learn", "new", None, state(1)))
    assert path.read_bytes() == content


FORGED = {
    "total": ({"total": 7}, "expected 9 examples in all, got 7"),
    "classes": ({"classes": ((0, 2),)}, "classes of"),
    "before": ({"before": digest(77)}, "to be 000000000000 before"),
    "below nothing": ({"classes": ((0, -9), (1, 13))}, "at most 5 examples of class 0"),
}


@pytest.mark.parametrize("name", FORGED)
def test_who_seals_false_lines_anew_still_has_to_make_the_steps_fit(name):
    change, message = FORGED[name]
    entries = chained(steps())
    forged = replace(entries[2], **change)
    with pytest.raises(InputError, match=f"line 3: .*{message}"):
        courses_of([*entries[:2], forged])


@given(
    st.sampled_from("when what model anew examples classes total before after about previous version format".split()),
    st.sampled_from([None, True, -1, 1e300, "x", [], [[1]], [[[], 1]], {}, {"a": [0] * 3}, "\ud800"]),
)
def test_a_line_of_other_types_is_refused_even_if_it_is_sealed(name, value):
    entry = replace(chained(steps())[1], **{name: value})
    try:
        line = entry.line.encode()
    except (TypeError, ValueError):
        return
    try:
        assert Entry.of_line(line).line.encode() == line
    except InputError as error:
        assert "\n" not in str(error)


def test_what_no_json_of_ours_has_is_refused_in_one_line(whole, tmp_path):
    line = whole.splitlines()[0]
    deep, infinite = line.replace(b"{}", b"[" * 990 + b"]" * 990), line.replace(b'"about":{}', b'"about":{"a":1e999}')
    for content in (b"[" * 100_000, b"9" * 10_000, deep, infinite, b"{}", b"\xff", b"null"):
        with pytest.raises(InputError, match="line 1: expected"):
            read_again(tmp_path / "odd", content + b"\n")


# The file


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "other"])
def test_a_log_is_a_file_of_ours_and_nothing_else_is_written_to(tmp_path, kind):
    path, precious = tmp_path / "log", tmp_path / "precious"
    precious.write_text("years of work")
    {
        "link": lambda: path.symlink_to(precious),
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "other": lambda: path.write_text("years of work"),
    }[kind]()
    with pytest.raises(InputError, match="audit log"):
        history.append(path, next(steps()))
    assert precious.read_text() == "years of work"
    assert kind != "other" or path.read_text() == "years of work"


def test_writers_of_one_log_wait_for_each_other(tmp_path):
    path = tmp_path / "log"

    def life_of(number):
        before = None
        for examples in range(6):
            after = state(100 * number + examples, examples)
            history.append(path, Step("learn", f"model {number}", before, after))
            before = after

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(life_of, range(8)))
    assert len(history.read(path)) == 48


def test_a_full_disk_leaves_the_log_as_it_was(whole, tmp_path, monkeypatch):
    path = tmp_path / "log"
    path.write_bytes(whole)
    write = os.write

    def half(descriptor, data):
        write(descriptor, data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("indeependence.history.log.os.write", half)
    with pytest.raises(InputError, match="No space left"):
        history.append(path, Step("learn", "m", state(4, 5, 1), state(8, 6, 1)))
    assert path.read_bytes() == whole


# A model and its log


@pytest.fixture
def trained(tmp_path):
    """A model's file and a log of two steps."""
    path, log = tmp_path / "m", tmp_path / "log"
    model = ContinualClassifier("4").bootstrap(X)
    trail = Trail(path, log)
    trail.replace("bootstrap", model.facts, lambda: model.save(path), anew=True)
    model.learn([(X, Y)])
    trail.replace("learn", model.facts, lambda: model.save(path))
    return model, path, log


def in_file(path):
    return State.of(ContinualClassifier.load(path).facts())


def test_a_model_is_the_logs_last_and_no_other(trained):
    model, path, log = trained
    entries = history.read(log)
    assert history.verify(entries, "m", in_file(path))["m"].total == 40
    model.forget(X[:3], Y[:3]).save(path)
    with pytest.raises(InputError, match="expected .* as line 2 left it, got .*: the file was changed without the log"):
        history.verify(entries, "m", in_file(path))
    with pytest.raises(InputError, match="changed or moved without this log"):
        Trail(path, log)
    with pytest.raises(InputError, match="expected m to be"):
        history.append(log, Step("learn", "m", None, state(1)))
    assert history.read(log) == entries


class Killed(BaseException):
    """What no handler of errors catches, as a kill."""


def test_a_program_that_is_stopped_between_line_and_file_leaves_a_log_that_says_so_and_goes_on(trained):
    model, path, log = trained

    def killed():
        raise Killed

    model.forget(X[:3], Y[:3])
    with pytest.raises(Killed):
        Trail(path, log).replace("forget", model.facts, killed)
    with pytest.raises(InputError, match="as line 3 left it, got .*: that step did not take place"):
        history.verify(history.read(log), "m", in_file(path))
    trail = Trail(path, log)
    trail.replace("forget", model.facts, lambda: model.save(path))
    entries = history.read(log)
    assert [entry.what for entry in entries[2:]] == ["forget", "void", "forget"] and entries[3].about == {"line": 3}
    assert history.verify(entries, "m", in_file(path))["m"].total == 37


def test_a_file_that_cannot_be_written_is_taken_back_in_the_log(trained):
    model, path, log = trained

    def full():
        raise InputError("no space")

    model.forget(X[:3], Y[:3])
    with pytest.raises(InputError, match="no space"):
        Trail(path, log).replace("forget", model.facts, full)
    assert history.verify(history.read(log), "m", in_file(path))["m"].classes == {0: 20, 1: 20}


def test_no_line_can_be_written_no_file_is_replaced(trained):
    model, path, log = trained
    trail, before = Trail(path, log), path.read_bytes()
    log.write_bytes(log.read_bytes()[1:])
    model.forget(X[:3], Y[:3])
    with pytest.raises(InputError, match="line 1"):
        trail.replace("forget", model.facts, lambda: model.save(path))
    assert path.read_bytes() == before


# Receipts


def test_a_receipt_knows_its_ids_and_was_not_changed(tmp_path):
    salt = "ab" * 16
    entry = Step("forget", "m", state(3, 2), state(4, 1), about={"ids_sha256": ids_digest(["a", "b"], salt)}).sealed()
    path = tmp_path / "receipt"
    path.write_text(Receipt(entry, salt).text)
    assert "a" not in json.loads(path.read_text())["receipt"]["about"]
    receipt = read_receipt(path)
    receipt.check_ids(["b", "a"])
    for others in (["a"], ["a", "b", "c"], ["ab"], ["a", "bb"]):
        with pytest.raises(InputError, match="got others"):
            receipt.check_ids(others)
    path.write_text(path.read_text().replace(digest(4), digest(5)))
    with pytest.raises(InputError, match="it was changed"):
        read_receipt(path)

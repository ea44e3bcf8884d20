"""What was acknowledged is on disk: killed at any moment, with a full disk, or at the end; and nothing else is."""

import os
import shutil
import signal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indeependence import ContinualClassifier, InputError, models
from indeependence.data.reading import Reading
from indeependence.files.journals import journal_of
from indeependence.history.log import read as read_log
from indeependence.serve.beginning import Beginning
from indeependence.serve.journal import START, Change, Journal, Record
from indeependence.serve.keeper import Keeper
from indeependence.serve.limits import Limits
from tests.serve.running import pictures, served, started


class Small(Beginning):
    """Models of few units, for many changes in little time."""

    def model(self, inputs, reading):
        return ContinualClassifier("3", ledger="class").bootstrap(inputs)


def small():
    return Small().model(ROWS, Reading())


def kept(path, **settings):
    return Keeper(path, Small(), **settings)


def taught(path):
    """A keeper of a model that has learned one example, which stands in the journal alone."""
    keeper = kept(path)
    keeper.change(change("learn", [1], "a", keeper.begin(ROWS, Reading()).model()))
    return keeper


ROWS = np.random.default_rng(0).integers(0, 256, (8, 5), np.uint8)


def change(what, rows, label, model, by="here"):
    return Change(what, model.encoder_(ROWS[list(rows)]), (label,) * len(rows), by)


@given(st.lists(st.tuples(st.sampled_from(["learn", "forget", "undo", "class"]), st.integers(0, 7)), max_size=8))
@settings(max_examples=15, deadline=None)
def test_any_course_of_changes_survives_a_kill_after_each_of_them(tmp_path_factory, steps):
    """A copy of the two files, taken after any acknowledgement, is opened as the state that was acknowledged."""
    folder = tmp_path_factory.mktemp("kept")
    keeper = kept(folder / "m.safetensors")
    model = keeper.begin(ROWS, Reading()).model()
    acknowledged = [keeper.held.sha256]
    for what, row in steps:
        try:
            if what == "undo":
                event = keeper.undo("here")
            elif what == "class":
                event = keeper.forget_class(f"c{row % 2}", "here")
            else:
                event = keeper.change(change(what, [row], f"c{row % 2}", model))
        except InputError:
            event = None
        if event is not None:
            acknowledged.append(event.after)
        assert keeper.held.sha256 == acknowledged[-1]
        copy = tmp_path_factory.mktemp("copy")
        for file in folder.iterdir():
            shutil.copy(file, copy)
        again = kept(copy / "m.safetensors")
        assert again.held.sha256 == acknowledged[-1]
        again.close()
        assert ContinualClassifier.load(copy / "m.safetensors").moments_.fingerprint == acknowledged[-1]
    keeper.close()
    assert not journal_of(folder / "m.safetensors").exists()


@pytest.mark.parametrize("last", ["class", "undo", "file"])
def test_a_kill_while_the_journal_is_emptied_leaves_what_can_be_opened(tmp_path, monkeypatch, last):
    """Between the model's new file and the emptied journal, whatever led to the new file."""
    (tmp_path / "now").mkdir()
    keeper = kept(tmp_path / "now" / "m.safetensors")
    model = keeper.begin(ROWS, Reading()).model()
    for row, label in ((0, "a"), (1, "b")):
        keeper.change(change("learn", [row], label, model))
    if last == "undo":
        keeper.forget_class("a", "here")
        keeper.change(change("learn", [2], "b", model))
        keeper.undo("here")
    clear = Journal.clear

    def killed(journal):
        shutil.copytree(tmp_path / "now", tmp_path / "then", dirs_exist_ok=True)
        clear(journal)

    monkeypatch.setattr(Journal, "clear", killed)
    {"class": lambda: keeper.forget_class("a", "here"), "undo": lambda: keeper.undo("here"), "file": keeper.checkpoint}[
        last
    ]()
    monkeypatch.undo()
    again = kept(tmp_path / "then" / "m.safetensors")
    assert again.held.sha256 == keeper.held.sha256
    again.close()
    keeper.close()


def test_a_journal_without_its_model_is_refused_and_stays(tmp_path):
    path = tmp_path / "m.safetensors"
    keeper = taught(path)
    path.rename(tmp_path / "elsewhere")
    left = journal_of(path).read_bytes()
    keeper.journal.close()
    keeper.solver.stop()
    with pytest.raises(InputError, match="is not there"):
        kept(path)
    assert journal_of(path).read_bytes() == left
    (tmp_path / "elsewhere").rename(path)
    again = kept(path)
    assert again.held.sha256 == keeper.held.sha256
    again.close()


def test_a_forged_record_is_refused_in_one_line(tmp_path):
    """Codes of another encoder, with an intact digest."""
    path = tmp_path / "m.safetensors"
    model = small().partial_fit(ROWS, ["b"] * 8)
    model.save(path)
    made = Change("learn", model.encoder_(ROWS)[:, :4], ("a",) * 8, "here")
    journal_of(path).write_bytes(START + Record(made, model.moments_.fingerprint, "1").packed())
    with pytest.raises(InputError, match="journal is damaged: it has no change of this model"):
        kept(path)


def test_undo_goes_back_through_every_fingerprint(tmp_path):
    keeper = kept(tmp_path / "m.safetensors")
    model = keeper.begin(ROWS, Reading()).model()
    before = [keeper.held.sha256]
    for row in range(4):
        before.append(keeper.change(change("learn", [row], f"c{row % 2}", model)).after)
    before.append(keeper.change(change("forget", [0], "c0", model)).after)
    before.append(keeper.forget_class("c1", "here").after)
    for expected in reversed(before[:-1]):
        assert keeper.undo("here").after == expected == keeper.held.sha256
    with pytest.raises(InputError, match="nothing to take back"):
        keeper.undo("here")
    keeper.close()


def test_what_is_held_for_the_way_back_is_bounded_and_the_last_change_always_has_one(tmp_path, monkeypatch):
    keeper = kept(tmp_path / "m.safetensors")
    model = keeper.begin(ROWS, Reading()).model()
    for row in range(3):
        keeper.change(change("learn", [row], f"c{row}", model))
    monkeypatch.setattr("indeependence.serve.keeper.UNDO_BYTES", 100)  # less than sums of any size
    before = [keeper.forget_class(f"c{row}", "here").before for row in (0, 1)]
    assert keeper.undo("here").after == before[1]
    with pytest.raises(InputError, match="nothing to take back"):
        keeper.undo("here")
    keeper.close()


def test_a_half_written_record_was_never_acknowledged_and_a_damaged_one_is_named(tmp_path):
    journal = Journal(tmp_path / "m.safetensors")
    record = Record(Change("learn", ROWS, ("a",) * 8, "here"), "0", "1")
    for _ in range(2):
        journal.append(record)
    whole = journal.path.read_bytes()
    half = len(whole) - len(record.packed())
    journal.path.write_bytes(whole[:-3])
    assert [one.after for one in journal.read()] == ["1"]
    journal.path.write_bytes(whole[: half - 5] + b"?????" + whole[half:])
    with pytest.raises(InputError, match="damaged"):
        list(journal.read())
    journal.path.write_bytes(b"something else\n")
    with pytest.raises(InputError, match="no journal"):
        list(journal.read())
    journal.close()


def test_a_journal_of_another_model_is_refused_and_stays(tmp_path):
    path = tmp_path / "m.safetensors"
    keeper = taught(path)
    left = journal_of(path).read_bytes()
    keeper.close()
    small().partial_fit(ROWS, ["b"] * 8).save(path)
    journal_of(path).write_bytes(left)
    with pytest.raises(InputError, match="another model"):
        kept(path)
    assert journal_of(path).read_bytes() == left


def test_a_file_that_another_program_put_there_is_not_overwritten(tmp_path):
    path = tmp_path / "m.safetensors"
    keeper = taught(path)
    path.rename(tmp_path / "ours")
    small().partial_fit(ROWS, ["b"] * 8).save(path)
    for write in (keeper.checkpoint, lambda: keeper.forget_class("a", "here")):
        with pytest.raises(InputError, match="another program has replaced"):
            write()
    assert ContinualClassifier.load(path).classes_.tolist() == ["b"] and keeper.held.counts == {"a": 1}
    path.unlink()
    keeper.close()
    assert ContinualClassifier.load(path).moments_.fingerprint == keeper.held.sha256


def test_other_commands_do_not_pass_over_a_journal(tmp_path):
    path = tmp_path / "m.safetensors"
    small().partial_fit(ROWS, ["b"] * 8).save(path)
    journal_of(path).write_bytes(b"indeependence journal 1\nand more")
    from click.testing import CliRunner

    from indeependence.commands import cli

    found = CliRunner().invoke(cli, ["forget", "--class", "b", "--model", str(path)])
    assert isinstance(found.exception, InputError) and "serve --model" in str(found.exception)


def test_a_full_disk_refuses_the_change_and_leaves_sums_and_journal_as_they_were(tmp_path, monkeypatch):
    keeper = kept(tmp_path / "m.safetensors")
    model = keeper.begin(ROWS, Reading()).model()
    keeper.change(change("learn", [1], "a", model))
    before, size = keeper.held.sha256, keeper.journal.path.stat().st_size

    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        keeper.change(change("learn", [2], "a", model))
    monkeypatch.undo()
    assert keeper.held.sha256 == before and keeper.journal.path.stat().st_size == size
    keeper.close()


def test_no_pixel_of_an_example_is_in_any_file(tmp_path):
    """Of a picture with an unmistakable row, not even four neighbouring pixels stand in the journal or the model."""
    odd = np.zeros((1, 16, 16), np.uint8)
    odd[0, 8] = np.arange(16) * 13 + 7
    with served(tmp_path / "m.safetensors") as (client, service):
        client.learn(odd, ["odd"])
        written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert service.keeper.unwritten and odd[0, 8, 5:9].tobytes() not in written


def test_the_log_says_who_taught_what_and_matches_the_file(tmp_path):
    path, log = tmp_path / "m.safetensors", tmp_path / "audit.jsonl"
    keeper = kept(path, audit=log)
    model = keeper.begin(ROWS, Reading()).model()
    for by, rows in (("ann", [0, 1]), ("ann", [2]), ("bob", [3])):
        keeper.change(change("learn", rows, "a", model, by))
    keeper.change(change("forget", [3], "a", model, "bob"))
    keeper.close()
    *_, last = read_log(log)
    requests = [(one["by"], one["what"], one["requests"], one["examples"]) for one in last.about["requests"]]
    assert requests == [("ann", "learn", 2, 3), ("bob", "learn", 1, 1), ("bob", "forget", 1, -1)]
    assert last.after == models.open(path).moments_.fingerprint == last.about["requests"][-1]["after"]


def test_more_classes_than_allowed_are_refused(tmp_path):
    keeper = kept(tmp_path / "m.safetensors", limits=Limits(classes=1, name=5))
    model = keeper.begin(ROWS, Reading()).model()
    keeper.change(change("learn", [1], "a", model))
    for label, said in (("b", "at most 1 classes"), ("long name", "at most 5 characters"), (" ", "an empty one")):
        with pytest.raises(InputError, match=said):
            keeper.change(change("learn", [1], label, model))
    keeper.close()


@pytest.mark.slow
def test_a_server_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path):
    """By SIGKILL, in a process of its own, with the journal alone holding what was learned; then by SIGTERM."""
    path = tmp_path / "m.safetensors"
    left, right = pictures(3)
    other = tmp_path / "other.safetensors"
    with started(path, other) as ((client, killed), (ended, process)):
        client.learn(left, ["left"] * 3)
        last = client.learn(right, ["right"] * 3)["after"]
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        found = ended.learn(left, ["left"] * 3)["after"]
        process.send_signal(signal.SIGTERM)
        process.wait()
    assert not journal_of(other).exists() and not (tmp_path / ".other.safetensors.lock").exists()
    assert ContinualClassifier.load(other).moments_.fingerprint == found
    assert journal_of(path).stat().st_size
    with served(path) as (client, _):
        assert client.model()["model_sha256"] == last and client.undo()["examples"] == -3
        last = client.model()["model_sha256"]
    assert not journal_of(path).exists() and ContinualClassifier.load(path).moments_.fingerprint == last


def test_weights_that_answer_already_are_not_solved_again_for_the_file(tmp_path, monkeypatch):
    keeper = taught(tmp_path / "m.safetensors")
    assert keeper.solver.wait(keeper.held.version, 60)
    monkeypatch.setattr("indeependence.models.classifier.classifier.solved", lambda *given: 1 / 0)
    keeper.checkpoint()
    keeper.close()
    assert ContinualClassifier.load(tmp_path / "m.safetensors").predict(ROWS[:1]).tolist() == ["a"]

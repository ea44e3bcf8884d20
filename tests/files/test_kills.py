"""Killed at any moment, a command leaves the old file or a whole new one; run again, it ends as if never killed."""

import os
import re
import shutil
from collections import Counter

import numpy as np
import pytest
from click.testing import CliRunner

from indeependence import ContinualClassifier, history
from indeependence.commands import cli
from indeependence.history.trail import state_in
from indeependence.models.classifier.storage import read_model
from tests.files.killing import NAMES, WHOLE, kill_at_each_moment, nothing_drawn, run

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="POSIX processes and signals")]
X = np.random.default_rng(0).integers(0, 256, (60, 8, 8), np.uint8)
Y = np.repeat(np.arange(4), 15)
SMALL = ["--data", "data", "--layers", "16", "--threads", "1"]
TRAIN = ["train", *SMALL, "--model", "m"]
RUNS = {  # options, the model that --model is before, and how many examples each checkpoint has learned
    "afresh": (["--checkpoint-every", "40", "--overwrite"], "all", [0, 40, 60]),
    "by tasks": (["--checkpoint-every", "20", "--tasks", "2", "--limit", "45"], None, [0, 20, 30, 45]),
    "on top": (["--checkpoint-every", "30", "--load", "--skip", "20"], "first", [50, 60]),
}
ONCE = {
    "bootstrap": ["bootstrap", *SMALL, "--overwrite", "--model", "m"],
    "forget": ["forget", "--task", "1", "--model", "all"],
    "merge": ["merge", "first", "second", "--overwrite", "--output", "m"],
    "export": ["export", "first", "--overwrite", "--output", "m.safetensors"],
    "embed": ["sparse", "embed", *SMALL, "--units", "64", "--active", "6", "--overwrite", "--output", "m"],
}
WRITING = {"file.write", "file.__exit__", "posix.chmod", "posix.fsync", "posix.replace", "posix.unlink"}
LOCKING = {"fcntl.flock", "posix.write", "posix.unlink"}
LEARNING = {"learn call", "learn return"}


@pytest.fixture
def before(tmp_path):
    """A folder with data, and models of its first 20 examples, of the others, and of all."""
    folder = tmp_path / "before"
    (folder / "data").mkdir(parents=True)
    for name, rows in {"train": slice(60), "test": slice(0, 60, 7)}.items():
        np.save(folder / "data" / f"x_{name}.npy", X[rows])
        np.save(folder / "data" / f"y_{name}.npy", Y[rows])
    parts = {"first": slice(20), "second": slice(20, 60)}
    models = {name: ContinualClassifier("16", ledger="task", random_state=1).bootstrap(X) for name in (*parts, "all")}
    for name, rows in parts.items():
        models[name].partial_fit(X[rows], Y[rows]).save(folder / name)
        models["all"].partial_fit(X[rows], Y[rows]).save(folder / "all")
    return folder


@pytest.fixture
def killed(children, before, tmp_path):
    """What kills of a command leave: names of its moments, a folder for each, and that of an undisturbed run."""

    def at_each_moment(command):
        into = tmp_path / "into"
        into.mkdir()
        child = children.Process(target=kill_at_each_moment, args=(command, before, into))
        child.start()
        child.join()
        assert child.exitcode == 0
        folders = sorted(folder for folder in into.iterdir() if folder.name.isdigit())
        return (into / NAMES).read_text().splitlines(), folders, into / WHOLE

    return at_each_moment


def content(path):
    return path.read_bytes() if path.exists() else None


def names_in(folder):
    """The names of all that is in a folder; what is drawn by lot in those of temporary files is left out."""
    return {re.sub("[0-9a-f]{16}", "*", str(path.relative_to(folder))) for path in folder.rglob("*")}


def different(folders, file):
    """One of the folders for each content of ``file`` and names of other files: nothing else matters to a next run."""
    return {(content(folder / file), *sorted(names_in(folder))): folder for folder in folders}.values()


def again(command, folder, whole, monkeypatch):
    """Run a command after a kill and return its exit code; nothing is then left but its files and temporary ones."""
    monkeypatch.chdir(folder)
    with nothing_drawn():
        code = CliRunner().invoke(cli, command).exit_code
    assert {name for name in names_in(folder) if ".tmp" not in name} == names_in(whole)
    return code


def sums_of_the_first(count, encoder):
    """The fingerprint of the sums of so many examples, learned at once."""
    model = ContinualClassifier().start(encoder)
    return (model.partial_fit(X[:count], Y[:count]) if count else model).moments_.fingerprint


@pytest.mark.parametrize("name", RUNS)
def test_training_killed_at_any_moment_goes_on_to_the_same_model(killed, before, monkeypatch, name):
    options, there, counts = RUNS[name]
    if there:
        shutil.copy(before / there, before / "m")
    old = content(before / "m")
    names, folders, whole = killed([*TRAIN, *options])
    encoder = read_model(whole / "m").encoder
    sums = {count: sums_of_the_first(count, encoder) for count in counts}
    reached = [None if content(folder / "m") == old else read_model(folder / "m").ledger.total for folder in folders]
    learned = [-1 if total is None else total.count for total in reached]
    assert learned == sorted(learned) and sorted(set(learned)) == [-1, *counts]
    assert all(total.fingerprint == sums[total.count] for total in reached if total)
    for folder in different(folders, "m"):
        resume = ["--resume"] if content(folder / "m") != old else []
        assert again([*TRAIN, *options, *resume], folder, whole, monkeypatch) == 0
        assert content(folder / "m") == content(whole / "m")
    assert WRITING | LOCKING | LEARNING <= set(names)


@pytest.mark.parametrize("name", ONCE)
def test_a_command_killed_at_any_moment_leaves_the_old_file_or_the_new_one(killed, before, monkeypatch, name):
    *_, output = command = ONCE[name]
    if not (before / output).exists():
        (before / output).write_bytes(b"old")
    names, folders, whole = killed(command)
    old = {path.name: content(path) for path in before.iterdir() if path.is_file()}
    new = {**old, output: content(whole / output)}
    left = [{name: content(folder / name) for name in old} for folder in folders]
    assert left[0] == old and left[-1] == new and all(files in (old, new) for files in left)
    for folder in different(folders, output):
        forgotten = name == "forget" and content(folder / output) == new[output]  # it is not there a second time
        assert again(command, folder, whole, monkeypatch) == (1 if forgotten else 0)
        assert content(folder / output) == new[output]
    assert WRITING | (LOCKING if name != "embed" else set()) <= set(names)


def test_a_log_is_one_step_ahead_of_its_model_at_most_wherever_a_command_is_killed(killed, before, monkeypatch):
    forget, old = ["forget", "--model", "all", "--audit", "log", "--task"], state_in(before / "all").sha256
    names, folders, whole = killed([*forget, "1"])
    met = {}
    for folder in folders:
        there, now = (folder / "log").exists(), state_in(folder / "all").sha256
        courses = history.verify(history.read(folder / "log")) if there else {}
        ahead = courses["all"].undone.sha256 == now if courses else None
        assert now == (old if ahead or not courses else courses["all"].sha256)
        met[there, bool(courses), ahead, now] = folder
    assert len(met) == 4  # no log, an empty one, one that is a step ahead, one that the model has followed
    for (*_, ahead, _), folder in met.items():
        monkeypatch.chdir(folder)
        assert CliRunner().invoke(cli, [*forget, "2"]).exit_code == 0
        assert CliRunner().invoke(cli, ["verify", "log", "all"]).exit_code == 0
        assert ("void" in [entry.what for entry in history.read("log")]) == bool(ahead)


def test_killed_at_random_moments_too_a_run_goes_on(children, before, monkeypatch):
    """Some of these kills come in the middle of a write; how many of them come in time is only told."""
    command, ends, learned = [*TRAIN, "--checkpoint-every", "5", "--resume", "--quiet"], Counter(), [0]
    for seconds in np.random.default_rng(0).uniform(0, 0.3, 10):
        child = children.Process(target=run, args=(command, before))
        child.start()
        child.join(seconds)
        child.kill()
        child.join()
        ends["killed" if child.exitcode else "done"] += 1
        if (before / "m").exists():
            learned.append(read_model(before / "m").ledger.total.count)
    assert learned == sorted(learned)
    print(dict(ends), "examples learned:", learned)
    monkeypatch.chdir(before)
    with nothing_drawn():
        assert CliRunner().invoke(cli, command).exit_code == 0
    model = read_model(before / "m")
    assert model.ledger.total.fingerprint == sums_of_the_first(60, model.encoder)

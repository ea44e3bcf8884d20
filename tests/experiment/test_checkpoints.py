"""Never lose a model: a run leaves checkpoints, ends at Ctrl-C with one, and goes on from it to the same model."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from indeependence import ContinualClassifier
from indeependence.commands import cli
from indeependence.data.examples import Examples
from indeependence.errors import InputError
from indeependence.experiment.checkpoints import (
    Progress,
    pieces,
    plan_of,
    progress_to_go_on_from,
    stopping_on_interrupt,
)
from indeependence.files import container as model_file
from indeependence.files.lock import sole_writer
from indeependence.models.classifier.storage import read_model, write_model
from tests import ROOT
from tests.files.killing import nothing_drawn

pytestmark = pytest.mark.slow  # seconds, or many of them

SMALL = ["train", "--layers", "16", "--tasks", "5", "--checkpoint-every", "50", "--threads", "1"]
HANGS = 300  # seconds after which something waits for what will never come; no work takes as long


def finish(path, *more):
    with nothing_drawn():
        result = CliRunner().invoke(cli, [*SMALL, "--model", str(path), "--json", *more], catch_exceptions=False)
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return finish(tmp_path_factory.mktemp("whole") / "m")["model_sha256"]


@pytest.mark.parametrize("ledger", ["none", "task", "class"])
def test_a_run_goes_on_from_its_checkpoint_to_the_same_model(tmp_path, monkeypatch, undisturbed, ledger):
    stop_at(monkeypatch, 700)
    with pytest.raises(RuntimeError, match="pulled the plug"):
        finish(tmp_path / "m", "--ledger", ledger)
    left = read_model(tmp_path / "m")
    assert 0 < left.progress["done"] <= 700 and left.ledger.total.count == left.progress["done"]
    monkeypatch.undo()
    told = finish(tmp_path / "m", "--ledger", ledger, "--resume")
    assert told["model_sha256"] == undisturbed
    assert told["learned_now"] == told["examples"] - left.progress["done"]
    if ledger == "task":
        assert list(told["tasks"]) == ["1", "2", "3", "4", "5"]


def stop_at(monkeypatch, count):
    """Learning breaks off after that many examples, as by a failing machine."""
    learn = ContinualClassifier.learn

    def failing(self, batches, classes=None, *, task=None):
        if self.moments_.count > count - 50:
            raise RuntimeError("pulled the plug")
        return learn(self, batches, classes, task=task)

    monkeypatch.setattr(ContinualClassifier, "learn", failing)


def test_a_finished_run_that_is_resumed_learns_nothing_twice(tmp_path, undisturbed):
    finish(tmp_path / "m")
    told = finish(tmp_path / "m", "--resume")
    assert told["model_sha256"] == undisturbed and told["learned_now"] == 0


def test_learning_the_same_checkpoint_again_or_another_runs_checkpoint_is_refused(tmp_path, monkeypatch):
    stop_at(monkeypatch, 300)
    with pytest.raises(RuntimeError, match="pulled the plug"):
        finish(tmp_path / "m")
    monkeypatch.undo()
    before = (tmp_path / "m").read_bytes()
    for more, message in (
        (["--resume", "--classes", "0,1,2,3,4"], "is no checkpoint of this run: give the options it began with"),
        (["--resume", "--seed", "1"], "is no checkpoint of this run"),
        (["--resume", "--load", "--limit", "700"], "is no checkpoint of this run"),
    ):
        with pytest.raises(InputError, match=message):
            finish(tmp_path / "m", *more)
    assert (tmp_path / "m").read_bytes() == before


def test_going_on_twice_with_the_same_examples_asks_for_resume(tmp_path, monkeypatch):
    finish(tmp_path / "m", "--limit", "100", "--tasks", "1")
    stop_at(monkeypatch, 300)
    with pytest.raises(RuntimeError, match="pulled the plug"):
        finish(tmp_path / "m", "--load", "--skip", "100")
    monkeypatch.undo()
    with pytest.raises(InputError, match="has learned 2.. of these 1,338 examples: go on with --resume"):
        finish(tmp_path / "m", "--load", "--skip", "100")
    told = finish(tmp_path / "m", "--load", "--skip", "100", "--resume")
    finish(tmp_path / "other", "--limit", "100", "--tasks", "1")
    assert told["model_sha256"] == finish(tmp_path / "other", "--load", "--skip", "100")["model_sha256"]


INTERRUPTED = """
import signal
from indeependence import ContinualClassifier
from indeependence.commands import main

def learn_with_interrupt(model, batches, *, learn=ContinualClassifier.learn, **more):
    def interrupted():
        for number, batch in enumerate(batches, start=1):
            if number == 700:
                signal.raise_signal(signal.SIGINT)
            yield batch
    return learn(model, interrupted(), **more)

ContinualClassifier.learn = learn_with_interrupt
main()
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_control_c_leaves_a_checkpoint_in_the_middle_of_a_task_and_exits_with_130(tmp_path, name):
    once = ["--tasks", "1", "--checkpoint-every", "1000000", "--batch-size", "1", "--model", str(tmp_path / "m")]
    command = [sys.executable, "-c", INTERRUPTED.replace("SIGINT", name), *SMALL, *once]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 130 and "Traceback" not in done.stderr
    assert "holds 700 of 1,438 examples: go on with --resume" in done.stderr
    assert read_model(tmp_path / "m").progress["done"] == 700
    whole = finish(tmp_path / "whole", "--tasks", "1")["model_sha256"]
    assert finish(tmp_path / "m", "--resume", "--tasks", "1")["model_sha256"] == whole


def test_a_second_control_c_interrupts_at_once():
    with pytest.raises(KeyboardInterrupt), stopping_on_interrupt() as stopped:
        assert not stopped()
        signal.raise_signal(signal.SIGINT)
        assert stopped()
        signal.raise_signal(signal.SIGINT)


def hold(path, held, let_go):
    with sole_writer(path):
        held.set()
        let_go.wait(HANGS)


def test_the_second_writer_of_a_file_is_told_and_a_killed_one_holds_up_nobody(children, tmp_path):
    held, let_go = children.Event(), children.Event()
    child = children.Process(target=hold, args=(tmp_path / "m", held, let_go))
    child.start()
    assert held.wait(HANGS)
    with pytest.raises(InputError, match=f"m is being written by another process \\({child.pid}\\): wait for it"):
        finish(tmp_path / "m")
    child.kill()
    child.join()
    assert [file.name for file in tmp_path.iterdir()] == [".m.lock"]  # what a killed process leaves
    finish(tmp_path / "m", "--limit", "100", "--tasks", "1")
    assert [file.name for file in tmp_path.iterdir()] == ["m"]


def test_a_lock_that_was_removed_while_we_waited_for_it_is_not_ours(tmp_path, monkeypatch):
    import fcntl

    flock, calls = fcntl.flock, []

    def late(descriptor, how):
        calls.append(descriptor)
        if len(calls) == 1:
            (tmp_path / ".m.lock").unlink()  # by its holder, between our opening and our locking
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with sole_writer(tmp_path / "m"):
        assert len(calls) == 2 and (tmp_path / ".m.lock").exists()


def train_as_nobody(open_folder, closed_folder, told):
    """Tells the message of a run that may not write; root's rights are given up once everything is imported."""
    finish(open_folder / "m", "--limit", "100", "--tasks", "1")
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        finish(closed_folder / "m")
    except InputError as error:
        told.put(str(error))


def test_a_read_only_folder_is_told_in_one_line_before_any_work(children, tmp_path):
    told = children.Queue()
    with tempfile.TemporaryDirectory() as closed:  # not in tmp_path, which nobody else may enter
        Path(closed).chmod(0o555)
        child = children.Process(target=train_as_nobody, args=(tmp_path, Path(closed), told))
        child.start()
        message = told.get(timeout=HANGS)
        child.join()
        assert not list(Path(closed).iterdir())
    assert message.endswith("Permission denied; choose a folder and a file you may write to")
    assert "\n" not in message


def test_a_disk_that_fills_up_on_the_way_leaves_the_last_checkpoint(tmp_path, monkeypatch, undisturbed):
    write, count = model_file.write_atomically, []

    def filling(path, data):
        count.append(path)
        if len(count) > 6:
            raise InputError(f"cannot write {path}: No space left on device; free some space")
        write(path, data)

    monkeypatch.setattr(model_file, "write_atomically", filling)
    with pytest.raises(InputError, match="No space left on device"):
        finish(tmp_path / "m")
    assert read_model(tmp_path / "m").progress["done"] == 250
    monkeypatch.undo()
    assert finish(tmp_path / "m", "--resume")["model_sha256"] == undisturbed


def test_pieces_cover_what_is_left_and_end_with_their_task():
    tasks = [Examples(str(n), np.arange(n)[:, None], np.arange(n), np.arange(n)) for n in (5, 3)]
    for done in range(9):
        left = [(index, piece.y[piece.rows].tolist()) for index, piece in pieces(tasks, done, 2)]
        assert sum(len(rows) for _, rows in left) == 8 - done
        assert all(len(rows) <= 2 for _, rows in left)
    assert [(index, len(piece)) for index, piece in pieces(tasks, 0, 2)] == [(0, 2), (0, 2), (0, 1), (1, 2), (1, 1)]


def test_another_order_other_inputs_or_another_model_is_another_plan():
    x, y = np.arange(200.0).reshape(100, 2), np.arange(100) % 3
    plan = plan_of([Examples("all", x, y, np.arange(100))], {"layers": "5"})
    assert plan_of([Examples("all", x, y, np.arange(100))], {"layers": "5"}) == plan
    others = [
        plan_of([Examples("all", x, y, np.arange(100)[::-1])], {"layers": "5"}),
        plan_of([Examples("all", x + 1, y, np.arange(100))], {"layers": "5"}),
        plan_of([Examples("all", x, y, np.arange(100))], {"layers": "6"}),
        plan_of([Examples("all", x, y, np.arange(50)), Examples("all", x, y, np.arange(50, 100))], {"layers": "5"}),
    ]
    assert len({plan, *others}) == 5


def test_damaged_progress_is_told(tmp_path):
    finish(tmp_path / "m", "--limit", "100", "--tasks", "1")
    model = read_model(tmp_path / "m")
    for progress in ({"plan": "x"}, {**asdict(Progress("x", 1, 2)), "done": "many"}):
        write_model(tmp_path / "m", type(model)(model.encoder, model.ledger, model.options, progress))
        with pytest.raises(InputError, match="damaged model, its progress cannot be read"):
            progress_to_go_on_from(tmp_path / "m", Progress("y", 0, 2), load=True, resume=False)

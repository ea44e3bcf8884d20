"""Many workers, one model: a real cluster of processes, one of them killed, and the same fingerprint."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from indeependence import load_dataset
from indeependence.commands import cli
from indeependence.distributed import cluster
from indeependence.errors import InputError
from tests import ROOT

pytest.importorskip("distributed")
LAYERS = "patches:8:size=3:pool=2:stride=2,+sparse:40"
COPIES = 4
HANGS = 200  # seconds after which something waits for what will never come; no work takes as long
STACKS = f"import faulthandler; faulthandler.dump_traceback_later({HANGS - 30})"  # of every process that is then alive


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Digits, several times over, as .npy files."""
    digits = load_dataset("digits")
    folder = tmp_path_factory.mktemp("digits")
    for part in ("x_train", "y_train", "x_test", "y_test"):
        array = getattr(digits, part)
        np.save(folder / f"{part}.npy", np.concatenate([array] * COPIES) if "train" in part else array)
    return folder


def of(folder):
    """The options that say what is learned."""
    return ["--data", folder, "--layers", LAYERS, "--bootstrap-limit", 200, "--tasks", 2, "--json"]


def train(folder, model, *more, program=(str(ROOT / "cli.py"),)):
    """A finished run of ``train``, by cli.py or another ``program``; one that hangs tells where."""
    (model.parent / "sitecustomize.py").write_text(STACKS)  # which every process of Python's reads at its start
    options = [*of(folder), "--model", model]
    try:
        return subprocess.run(
            [sys.executable, *program, "train", *map(str, options), *map(str, more)],
            **{"capture_output": True, "text": True, "timeout": HANGS},
            **{"cwd": model.parent, "env": {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{model.parent}"}},
            start_new_session=True,  # a signal to its whole group is for no one else
        )
    except subprocess.TimeoutExpired as hung:
        pytest.fail(f"hangs for {HANGS} seconds:\n{(hung.stderr or b'').decode(errors='replace')}")


@pytest.fixture(scope="module")
def alone(folder, tmp_path_factory):
    """What one process learns: this one."""
    path = tmp_path_factory.mktemp("m")
    more = ["--model", path / "m", "--output", path / "out", "--quiet"]
    return json.loads(CliRunner().invoke(cli, list(map(str, ["train", *of(folder), *more]))).stdout)["model_sha256"]


STRIKING = """
import itertools, multiprocessing.process, os, signal, sys
import distributed
from indeependence.commands import main

def call_and_strike(self, *given, method={method}, calls=itertools.count(1), **named):
    result = method(self, *given, **named)
    if next(calls) == {at}:
        {deed}
        print("struck", file=sys.stderr)
    return result

{method} = call_and_strike
main()
"""


def striking(deed, *, at, method):
    """A program like cli.py in which ``deed`` happens right after the so-and-so-manieth call of a method."""
    return "-c", STRIKING.format(deed=deed, at=at, method=method)


KILL_A_WORKER = """held = self.has_what()
        os.kill(self.run(os.getpid)[max(held, key=lambda one: len(held[one]))], signal.SIGKILL)"""
PRESS_CONTROL_C = "os.killpg(0, signal.SIGINT)"  # as a terminal does: to all of the group
WHILE_THEY_START = {"method": "multiprocessing.process.BaseProcess.start", "at": 2}
WHILE_THEY_WORK = {"method": "distributed.Client.submit", "at": 20}  # past the first checkpoint


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_changes_no_bit(folder, alone, tmp_path):
    program = striking(KILL_A_WORKER, **WHILE_THEY_WORK)
    done = train(folder, tmp_path / "m", "--workers", 2, "--checkpoint-every", 2000, program=program)
    assert done.returncode == 0 and "struck" in done.stderr, done.stderr
    told = json.loads(done.stdout)
    assert told["model_sha256"] == alone and told["examples"] == 1438 * COPIES


@pytest.mark.slow
@pytest.mark.parametrize("when", [WHILE_THEY_START, WHILE_THEY_WORK], ids=["start", "work"])
def test_control_c_with_workers_leaves_a_checkpoint_and_exits_with_130(folder, tmp_path, when):
    program = striking(PRESS_CONTROL_C, **when)
    done = train(folder, tmp_path / "m", "--workers", 2, "--checkpoint-every", 200, program=program)
    assert done.returncode == 130 and "struck" in done.stderr, done.stderr
    assert "go on with --resume" in done.stderr


@pytest.mark.slow
def test_a_running_scheduler_is_used_and_a_ledger_by_class_kept(folder, alone, tmp_path):
    code = (
        "from distributed import LocalCluster\n"
        "if __name__ == '__main__':\n"
        "    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:\n"
        "        print(cluster.scheduler_address, flush=True); input()"
    )
    (tmp_path / "cluster.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, tmp_path / "cluster.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as cluster:
        address = cluster.stdout.readline().strip()
        done = train(folder, tmp_path / "m", "--scheduler", address, "--ledger", "class")
        cluster.communicate("\n", timeout=HANGS)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["model_sha256"] == alone and told["ledger"] == "class"


@pytest.mark.slow
def test_blocks_of_products_on_real_workers_give_the_same_bits(folder, alone, tmp_path):
    done = train(folder, tmp_path / "m", "--workers", 2, "--gram-blocks", 3)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model_sha256"] == alone


def test_without_dask_and_without_a_scheduler_one_line_says_what_to_do(monkeypatch):
    with pytest.raises(InputError, match="no scheduler of Dask answers at nonsense://x: start one with dask scheduler"):
        with cluster.connected(scheduler="nonsense://x"):
            pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"workers need Dask: pip install 'indeependence\[distributed\]'"):
        with cluster.connected(workers=1):
            pass


def test_workers_and_a_scheduler_are_not_both_asked_for(refuse):
    assert "leave out either it or --scheduler" in refuse("train", "--workers", 2, "--scheduler", "tcp://x:1", code=2)
    assert "--gram-blocks goes with --workers" in refuse("train", "--gram-blocks", 2, code=2)

"""The clusters of docs/howto/cluster.md, as far as they can be tried without one: their commands, run here."""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from indeependence import ContinualClassifier
from tests import ROOT
from tests.docs.reader import blocks_of

pytest.importorskip("distributed")
yaml = pytest.importorskip("yaml")
pytestmark = pytest.mark.slow

BLOCKS = {block.language: block.text for block in blocks_of((ROOT / "docs/howto/cluster.md").read_text())}
BIN = Path(sys.executable).parent
ENDS = 200  # seconds within which anything ends
STAND_INS = {
    "hostname": "echo 127.0.0.1",
    "srun": 'trap \'kill %1 %2\' TERM\n"$@" &\n"$@" &\nwait',  # two tasks on this machine
    "dask": f'exec {sys.executable} -m dask "$@"',
    "python": f'exec {sys.executable} "$@"',
}


@pytest.fixture
def here(tmp_path):
    """What to write for the names of a cluster: a small data set, a folder and a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        "/shared/pictures": "digits",
        "/shared/model.safetensors": str(tmp_path / "model.safetensors"),
        "scheduler:8786": f"127.0.0.1:{port}",
        "8786": str(port),
    }


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The fingerprint that one process learns."""
    path = tmp_path_factory.mktemp("alone") / "model.safetensors"
    command = [sys.executable, "cli.py", "train", "--data", "digits", "--quiet", "--model", str(path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=ENDS)
    return ContinualClassifier.load(path).moments_.fingerprint


def written(text, here):
    """Return a text of the page with what stands for its names here."""
    for name, value in here.items():
        text = text.replace(name, value)
    return text


def test_the_job_of_slurm_learns_what_one_process_does(here, alone, tmp_path):
    for name, does in STAND_INS.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{does}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "learn.sh").write_text(written(BLOCKS["shell"], here))
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    with (tmp_path / "said").open("w") as said:
        done = subprocess.run(
            ["bash", str(tmp_path / "learn.sh")], cwd=ROOT, env=environment, stdout=said, stderr=said, timeout=ENDS
        )
    assert done.returncode == 0, (tmp_path / "said").read_text()
    assert ContinualClassifier.load(here["/shared/model.safetensors"]).moments_.fingerprint == alone


def test_the_pods_of_kubernetes_learn_what_one_process_does(here, alone):
    pods = [yaml.safe_load(written(part, here)) for part in BLOCKS["yaml"].split("---\n")]
    specs = [pod["spec"]["template"]["spec"] for pod in pods if "template" in pod["spec"]]
    for spec in specs:
        named = {volume["name"] for volume in spec.get("volumes", [])}
        assert {mount["name"] for one in spec["containers"] for mount in one.get("volumeMounts", [])} == named
    scheduler, worker, learn = ([sys.executable, "-m", *spec["containers"][0]["command"]] for spec in specs)
    with ExitStack() as stack:
        for command in (scheduler, worker):
            process = stack.enter_context(
                subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
            stack.callback(process.terminate)
        done = subprocess.run(learn, cwd=ROOT, capture_output=True, text=True, timeout=ENDS)
    assert done.returncode == 0, done.stderr
    assert ContinualClassifier.load(here["/shared/model.safetensors"]).moments_.fingerprint == alone

"""What several tests share: where the real data is, small encoders, commands, and a quick deterministic Hypothesis."""

import json
import multiprocessing
import os
import subprocess
import sys
from multiprocessing import forkserver
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:  # one thread for each of several workers; more would wait for one another
    os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1"))

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, settings

from indeependence.commands import cli
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.errors import InputError
from tests import ROOT

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")
for name in ("CONNECT", "TCP"):  # Dask waits 30 seconds, which is little on a busy machine; read when it is imported
    os.environ.setdefault(f"DASK_DISTRIBUTED__COMM__TIMEOUTS__{name}", "300s")


@pytest.fixture
def real_data() -> Path:
    """The folder with mnist/, fashion-mnist/ and cifar10/, named by the environment variable INDEEPENDENCE_DATA."""
    folder = os.environ.get("INDEEPENDENCE_DATA")
    if not folder:
        pytest.skip("set INDEEPENDENCE_DATA to the folder that holds mnist/, fashion-mnist/ and cifar10/")
    return Path(folder)


@pytest.fixture(scope="session")
def pictures() -> np.ndarray:
    """Forty small grey pictures [40, 10, 10] with some structure: blurred noise."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 11, 11))
    return ((noise[:, :-1, :-1] + noise[:, 1:, :-1] + noise[:, :-1, 1:] + noise[:, 1:, 1:]) // 4).astype(np.uint8)


@pytest.fixture(scope="session")
def encoder(pictures):
    """A small encoder of every kind of step: patches, pooling, and a sparse layer beside."""
    return bootstrap(pictures, "patches:6:size=3:pool=4:stride=4,+sparse:20")


@pytest.fixture
def ask(monkeypatch, tmp_path):
    """Runs a command in this process, in an empty folder; gives the JSON it printed."""
    monkeypatch.chdir(tmp_path)

    def asked(*arguments):
        result = CliRunner().invoke(cli, [*map(str, arguments), "--json"], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return asked


@pytest.fixture
def refuse(monkeypatch, tmp_path):
    """Runs a command that must fail and write nothing; gives its message."""
    monkeypatch.chdir(tmp_path)

    def refused(*arguments, code=1):
        before = sorted(tmp_path.rglob("*"))
        result = CliRunner().invoke(cli, list(map(str, arguments)))
        if code == 1:
            assert isinstance(result.exception, InputError), result.output
            message = str(result.exception)
            assert "\n" not in message
        else:
            assert result.exit_code == code
            message = result.output
        assert result.stdout == "" and sorted(tmp_path.rglob("*")) == before
        return message

    return refused


@pytest.fixture(scope="session")
def children():
    """Processes that have imported already what most commands need, and have one thread."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["indeependence.commands", "indeependence.experiment.evaluation", "matplotlib.figure", "rich"]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        forkserver.ensure_running()
    return context


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the documentation's site, built without a warning."""
    for name in ("mkdocs", "material", "mkdocstrings", "latex2mathml"):
        pytest.importorskip(name, reason="pip install -r requirements-docs.txt")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # the theme's note on its successor
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    return folder

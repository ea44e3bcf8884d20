"""What goes wrong on a cluster is said in one line within a stated time, and the checkpoint stays."""

import asyncio
import json
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from indeependence import ContinualClassifier
from indeependence.commands import cli
from indeependence.data.selection import Source
from indeependence.distributed import cluster, same, shards, tasks
from indeependence.errors import InputError

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")
pytestmark = pytest.mark.slow
QUICK = 0.5  # seconds, in place of minutes


def in_this_process(workers, **more):
    """A scheduler at a port of this process, with so many workers in it."""
    settings = {"protocol": "tcp://", "processes": False, "dashboard_address": "127.0.0.1:0", **more}
    threads = {"threads_per_worker": 1} if workers else {}  # without workers, Dask would start one for the threads
    return distributed.LocalCluster(n_workers=workers, **threads, **settings)


@pytest.fixture(scope="module")
def local():
    """A scheduler in this process, with one worker in it."""
    with in_this_process(1) as local:
        yield local


@pytest.fixture
def impatient(monkeypatch):
    for module, name in ((cluster, "ANSWER"), (tasks, "QUIET"), (tasks, "LOOK")):
        monkeypatch.setattr(module, name, QUICK)


@pytest.fixture
def data(tmp_path):
    """A table of numbers in a file."""
    path = tmp_path / "data.npz"
    np.savez(path, x=np.random.default_rng(0).integers(0, 256, (60, 6), np.uint8), y=np.arange(60) % 2)
    return path


def run(*arguments):
    """A finished command in this process."""
    return CliRunner().invoke(cli, list(map(str, arguments)))


def test_a_scheduler_without_workers_is_refused_and_the_run_goes_on_where_it_stopped(data, tmp_path, monkeypatch):
    train = ("train", "--data", data, "--layers", 3, "--output", tmp_path / "out", "--quiet", "--json")
    alone = run(*train, "--model", tmp_path / "alone")
    with in_this_process(0) as local:
        more = (*train, "--model", tmp_path / "m", "--scheduler", local.scheduler_address)
        with monkeypatch.context() as patch:
            patch.setattr(cluster, "ANSWER", QUICK)
            refused = run(*more)
        assert isinstance(refused.exception, InputError)
        assert "has no workers, nor after 0.5 seconds: start dask worker" in str(refused.exception)
        assert str(refused.exception).endswith("m keeps what was learned before: then go on with --resume")
        local.scale(1)
        done = run(*more, "--resume")
    assert json.loads(done.stdout)["model_sha256"] == json.loads(alone.stdout)["model_sha256"]


def test_a_task_that_nobody_does_is_given_up_and_a_long_one_is_not(local, impatient):
    with cluster.connected(scheduler=local.scheduler_address) as client:
        with pytest.raises(tasks.Stalled):
            tasks.result_of(client, client.submit(len, "abc", workers=["127.0.0.1:1"], pure=False))
        event = distributed.Event("long enough", client=client)
        looks = []
        asked = client.submit(waits_for, event.name, pure=False)
        identity = client.scheduler.identity

        async def looked():
            looks.append(1)
            if len(looks) == 5:  # far longer than is waited for those who do nothing
                await event.set()
            return await identity()

        client.scheduler.identity = looked
        assert tasks.result_of(client, asked) == "done" and len(looks) >= 5


def waits_for(name):
    distributed.Event(name).wait()
    return "done"


def test_stalled_work_is_handed_out_again_and_then_given_up():
    begun = []

    @tasks.handed_out_again
    def work(client, stalls):
        begun.append(client)
        if len(begun) <= stalls:
            raise tasks.Stalled
        return "done"

    assert work("client", 2) == "done" and begun == ["client"] * 3
    begun.clear()
    with pytest.raises(InputError, match="no worker does what it is asked, 3 times"):
        work("client", 9)


def test_a_scheduler_or_the_last_worker_that_is_lost_in_the_middle_ends_the_wait(impatient):
    with in_this_process(1) as local:
        with cluster.connected(scheduler=local.scheduler_address) as client:
            asked = client.submit(len, "abc", workers=["127.0.0.1:1"])
            local.scale(0)
            with pytest.raises(InputError, match="no worker is left since 0.5 seconds"):
                tasks.result_of(client, asked)
            local.close()
            with pytest.raises(InputError, match="the scheduler of Dask is lost"):
                tasks.result_of(client, asked)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes cannot be stopped")
def test_a_scheduler_that_stands_still_ends_every_wait_and_the_checkpoint_stays(data, tmp_path, impatient, monkeypatch):
    monkeypatch.setattr(cluster, "CLOSES", QUICK)
    command = ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    with subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, text=True) as scheduler:
        try:
            with monkeypatch.context() as patch:
                patch.setattr(cluster, "ANSWER", 300)  # it may take long to start
                address = address_in(scheduler.stderr)
                client = distributed.Client(address, timeout=300, set_as_default=False)
                assert cluster.workers_of(client) == 0
            asked = client.submit(len, "abc")
            os.kill(scheduler.pid, signal.SIGSTOP)
            for wait in (cluster.workers_of, lambda one: tasks.result_of(one, asked)):
                with pytest.raises(InputError, match="the scheduler of Dask is lost, or answers no more"):
                    wait(client)
            train = ("train", "--data", data, "--layers", 3, "--output", tmp_path / "out", "--quiet")
            refused = run(*train, "--model", tmp_path / "m", "--scheduler", address)
            assert "no scheduler of Dask answers at" in str(refused.exception)
            assert str(refused.exception).endswith("m keeps what was learned before: then go on with --resume")
            assert ContinualClassifier.load(tmp_path / "m").moments_.count == 0
        finally:
            scheduler.kill()
    cluster._closed(client)


def address_in(lines):
    """The address of a scheduler that is starting, once it tells it."""
    return next(line.split()[-1] for line in lines if "Scheduler at:" in line)


def test_workers_without_the_package_or_with_another_version_are_refused(tmp_path, monkeypatch):
    with in_this_process(0) as local:
        command = ["-m", "distributed.cli.dask_worker", local.scheduler_address, "--no-dashboard", "--no-nanny"]
        with subprocess.Popen(
            [sys.executable, *command], cwd=tmp_path, env={"PYTHONPATH": ""}, stderr=subprocess.DEVNULL
        ) as worker:
            try:
                with pytest.raises(
                    InputError, match="the worker at tcp.*No module named 'indeependence'.*same versions"
                ):
                    with cluster.connected(scheduler=local.scheduler_address):
                        pass
            finally:
                worker.kill()
    other = tuple((name, "0.0" if name == "numpy" else version) for name, version in same.here())
    with pytest.raises(InputError, match=f"the worker on {socket.gethostname()} .*numpy 0.0 expected and .* found"):
        tasks.as_here(other, len, "abc")
    assert tasks.as_here(same.here(), len, "abc") == 3


def test_another_state_of_the_same_version_is_noticed(tmp_path):
    shutil.copytree(Path(same.__file__).parents[1], tmp_path / "p", ignore=shutil.ignore_patterns("__pycache__"))
    before = same._digest(tmp_path / "p")
    assert before == dict(same.here())["indeependence"]
    with (tmp_path / "p" / "errors.py").open("a") as file:
        file.write("\n")
    assert same._digest(tmp_path / "p") != before


@pytest.mark.parametrize("what", ["cut short", "missing"])
def test_a_file_that_is_cut_short_or_missing_on_a_worker_is_one_line(data, what):
    encoder = ContinualClassifier("3").bootstrap(np.load(data)["x"]).encoder_
    located = shards.Located.of(Source(str(data), test_fraction=0))
    if what == "missing":
        data.unlink()
    else:
        data.write_bytes(data.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"data\.npz.*on (this )?worker|data\.npz.*worker on"):
        tasks.as_here(same.here(), shards.sum_shard, encoder, located, range(40), batch_size=9)


def test_what_does_not_close_is_left_and_new_processes_give_up_on_dead_ones(monkeypatch):
    monkeypatch.setattr(cluster, "CLOSES", QUICK)
    with dask.config.set({"distributed.comm.timeouts.connect": "300s"}):
        with cluster.connected(workers=1) as client:
            (pid,) = client.run(os.getpid).values()
            (child,) = (one for one in multiprocessing.active_children() if one.pid == pid)
            assert list(client.run(dask.config.get, "distributed.comm.timeouts.connect").values()) == [cluster.PEER]
            for nanny in client.cluster.workers.values():
                monkeypatch.setattr(nanny, "close", never)
            monkeypatch.setattr(client.cluster, "_close", never)
    until = time.monotonic() + 60
    while child.exitcode is None and time.monotonic() < until:
        child.join(1)  # a thread of Dask's waits for it, too: whoever comes second learns how it ended a moment later
    assert child.exitcode == -signal.SIGKILL


async def never(*given, **named):
    await asyncio.Event().wait()


def test_tls_with_a_certificate_of_ones_own(data, tmp_path, monkeypatch):
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-days", "1"]
    subprocess.run(["openssl", *made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    roles = {f"tls_{role}_{part}": path for role in ("scheduler", "worker", "client")
             for part, path in (("key", str(key)), ("cert", str(certificate)))}  # fmt: skip
    security = distributed.Security(tls_ca_file=str(certificate), require_encryption=True, **roles)
    client = {"ca-file": str(certificate), "client.cert": str(certificate), "client.key": str(key)}
    settings = {f"distributed.comm.tls.{name}": value for name, value in client.items()}
    with in_this_process(1, protocol="tls://", security=security) as local:
        address = local.scheduler_address
        assert address.startswith("tls://")
        with pytest.raises(InputError, match="needs certificates: name them in Dask's configuration"):
            with cluster.connected(scheduler=address):
                pass
        with dask.config.set({**settings, "distributed.comm.tls.client.key": str(data)}):
            with pytest.raises(InputError, match="certificates of Dask's configuration cannot be read"):
                with cluster.connected(scheduler=address):
                    pass
        with dask.config.set(settings), cluster.connected(scheduler=address) as connected:
            encoder = ContinualClassifier("3").bootstrap(np.load(data)["x"]).encoder_
            located = shards.Located.of(Source(str(data), test_fraction=0))
            sums = shards.sum_shards(connected, encoder, located, np.arange(60))
    there = np.load(data)
    expected = ContinualClassifier().start(encoder).partial_fit(there["x"], there["y"])
    assert sums.fingerprint == expected.moments_.fingerprint

"""A Dask client of new processes on this machine or of a running scheduler, and how its failures are reported."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from multiprocessing import resource_tracker
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from indeependence.distributed.same import differences, here
from indeependence.errors import InputError

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger(__name__)
ANSWER = 60  # seconds within which a scheduler answers and its workers come up, also on a busy machine
START = 300  # seconds within which new processes come up
CLOSES = 20  # seconds after which new processes that do not end by themselves are killed
POLL = 0.2  # seconds from one look for the first worker to the next
PEER = "10s"  # for which a worker tries to reach another, which may have died; the kernel alone answers on one machine


@contextmanager
def connected(*, workers: int | None = None, scheduler: str | None = None) -> Iterator[Client]:
    """Yield a Dask client of so many new processes on this machine, or of a running ``scheduler``.

    A scheduler at ``tls://…`` is reached with the certificates that Dask's own configuration names.

    Raises `InputError` if Dask is not installed, the scheduler does not answer or has no workers, or they differ from
    this machine in what matters for the result.
    """
    try:
        from distributed import utils
    except ImportError as error:
        raise InputError("workers need Dask: pip install 'indeependence[distributed]'") from error
    with utils.silence_logging_cmgr(_dask_notes()):  # we say in one line what Dask says in tracebacks
        with _of_new_processes(workers) if scheduler is None else _of_scheduler(scheduler) as client:
            yield client


def _dask_notes() -> int:
    """Return the level from which on Dask's own messages are shown: all warnings where ours are asked for."""
    return logging.WARNING if log.isEnabledFor(logging.INFO) else logging.CRITICAL


@contextmanager
def _of_scheduler(address: str) -> Iterator[Client]:
    from distributed import Client

    _check_certificates(address)
    try:
        asyncio.run(_answers(address))
        client = Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError, asyncio.TimeoutError) as error:
        raise InputError(
            f"no scheduler of Dask answers at {address}: start one with dask scheduler ({_cause(error)})"
        ) from error
    try:
        _wait_for_workers(client, address)
        check_same(client)
        yield client
    finally:
        _closed(client)


async def _answers(address: str) -> None:
    """Ask a scheduler for an answer: a client heeds no time limit where it is connected and none comes."""
    from distributed.core import rpc
    from distributed.security import Security

    security: Any = Security().get_connection_args("client")
    async with rpc(address, connection_args=security) as scheduler:
        await asyncio.wait_for(scheduler.identity(), ANSWER)


def _wait_for_workers(client: Client, address: str) -> None:
    """Return as soon as there is a worker; raise `InputError` if there is none after `ANSWER` seconds."""
    until = monotonic() + ANSWER
    while not workers_of(client):
        if monotonic() > until:
            raise InputError(
                f"the scheduler at {address} has no workers, nor after {ANSWER} seconds: start dask worker {address}"
            )
        sleep(POLL)


def _check_certificates(address: str) -> None:
    """Raise `InputError` if Dask's configuration names no certificates for a ``tls://`` address, or bad ones."""
    from distributed.security import Security

    try:
        given = Security().get_connection_args("client")["ssl_context"]
    except (OSError, ValueError) as error:
        raise InputError(f"the certificates of Dask's configuration cannot be read: {_cause(error)}") from error
    if address.startswith("tls://") and given is None:
        raise InputError(
            f"{address} needs certificates: name them in Dask's configuration, e.g. by the environment variables "
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__CLIENT__CERT and …__CLIENT__KEY"
        )


@contextmanager
def _of_new_processes(count: int | None) -> Iterator[Client]:
    from distributed import Client, LocalCluster

    before = set(multiprocessing.active_children())
    settings = {"distributed.comm.timeouts.connect": PEER}
    with interrupts_held_back():
        try:
            cluster = LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                death_timeout=START,
                config=settings,
                silence_logs=_dask_notes(),
            )
        except (OSError, RuntimeError, asyncio.TimeoutError) as error:
            raise InputError(f"workers did not start: try fewer ({_cause(error)})") from error
    nannies = list(cluster.workers.values())
    try:
        client = Client(cluster, timeout=ANSWER, set_as_default=False)
        try:
            yield client
        finally:
            _closed(client)
    finally:
        if not _closed(cluster):
            for nanny in nannies:
                nanny.close_gracefully()  # it starts no process again
            for process in set(multiprocessing.active_children()) - before:
                process.kill()


def _closed(one: Any) -> bool:
    """Close a client or a cluster, and return whether it took less than `CLOSES` seconds: its results are there."""
    try:
        one.close(timeout=CLOSES)
    except Exception as error:
        log.warning("%s did not close in good order: %s", type(one).__name__, _cause(error))
        return False
    return True


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Hold Ctrl-C back until the end of the block; processes that are started in it never get one.

    So only this process gets it, and ends the work in good order, even while the workers start.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # a process of Python's own, whose start would let interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def workers_now(client: Client) -> dict[str, Any]:
    """Return what the scheduler knows of each worker; raise `InputError` if it says nothing for `ANSWER` seconds."""
    scheduler: Any = client.scheduler
    try:
        found: dict[str, Any] = client.sync(scheduler.identity, callback_timeout=ANSWER)["workers"]
    except (OSError, asyncio.TimeoutError, CancelledError) as error:
        raise lost() from error
    return found


def lost() -> InputError:
    """Return the error of a scheduler that cannot be reached any more."""
    return InputError("the scheduler of Dask is lost, or answers no more: start it again")


def workers_of(client: Client) -> int:
    """Return how many workers there are now; raise `InputError` as `workers_now` does."""
    return len(workers_now(client))


def check_same(client: Client) -> None:
    """Raise `InputError` if the scheduler or a worker has not the same versions as this machine, or does not answer."""
    try:
        answers = {"the scheduler": client.run_on_scheduler(differences, here(), callback_timeout=ANSWER)}
        answers |= client.run(differences, here(), on_error="return", callback_timeout=ANSWER)
    except asyncio.TimeoutError as error:
        raise lost() from error
    except (ImportError, AttributeError, OSError) as error:
        answers = {"the scheduler": error}
    for who, what in answers.items():
        if what:
            name = who if who == "the scheduler" else f"the worker at {who}"
            raise InputError(
                f"{name} is not as this machine ({what}): install the same versions on every machine of the cluster"
            )


def _cause(error: BaseException) -> str:
    """Return what is behind an error, in a few words."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__

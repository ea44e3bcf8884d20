"""A Dask client of new processes on this machine or of a running scheduler, and how its failures are reported."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

from indeependence.errors import InputError

if TYPE_CHECKING:
    from distributed import Client

ANSWER = "60s"  # within which a scheduler answers, also on a busy machine


@contextmanager
def connected(*, workers: int | None = None, scheduler: str | None = None) -> Iterator[Client]:
    """Yield a Dask client of so many new processes on this machine, or of a running ``scheduler``.

    Raises `InputError` if Dask is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise InputError("workers need Dask: pip install 'indeependence[distributed]'") from error
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=ANSWER)
        except (OSError, ValueError) as error:
            raise InputError(f"no scheduler of Dask answers at {scheduler}: start one with dask scheduler") from error
        with client:
            yield client
        return
    with interrupts_held_back():
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0")
    with cluster, Client(cluster) as client:
        yield client


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


def workers_of(client: Client) -> int:
    """Return how many workers there are now."""
    return len(client.scheduler_info(n_workers=-1)["workers"])


@contextmanager
def reported_if_killed() -> Iterator[None]:
    """Raise `InputError` if workers go on dying in the block."""
    from distributed import KilledWorker

    try:
        yield
    except KilledWorker as error:
        raise InputError("workers died again and again on the same examples: give them more memory") from error

"""Tasks for Dask's workers, which refuse what they cannot do alike, and results that are never waited for in vain."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import socket
from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from indeependence.distributed import cluster
from indeependence.distributed.same import Versions, differences, here
from indeependence.errors import InputError
from indeependence.machine import keep_freed_memory

if TYPE_CHECKING:
    from distributed import Client, Future

log = logging.getLogger(__name__)
Work = TypeVar("Work", bound=Callable)
LOOK = 5  # seconds from one look at the workers to the next
QUIET = 120  # seconds without any work, after which work is handed out again
TRIES = 3  # times that work is handed out
AT_WORK = ("executing", "long-running", "flight")  # states of a worker's tasks in which something is being done


class Stalled(Exception):
    """No worker does anything, though a result is waited for."""


def submit(client: Client, function: Callable, *given: Any, near: str | None = None, **named: Any) -> Future:
    """Hand a task to the workers; to the one at the address ``near``, unless another is idle before.

    A worker that differs from this machine in what matters for the result refuses it.
    """
    key = f"{function.__name__}-{uuid4().hex}"
    place: dict[str, Any] = {} if near is None else {"workers": near, "allow_other_workers": True}
    return client.submit(as_here, here(), function, *given, key=key, pure=False, **place, **named)


def as_here(versions: Versions, function: Callable, *given: Any, **named: Any) -> Any:
    """Return the result of a function, where this process has the same ``versions`` as the one that asks."""
    host = socket.gethostname()
    keep_freed_memory()
    if other := differences(versions):
        raise InputError(f"the worker on {host} is not as this machine ({other}): install the same versions everywhere")
    try:
        return function(*given, **named)
    except OSError as error:
        raise InputError(
            f"{error.filename or 'data'}: {error.strerror or error} (for the worker on {host}): "
            "give every machine the same data"
        ) from error


def handed_out_again(work: Work) -> Work:
    """Return ``work``, a function of a client and more, that is done again if the workers do nothing more for it."""

    @wraps(work)
    def tried(client: Client, *given: Any, **named: Any) -> Any:
        for _ in range(TRIES):
            try:
                return work(client, *given, **named)
            except Stalled:
                log.warning("no worker has done anything for %d seconds: handing the work out again", QUIET)
        raise InputError(f"no worker does what it is asked, {TRIES} times in {QUIET} seconds: start them again")

    return tried  # type: ignore[return-value]


def result_of(client: Client, future: Future) -> Any:
    """Return the result of a task, however long it is worked on.

    Raises `InputError` if workers go on dying, none is left, or the scheduler is lost; `Stalled` if nobody does
    anything for `QUIET` seconds.
    """
    from distributed import KilledWorker

    loop: Any = client.loop  # Tornado's, which stands on one of asyncio's
    asked = asyncio.run_coroutine_threadsafe(client.gather(future, asynchronous=True), loop.asyncio_loop)
    try:
        _wait(client, future, asked)
        return asked.result()
    except KilledWorker as error:
        raise InputError("workers died again and again on the same examples: give them more memory") from error
    except (concurrent.futures.CancelledError, OSError, asyncio.TimeoutError) as error:
        raise cluster.lost() from error
    finally:
        asked.cancel()


def _wait(client: Client, future: Future, asked: concurrent.futures.Future) -> None:
    """Wait until it is known what is ``asked``: the result of a task, or its failure."""
    seen, since = None, monotonic()
    while not concurrent.futures.wait([asked], timeout=LOOK).done:
        workers = cluster.workers_now(client)
        counts = {name: worker["metrics"].get("task_counts", {}) for name, worker in workers.items()}
        working = any(count.get(state) for count in counts.values() for state in AT_WORK)
        if working or future.done() or counts != seen:
            seen, since = counts, monotonic()
        elif monotonic() - since > QUIET:
            if not workers:
                raise InputError(f"no worker is left since {QUIET} seconds: start some again")
            raise Stalled

"""Many workers, one model: each sums its shard of the examples, and the sums come back as a tree, to the same bits."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.data.datasets import load_dataset
from indeependence.data.examples import Examples
from indeependence.data.names import NAMES
from indeependence.data.pictures import PictureFiles, rows_of
from indeependence.encoder.stack import Encoder
from indeependence.errors import InputError
from indeependence.moments.accumulator import Moments, accumulate
from indeependence.moments.storage import pack, unpack

if TYPE_CHECKING:
    from distributed import Client

Packed = tuple[dict, dict[str, np.ndarray]]  # sums as `pack` makes them
SHARDS = 4  # for every worker at the most: little is done again when one is lost, and none waits long for the last


@dataclass(frozen=True)
class Source:
    """Where every worker gets the examples by itself: arguments of `load_dataset`; paths mean the same everywhere."""

    data: str
    label: str | None = None
    test_fraction: float = 0.2
    seed: int = 0

    @property
    def located(self) -> Source:
        """The same with an absolute path, since workers may run in another folder."""
        if self.data in NAMES:
            return self
        return Source(str(Path(self.data).resolve()), self.label, self.test_fraction, self.seed)


@contextmanager
def connected(*, workers: int | None = None, scheduler: str | None = None) -> Iterator[Client]:
    """A Dask client of as many new processes on this machine, or of a running ``scheduler``.

    Raises `InputError` if Dask is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise InputError("workers need Dask: pip install 'indeependence[distributed]'") from error
    if scheduler is not None:
        try:
            client = Client(scheduler)
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
    """A block in which no Ctrl-C arrives, but after it; processes that are started there never get one.

    So it is for us alone, who end the work in good order, even while the workers start.
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


def sum_shards(
    client: Client, encoder: Encoder, source: Source | Examples, rows: np.ndarray, *, batch_size: int = 256
) -> Moments:
    """The sums of the training examples ``rows [N]`` of ``source``: what one process would get, to the bit.

    Only row numbers go to the workers, or none where the rows are consecutive; of examples that are picture files,
    which it takes long to look through, their paths. Only sums come back, added two by two where they are: one
    triangle in the narrowest whole numbers that hold it, ``2 H²`` bytes for up to 66,000 examples and at most ``4 H²``.
    A lost worker's shards are done again by the others.
    Raises `InputError` if workers go on dying, as where memory is short.
    """
    count = shards_of(len(rows), encoder.units, workers=workers_of(client))
    # A task rather than scattered data: it is made again when every worker that held it is lost.
    there = client.submit(itself, encoder, pure=False)
    parts = [part for part in np.array_split(rows, count) if len(part)] or [rows]
    sums = [client.submit(sum_shard, there, *cut(source, part), batch_size=batch_size, pure=False) for part in parts]
    while len(sums) > 1:
        pairs = zip(sums[::2], sums[1::2], strict=False)
        paired = [client.submit(added, one, other, pure=False) for one, other in pairs]
        sums = paired + sums[len(paired) * 2 :]
    with told_if_killed():
        return unpack(*sums[0].result())


def workers_of(client: Client) -> int:
    """How many workers there are now."""
    return len(client.scheduler_info(n_workers=-1)["workers"])


@contextmanager
def told_if_killed() -> Iterator[None]:
    """A block in which workers that go on dying become an `InputError`."""
    from distributed import KilledWorker

    try:
        yield
    except KilledWorker as error:
        raise InputError("workers died again and again on the same examples: give them more memory") from error


def shards_of(rows: int, units: int, *, workers: int) -> int:
    """How many shards: one to four for every worker. One of fewer rows than units costs more to send than to sum.

    >>> [shards_of(rows, 1000, workers=2) for rows in (500, 5_000, 50_000)]
    [2, 5, 8]
    """
    return max(1, workers, min(SHARDS * workers, rows // units))


def compact(rows: np.ndarray) -> np.ndarray | range:
    """Consecutive rows as a range, which is a few bytes however many they are; other rows as they are.

    >>> compact(np.array([4, 5, 6])), compact(np.array([4, 6]))
    (range(4, 7), array([4, 6]))
    """
    if len(rows) and (np.diff(rows) == 1).all():
        return range(int(rows[0]), int(rows[-1]) + 1)
    return rows


def cut(source: Source | Examples, rows: np.ndarray) -> tuple[Source | Examples, np.ndarray | range]:
    """What a worker needs to know of the examples ``rows``."""
    if isinstance(source, Source):
        return source.located, compact(rows)
    here = np.arange(len(rows))
    return Examples(source.name, rows_of(source.x, rows), source.y[rows], here), compact(here)


def source_of(source: Source, examples: Examples) -> Source | Examples:
    """Where workers get the ``examples`` that we loaded from ``source``: from there, or by the paths that we found."""
    files: object = examples.x
    return examples if isinstance(files, PictureFiles) else source


def sum_shard(encoder: Encoder, source: Source | Examples, rows: np.ndarray | range, *, batch_size: int) -> Packed:
    """The sums of some training examples, loaded by the process that this runs in; packed to travel."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # a worker is one of many
        codes = codes_of(encoder, source, rows, batch_size)
        return pack(accumulate(Moments.empty(encoder.fingerprint, encoder.units), codes))


def added(one: Packed, other: Packed) -> Packed:
    """Two packed sums as one."""
    return pack(unpack(*one) + unpack(*other))


def codes_of(
    encoder: Encoder, source: Source | Examples, rows: np.ndarray | range, batch_size: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Batches of codes and labels of some training examples, by one thread."""
    x, y = _training_part(source) if isinstance(source, Source) else (source.x, source.y)
    for inputs, labels in Examples("shard", x, y, np.asarray(rows)).batches(batch_size):
        for view in encoder.views(inputs):
            yield encoder(view, jobs=1), labels


@lru_cache(maxsize=1)
def _training_part(source: Source) -> tuple[np.ndarray, np.ndarray]:
    dataset = load_dataset(source.data, label=source.label, test_fraction=source.test_fraction, seed=source.seed)
    return dataset.x_train, dataset.y_train


def itself(value: Any) -> Any:
    """The same, as a task that can be done again wherever its result is lost."""
    return value

"""Many workers, one model: each sums its shard of the examples, and the sums come back as a tree, to the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.data.datasets import load_dataset
from indeependence.data.examples import Examples
from indeependence.data.names import NAMES
from indeependence.encoder.stack import Encoder
from indeependence.errors import InputError
from indeependence.moments.accumulator import Moments, accumulate

if TYPE_CHECKING:
    from distributed import Client

OWN_GROUP = "import os; os.setpgrp()"  # run by a new worker: Ctrl-C is for us alone, who ends the work in good order
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
            client = Client(scheduler, timeout="10s")
        except (OSError, ValueError) as error:
            raise InputError(f"no scheduler of Dask answers at {scheduler}: start one with dask scheduler") from error
        with client:
            yield client
        return
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, preload=[OWN_GROUP]
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def sum_shards(client: Client, encoder: Encoder, source: Source, rows: np.ndarray, *, batch_size: int = 256) -> Moments:
    """The sums of the training examples ``rows [N]`` of ``source``: what one process would get, to the bit.

    Only row numbers go to the workers, or none where the rows are consecutive, and only sums come back: ``8 H²`` bytes
    for each shard, added two by two where they are. A lost worker's shards are done again by the others.
    Raises `InputError` if workers go on dying, as where memory is short.
    """
    from distributed import KilledWorker

    count = shards_of(len(rows), encoder.units, workers=len(client.scheduler_info(n_workers=-1)["workers"]))
    # A task rather than scattered data: it is made again when every worker that held it is lost.
    there = client.submit(_itself, encoder, pure=False)
    parts = [part for part in np.array_split(rows, count) if len(part)] or [rows]
    sums = [
        client.submit(sum_shard, there, source.located, compact(part), batch_size=batch_size, pure=False)
        for part in parts
    ]
    while len(sums) > 1:
        paired = [client.submit(add, one, other, pure=False) for one, other in zip(sums[::2], sums[1::2], strict=False)]
        sums = paired + sums[len(paired) * 2 :]
    try:
        return sums[0].result()
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


def sum_shard(encoder: Encoder, source: Source, rows: np.ndarray | range, *, batch_size: int) -> Moments:
    """The sums of some training examples, loaded by the process that this runs in."""
    from threadpoolctl import threadpool_limits

    x, y = _training_part(source)
    batches = Examples("shard", x, y, np.asarray(rows)).batches(batch_size)
    with threadpool_limits(1):  # a worker is one of many
        codes = ((encoder(inputs, jobs=1), labels) for inputs, labels in batches)
        return accumulate(Moments.empty(encoder.fingerprint, encoder.units), codes)


@lru_cache(maxsize=1)
def _training_part(source: Source) -> tuple[np.ndarray, np.ndarray]:
    dataset = load_dataset(source.data, label=source.label, test_fraction=source.test_fraction, seed=source.seed)
    return dataset.x_train, dataset.y_train


def _itself(value: Any) -> Any:
    return value

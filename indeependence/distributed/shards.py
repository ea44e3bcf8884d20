"""Many workers, one model: each sums its shard of the examples, and the sums come back as a tree, to the same bits."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache, partial
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from indeependence.data.examples import Examples
from indeependence.data.identity import Identity, Stamps, files_of, identity_of, stamps_of
from indeependence.data.pairs import NONE
from indeependence.data.readers.named import NAMES
from indeependence.data.readers.pictures import PictureFiles, rows_of
from indeependence.data.reading import Reading
from indeependence.data.selection import Source
from indeependence.distributed.cluster import workers_now
from indeependence.distributed.tasks import handed_out_again, result_of, submit
from indeependence.encoder.encoder import Encoder
from indeependence.errors import InputError
from indeependence.machine import limited_threads
from indeependence.moments.moments import Moments
from indeependence.moments.storage import pack, unpack

if TYPE_CHECKING:
    from distributed import Client

Sum = TypeVar("Sum")
Packed = tuple[dict, dict[str, np.ndarray]]  # sums as `pack` makes them
SHARDS = 4  # for every worker at the most: little is done again when one is lost, and none waits long for the last


@dataclass(frozen=True)
class Located(Source):
    """The place where every worker loads the examples, and which content is meant there.

    A worker that finds other content under the same path refuses it: yesterday's file, or another machine's.
    """

    as_read: Reading | None = field(default=None, hash=False)  # how the model reads files
    identity: Identity | None = None  # of what the plan was made from; None for data sets known by name
    target_identity: Identity | None = None  # of the other side of pairs

    @classmethod
    def of(cls, source: Source) -> Located:
        """Return ``source`` with an absolute path, since workers may run elsewhere, and its content's identity.

        Call it before the data is read here, so that a change in between shows.
        """
        settings = {field.name: getattr(source, field.name) for field in fields(Source)}
        for what, identity in (("data", "identity"), ("target_data", "target_identity")):
            given = settings[what]
            if given not in (None, NONE, *NAMES) and Path(given).exists():
                path = Path(given).resolve()
                settings |= {what: str(path), identity: identity_of(path)}
        return cls(**settings)


@handed_out_again
def sum_shards(
    client: Client, encoder: Encoder, source: Located | Examples, rows: np.ndarray, *, batch_size: int = 256
) -> Moments:
    """Return the sums of the training examples ``rows [N]`` of ``source``, the same to the bit as in one process.

    Only row numbers go to the workers, or a range where the rows are consecutive; of examples that are picture files,
    whose folders take long to search, their paths. Only sums come back, added in pairs on the workers: one triangle in
    the narrowest whole numbers that hold it, ``2 H²`` bytes for up to 66,000 examples and at most ``4 H²``. The others
    do the shards of a lost worker again.

    Raises `InputError` as `tasks.result_of` does, and if a worker has other data, or lacks what it needs.
    """
    places: list[str | None] = [*workers_now(client)] or [None]
    count = shards_of(len(rows), encoder.units, workers=len(places))
    # A task rather than scattered data: it is made again when every worker that held it is lost.
    there = submit(client, as_task, encoder)
    parts = [part for part in np.array_split(rows, count) if len(part)] or [rows]
    sums = [
        submit(client, sum_shard, there, *source_slice(source, part), near=place, batch_size=batch_size)
        for part, place in zip(parts, cycle(places), strict=False)
    ]
    return unpack(*result_of(client, joined(sums, len(places), partial(submit, client, added))))


def shards_of(rows: int, units: int, *, workers: int) -> int:
    """Return how many shards to make: one to four for every worker, as many for each.

    A shard of fewer rows than units costs more to add to another than to sum.

    >>> [shards_of(rows, 1000, workers=2) for rows in (500, 5_000, 50_000)]
    [2, 4, 8]
    """
    return workers * min(SHARDS, max(1, rows // (units * workers)))


def joined(sums: list[Sum], workers: int, join: Callable[[Sum, Sum], Sum]) -> Sum:
    """Return all sums as one, two by two: first those of one worker, which need no message, then a tree of workers.

    Workers got the shards in turn. One that another worker took over costs a message more.

    >>> joined(list("abcdefg"), 3, "({}{})".format)
    '((((ad)g)(be))(cf))'
    """
    return tree([tree(sums[worker::workers], join) for worker in range(min(workers, len(sums)))], join)


def tree(sums: list[Sum], join: Callable[[Sum, Sum], Sum]) -> Sum:
    """Return all sums as one, joined two by two.

    >>> tree(list("abcde"), "({}{})".format)
    '(((ab)(cd))e)'
    """
    while len(sums) > 1:
        pairs = zip(sums[::2], sums[1::2], strict=False)
        met = [join(one, other) for one, other in pairs]
        sums = met + sums[len(met) * 2 :]
    return sums[0]


def compact(rows: np.ndarray) -> np.ndarray | range:
    """Return consecutive rows as a range, a few bytes however many they are; other rows unchanged.

    >>> compact(np.array([4, 5, 6])), compact(np.array([4, 6]))
    (range(4, 7), array([4, 6]))
    """
    if len(rows) and (np.diff(rows) == 1).all():
        return range(int(rows[0]), int(rows[-1]) + 1)
    return rows


def source_slice(source: Located | Examples, rows: np.ndarray) -> tuple[Located | Examples, np.ndarray | range]:
    """Return what a worker needs to know of the examples ``rows``."""
    if isinstance(source, Located):
        return source, compact(rows)
    here = np.arange(len(rows))
    return Examples(source.name, rows_of(source.x, rows), source.y[rows], here), compact(here)


def source_of(source: Located, examples: Examples) -> Located | Examples:
    """Return where workers load ``examples`` that came from ``source``: from there, or from the paths found here."""
    files: object = examples.x
    return examples if isinstance(files, PictureFiles) else source


def sum_shard(encoder: Encoder, source: Located | Examples, rows: np.ndarray | range, *, batch_size: int) -> Packed:
    """Return the sums of some training examples, loaded by the process that this runs in and packed to travel."""
    with limited_threads(1):  # a worker is one of many
        codes = codes_of(encoder, source, rows, batch_size)
        empty = replace(Moments.empty(encoder.fingerprint, encoder.units, encoder.members), regions=encoder.regions)
        return pack(empty.learn(codes))


def added(one: Packed, other: Packed) -> Packed:
    """Return two packed sums as one."""
    return pack(unpack(*one) + unpack(*other))


def codes_of(
    encoder: Encoder, source: Located | Examples, rows: np.ndarray | range, batch_size: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield batches of codes and labels of some training examples, made by one thread."""
    x, y = training_part(source) if isinstance(source, Located) else (source.x, source.y)
    yield from encoder.coded(Examples("shard", x, y, np.asarray(rows)).batches(batch_size), jobs=1)
    if isinstance(source, Located):
        training_part(source)  # refuses what was changed meanwhile, where the rows were read from a mapped file


def training_part(source: Located) -> tuple[np.ndarray, np.ndarray]:
    """Return the training inputs and labels that ``source`` means, loaded once for all shards of one content.

    Raises `InputError` if the content of its path here is not what the plan was made from.
    """
    stamps = tuple(stamp for path, _ in _identified(source) for stamp in stamps_of(files_of(Path(path))))
    return _loaded(source, stamps)


def _identified(source: Located) -> list[tuple[str, Identity]]:
    """Return the paths whose content is known, with what it is to be."""
    sides = ((source.data, source.identity), (source.target_data, source.target_identity))
    return [(path, identity) for path, identity in sides if path is not None and identity is not None]


@lru_cache(maxsize=1)
def _loaded(source: Located, stamps: Stamps) -> tuple[np.ndarray, np.ndarray]:
    for path, identity in _identified(source):
        if identity_of(Path(path)) == identity:
            continue
        raise InputError(
            f"{path} is not on this worker what the run was planned from (on {socket.gethostname()}): "
            "give every machine the same data"
        )
    dataset = source.load(source.as_read)
    return dataset.x_train, dataset.y_train


def as_task(value: Any) -> Any:
    """Return the value; as a task, it can be done again wherever its result is lost."""
    return value

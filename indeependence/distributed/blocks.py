"""Sums too large for one worker: ``Σ h hᵀ`` in blocks, each summed by a worker with room for it, to the same bits."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.data.examples import Examples
from indeependence.distributed.cluster import workers_of
from indeependence.distributed.shards import Located, as_task, codes_of, source_slice
from indeependence.distributed.tasks import handed_out_again, result_of, submit
from indeependence.encoder.encoder import Encoder
from indeependence.errors import InputError
from indeependence.exact import check_size
from indeependence.machine import limited_threads
from indeependence.moments.gram import add_block, add_gram
from indeependence.moments.moments import Moments, add_targets
from indeependence.moments.narrow import narrowest

if TYPE_CHECKING:
    from distributed import Client

CODES = 1 << 26  # bytes of codes that one task makes: they go to every worker that has a block of them


@handed_out_again
def sum_blocks(
    client: Client,
    encoder: Encoder,
    source: Located | Examples,
    rows: np.ndarray,
    *,
    blocks: int,
    batch_size: int = 256,
) -> Moments:
    """Return the sums of the training examples ``rows [N]`` of ``source``, equal to those of `shards.sum_shards`.

    The units are cut into ``blocks`` strips; each pair of strips is the work of one worker at a time, which holds
    ``8 (H / blocks)²`` bytes of sums and never ``8 H²``. Codes are made once and go where they are needed, at most
    ``N H blocks`` bytes. Only this process holds the whole. Raises `InputError` as `shards.sum_shards` does.
    """
    if encoder.members > 1:
        raise InputError("--gram-blocks goes with one member: the products of several are in blocks already")
    there = submit(client, as_task, encoder)
    edges = np.linspace(0, encoder.units, min(blocks, encoder.units) + 1).astype(int)
    strips = [slice(*pair) for pair in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)]
    pairs = list(combinations_with_replacement(range(len(strips)), 2))
    sums: dict[Any, Any] = dict.fromkeys((*pairs, "classes"))
    count = max(workers_of(client), -(-len(rows) * encoder.units // CODES))
    for part in np.array_split(rows, min(count, max(len(rows), 1))):
        coded = submit(client, encoded, there, *source_slice(source, part), batch_size=batch_size)
        codes = [submit(client, strip_of, coded, strip) for strip in strips]
        for i, j in pairs:
            sums[i, j] = submit(client, block, sums[i, j], codes[i], codes[j], same=i == j)
        sums["classes"] = submit(client, classes, sums["classes"], there, coded)
    products = np.zeros((encoder.units, encoder.units), np.int64)
    for i, j in pairs:
        products[strips[i], strips[j]] = result_of(client, sums[i, j])
    total = replace(result_of(client, sums["classes"]), products=products)
    check_size(total.count)
    return total


def encoded(
    encoder: Encoder, source: Located | Examples, rows: np.ndarray | range, *, batch_size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return codes uint8 ``[N, H]`` and labels of some training examples, loaded by the process that this runs in."""
    codes, labels = zip(*codes_of(encoder, source, rows, batch_size), strict=True)
    return np.concatenate(codes), np.concatenate(labels)


def strip_of(coded: tuple[np.ndarray, np.ndarray], strip: slice) -> np.ndarray:
    """Return the codes of a strip of the units alone."""
    return np.ascontiguousarray(coded[0][:, strip])


def block(before: np.ndarray | None, left: np.ndarray, right: np.ndarray, *, same: bool) -> np.ndarray:
    """Return ``before`` plus ``Σ l rᵀ`` over code rows of two strips; of the ``same`` strip, the upper triangle.

    The result has the narrowest whole numbers that hold it, since it travels.
    """
    shape = left.shape[1], right.shape[1]
    total = np.zeros(shape, np.int64) if before is None else before.astype(np.int64)
    with limited_threads(1):  # a worker is one of many
        if same:
            add_gram(total, left)
        else:
            add_block(total, left, right)
    return narrowest(total)


def classes(before: Moments | None, encoder: Encoder, coded: tuple[np.ndarray, np.ndarray]) -> Moments:
    """Return ``before`` plus all sums of these rows but the products: counts and ``Σ h yᵀ``."""
    codes, labels = coded
    nothing = replace(Moments.empty(encoder.fingerprint, 0), cross=np.zeros((encoder.units, 0), np.int64))
    sums = add_targets(nothing, codes, labels)
    return sums if before is None else before + sums

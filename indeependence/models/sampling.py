"""The rule for the sample that an encoder is fitted on: the same data give the same encoder, however it is learned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from indeependence.data.seeds import ROWS, generator
from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.data.examples import Examples

MOST = 2**22  # rows that are drawn from


def bootstrap_rows(count: int, limit: int, seed: int) -> np.ndarray:
    """Return which of ``count`` examples an encoder is fitted on, in that order; at most ``limit``.

    >>> bootstrap_rows(5, 3, seed=0)
    array([4, 2, 1])
    """
    return generator(seed, ROWS, 0).permutation(count)[:limit]


def repeated_rows(weights: np.ndarray, limit: int, seed: int) -> np.ndarray:
    """Return which examples an encoder is fitted on where each counts as often as its weight, int64 ``[N]``.

    They are those that `bootstrap_rows` takes if every row is repeated, so weights and copies give one encoder. Where
    that would be more than `MOST` rows, all weights are halved until it is not; none above 0 becomes 0.

    >>> sorted(repeated_rows(np.array([2, 0, 1]), 5, seed=0).tolist())
    [0, 0, 2]
    """
    while weights.sum() > MOST and weights.max() > 1:
        weights = -(-weights // 2)
    rows = np.repeat(np.arange(len(weights)), weights)
    return rows[bootstrap_rows(len(rows), limit, seed)]


def copies(weights: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Yield each row as often as its weight says, as numbers of rows, at most ``size`` of them at a time.

    Raise `InputError` for more than `MOST` rows in all.

    >>> [rows.tolist() for rows in copies(np.array([1, 0, 2]), 2)]
    [[0, 2], [2]]
    """
    total = int(weights.sum())
    if total > MOST:
        raise InputError(f"sample_weight: expected weights that add up to at most {MOST:,} here, got {total:,}")
    rows = np.repeat(np.arange(len(weights)), weights)
    return (rows[start : start + size] for start in range(0, len(rows), size))


def bootstrap_sample(examples: Examples, limit: int, seed: int) -> np.ndarray:
    """Return the inputs ``[N, ...]`` that an encoder is fitted on, from the examples of a first task in any order.

    Rows are chosen before anything is read, so a data set need not fit into memory.
    """
    return bootstrap_examples(examples, limit, seed)[0]


def bootstrap_examples(examples: Examples, limit: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs of `bootstrap_sample` with their labels, or their other sides."""
    rows = np.sort(examples.rows)
    return replace(examples, rows=rows[bootstrap_rows(len(rows), limit, seed)]).arrays()

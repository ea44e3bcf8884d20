"""Rows of a data set that are read and altered only when needed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from indeependence.errors import InputError

Transform = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (inputs [n, …], their row numbers [n]) -> inputs
Relabel = Callable[[np.ndarray], np.ndarray]  # labels [n] -> labels [n]


@dataclass(frozen=True, eq=False)
class Examples:
    """Some rows of base arrays, in order; the base arrays are shared between all tasks and never copied whole.

    >>> pairs = Examples("pairs", np.array([[1.0], [2.0], [3.0]]), np.array([7, 8, 7]), np.array([2, 1, 0]))
    >>> len(pairs), pairs.labels, pairs.classes
    (3, array([7, 8, 7]), array([7, 8]))
    >>> [x.tolist() for x, y in pairs.batches(2)]
    [[[3.0], [2.0]], [[1.0]]]
    """

    name: str  # shown in reports
    x: np.ndarray  # [N, …], as in the data set
    y: np.ndarray  # [N]
    rows: np.ndarray  # [n] row numbers in x and y
    transform: Transform | None = None
    relabel: Relabel | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def labels(self) -> np.ndarray:
        """The labels [n] of the task, renamed where the setting requires it."""
        labels = self.y[self.rows]
        return labels if self.relabel is None else self.relabel(labels)

    @property
    def classes(self) -> np.ndarray:
        """The labels that occur, sorted, each once."""
        return np.unique(self.labels)

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all inputs [n, …], transformed, and their labels [n]."""
        inputs = self.x[self.rows]
        return inputs if self.transform is None else self.transform(inputs, self.rows), self.labels

    def batches(self, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Return the same inputs and labels, at most `size` at a time; raise `InputError` unless size ≥ 1."""
        if size < 1:
            raise InputError(f"expected a batch size of 1 or more, got {size}")
        return (self.part(start, start + size).arrays() for start in range(0, len(self), size))

    def take(self, count: int) -> "Examples":
        """Return the first `count` examples, or all if there are fewer; raise `InputError` unless count ≥ 0."""
        if count < 0:
            raise InputError(f"expected 0 or more examples to take, got {count}")
        return self.part(0, count)

    def part(self, start: int, stop: int) -> "Examples":
        """Return the examples from number `start` up to `stop`, or up to the last if there are fewer."""
        return replace(self, rows=self.rows[start:stop])

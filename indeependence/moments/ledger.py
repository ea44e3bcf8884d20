"""A ledger: the sums of all examples and those of every task or class, so that one can be removed exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add

from indeependence.errors import InputError
from indeependence.moments.moments import Batches, Label, Moments, add_rows, gathered, sorted_labels

KINDS = ("none", "task", "class")


@dataclass(frozen=True, eq=False)
class Ledger:
    """Sums of all examples and, if asked for, by task or by class; the parts always add up to the whole.

    Each part holds a ``Σ h hᵀ`` of its own, ``8 H²`` bytes in memory and about half the bytes of narrower whole numbers
    in a file: with P parts a model is P times as large, however few examples a part has.

    >>> import numpy as np
    >>> rows = np.array([[1, 2], [3, 4]], np.uint8), np.array(["a", "b"])
    >>> ledger = Ledger.empty("class", "encoder", 2).learn([rows])
    >>> ledger.without_class("b").total.code_sum
    array([1, 2])
    """

    kind: str  # one of KINDS
    total: Moments
    parts: Mapping[Label, Moments] = field(default_factory=dict)  # by the task's number from 1, or by the class's label

    @classmethod
    def empty(cls, kind: str, encoder: str, units: int, members: int = 1) -> Ledger:
        """Return a ledger of nothing, without regions; raise `InputError` as `of` does."""
        return cls.of(kind, {}, Moments.empty(encoder, units, members))

    @classmethod
    def of(cls, kind: str, parts: Mapping[Label, Moments], nothing: Moments) -> Ledger:
        """Return the ledger of these parts, without those that have no examples; of none, it has the sums ``nothing``.

        Raise `InputError` for a kind that is not one of `KINDS`.
        """
        if kind not in KINDS:
            raise InputError(f"expected a ledger of kind {', '.join(KINDS)}, got {kind!r}")
        parts = {name: part for name, part in parts.items() if part.count or part.dropped}
        return cls(kind, reduce(add, parts.values(), nothing), parts)

    @property
    def nothing(self) -> Moments:
        """Sums of no examples, of the same encoder."""
        return self.total.nothing

    @property
    def next_task(self) -> int:
        """The number of the task that would be learned next; 1 where tasks are not kept apart."""
        return max((int(name) for name in self.parts), default=0) + 1 if self.kind == "task" else 1

    def learn(self, batches: Batches, *, task: int | None = None) -> Ledger:
        """Return the ledger after all ``batches`` of codes and labels of ``task``, which is a new one by default."""
        if self.kind == "none":
            return replace(self, total=self.total.learn(batches))
        if self.kind == "class":
            return self._plus(accumulate_by_class(self.nothing, batches))
        return self._plus({task or self.next_task: self.nothing.learn(batches)})

    def times(self, count: int) -> Ledger:
        """Return the sums of every example ``count`` times."""
        parts = {name: part.times(count) for name, part in self.parts.items()}
        return replace(self, total=self.total.times(count), parts=parts)

    def joined(self, other: Ledger, *, task: int | None = None) -> Ledger:
        """Return the ledger with the sums of `like` ones added, which belong to ``task`` as in `learn`."""
        return self + other if self.kind == "class" else self.add(other.total, task=task)

    @property
    def like(self) -> Ledger:
        """An empty ledger for sums that are to be added to this one or taken out of it: tasks are not kept apart."""
        return Ledger("class" if self.kind == "class" else "none", self.nothing)

    def add(self, sums: Moments, *, task: int | None = None) -> Ledger:
        """Return the ledger with sums made elsewhere added, which belong to ``task`` as in `learn`.

        Where sums are kept by class, they must be of one class; else raise `InputError`.
        """
        if self.kind == "none":
            return replace(self, total=self.total + sums)
        if self.kind == "class":
            return self._plus(self._by_part(Ledger("none", sums), None))
        return self._plus({task or self.next_task: sums})

    def __add__(self, other: Ledger) -> Ledger:
        """Return the sums of both. Tasks of ``other`` are numbered after ours; of two kinds only the total stays."""
        if self.kind != other.kind or self.kind == "none":
            return Ledger("none", self.total + other.total)
        first = self.next_task - 1 if self.kind == "task" else 0
        return self._plus({name + first if first else name: part for name, part in other.parts.items()})  # type: ignore[operator]

    def __sub__(self, other: Ledger) -> Ledger:
        return self.without(other)

    def without(self, other: Ledger, *, task: int | None = None) -> Ledger:
        """Return the ledger without the sums of ``other``, taken out of ``task`` where tasks are kept apart.

        Raise `InputError` for what was never learned, where the sums show it; so do the two methods below.
        """
        if task is not None:
            self._check_task(task)
        rest = self.total - other.total
        if self.kind == "none":
            return replace(self, total=rest)
        parts = dict(self.parts)
        for name, gone in self._by_part(other, task).items():
            parts[name] = parts[name] - gone
        return replace(self, total=rest, parts={name: part for name, part in parts.items() if part.count})

    def without_class(self, label: Label) -> Ledger:
        """Return the ledger without a class.

        Exact where sums are kept by class, and for parts that have no other class; else as `Moments.without_class`.
        """
        if label not in self.total.labels:
            known = ", ".join(map(str, self.total.labels)) or "none"
            raise InputError(f"cannot remove class {label!r}: it was never learned; learned classes: {known}")
        if self.kind == "none":
            return replace(self, total=self.total.without_class(label))
        parts = {name: part.without_class(label) for name, part in self.parts.items()}
        return Ledger.of(self.kind, parts, self.nothing)

    def without_task(self, task: int) -> Ledger:
        """Return the ledger without one task, exactly; the others keep their numbers."""
        self._check_task(task)
        return Ledger.of(self.kind, {name: part for name, part in self.parts.items() if name != task}, self.nothing)

    def _plus(self, new: Mapping[Label, Moments]) -> Ledger:
        parts = dict(self.parts)
        for name, part in new.items():
            parts[name] = parts[name] + part if name in parts else part
        return replace(self, total=reduce(add, new.values(), self.total), parts=parts)

    def _by_part(self, other: Ledger, task: int | None) -> Mapping[Label, Moments]:
        """Return the sums of ``other`` under the names of our parts."""
        if self.kind == "class":
            if other.kind == "class":
                return other.parts
            if len(other.total.labels) == 1:
                return {other.total.labels[0]: other.total}
            raise InputError(
                "this model keeps its sums by class: expected sums of one class, or a model with --ledger class"
            )
        if task is None:
            raise InputError("this model keeps its sums by task: say from which one to remove them, --task N")
        return {task: other.total}

    def _check_task(self, task: int) -> None:
        if self.kind != "task":
            raise InputError(
                "this model keeps no sums by task: a task can be removed after training with --ledger task"
            )
        if task not in self.parts:
            raise InputError(f"no task {task}; learned tasks: {', '.join(map(str, self.parts)) or 'none'}")


def accumulate_by_class(nothing: Moments, batches: Batches) -> dict[Label, Moments]:
    """Return the sums of each class; added up they are ``nothing.learn(batches)``, to the bit.

    >>> import numpy as np
    >>> rows = np.array([[1, 2], [3, 4]], np.uint8), np.array(["a", "b"])
    >>> {label: sums.code_sum.tolist() for label, sums in accumulate_by_class(Moments.empty("", 2), [rows]).items()}
    {'a': [1, 2], 'b': [3, 4]}
    """
    parts: dict[Label, Moments] = {}
    for codes, labels in gathered(batches):
        for label in sorted_labels(labels.tolist()):
            rows = labels == label
            part = parts.get(label) or nothing.nothing
            parts[label] = add_rows(part, codes[rows], labels[rows])
    return parts

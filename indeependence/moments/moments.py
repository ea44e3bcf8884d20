"""The sums: all that is ever kept of the examples. Adding learns, subtracting forgets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np

from indeependence.errors import InputError
from indeependence.exact import check_size
from indeependence.moments.gram import add_class_sums, add_gram
from indeependence.moments.growing import adding_to
from indeependence.moments.narrow import width
from indeependence.moments.plausible import check_possible
from indeependence.moments.regions import Regions

PENDING = 4096  # rows gathered before one product: many small batches cost as little as a few large ones

HASHED = 64  # rows of products that go into a fingerprint together

Label = int | str
Batches = Iterable[tuple[np.ndarray, np.ndarray]]  # codes uint8 [N, H] and labels [N]


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over rows of codes ``h [N, H]`` (uint8) and one-hot targets ``y [N, C]``: all a linear solve needs.

    Every sum is a whole number, so ``+`` and ``-`` are exact: any order, any batches and any split over machines give
    the same bits. Because targets are one-hot, ``Σ y = Σ y²`` are the classes' counts, and ``Σ h`` and ``N`` follow
    from the sums per class.

    >>> first = Moments.empty("encoder", 2).learn([(np.array([[1, 2]], np.uint8), np.array(["a"]))])
    >>> second = Moments.empty("encoder", 2).learn([(np.array([[3, 4]], np.uint8), np.array(["b"]))])
    >>> (first + second).code_sum, (first + second - second).fingerprint == first.fingerprint
    (array([4, 6]), True)
    """

    encoder: str  # fingerprint of the encoder that made the codes
    labels: tuple[Label, ...]  # of the classes, sorted
    counts: np.ndarray  # [C] int64: Σ y
    products: np.ndarray  # [H, H] int64: Σ h hᵀ, upper triangle; of K members [K, H/K, H/K]: each one's own alone
    cross: np.ndarray  # [H, C] int64: Σ h yᵀ
    dropped: int = 0  # examples whose class was removed by its column alone: their share of Σ h hᵀ is still there
    regions: Regions | None = None  # sums of the same rows that pictures are drawn from; None where they are not kept

    @classmethod
    def empty(cls, encoder: str, units: int, members: int = 1) -> Moments:
        """Return sums of no examples: adding them changes nothing. ``members`` share the ``units`` evenly.

        >>> Moments.empty("encoder", 6).products.shape, Moments.empty("encoder", 6, 3).products.shape
        ((6, 6), (3, 2, 2))
        """
        own = units // members
        products = np.zeros((units, units) if members == 1 else (members, own, own), np.int64)
        return cls(encoder, (), np.zeros(0, np.int64), products, np.zeros((units, 0), np.int64))

    @property
    def nothing(self) -> Moments:
        """Sums of no examples, of the same encoder."""
        empty = Moments.empty(self.encoder, self.units, self.members)
        return empty if self.regions is None else replace(empty, regions=self.regions.nothing)

    @property
    def units(self) -> int:
        """H, the number of code units."""
        return len(self.cross)

    @property
    def members(self) -> int:
        """The number of encoders whose codes stand side by side in a code; products of two of them are not kept."""
        return 1 if self.products.ndim == 2 else len(self.products)

    @property
    def each(self) -> tuple[Moments, ...]:
        """The sums of each member's own codes."""
        if self.members == 1:
            return (self,)
        own = np.split(self.cross, self.members)
        return tuple(replace(self, products=a, cross=b) for a, b in zip(self.products, own, strict=True))

    def part(self, units: np.ndarray) -> Moments:
        """Return the sums of some ``units`` of each code, in rising order: those of a smaller encoder.

        >>> rows = np.array([[1, 2, 3]], np.uint8), np.array(["a"])
        >>> Moments.empty("encoder", 3).learn([rows]).part(np.array([0, 2])).products
        array([[1, 3],
               [0, 9]])
        """
        return replace(self, products=self.products[np.ix_(units, units)], cross=self.cross[units])

    @property
    def squares(self) -> np.ndarray:
        """``Σ h²``, int64 ``[H]``."""
        return self.products.diagonal(axis1=-2, axis2=-1).reshape(-1)

    @cached_property
    def count(self) -> int:
        """N, the number of examples in the sums."""
        return int(self.counts.sum())

    @cached_property
    def code_sum(self) -> np.ndarray:
        """``Σ h``, int64 ``[H]``: every example has one class, so it is the sum over classes."""
        return self.cross.sum(1)

    @property
    def nbytes(self) -> int:
        """The bytes of all sums as a file holds them: one triangle, in the narrowest whole numbers."""
        triangle = self.units * (self.units // self.members + 1) // 2
        largest = int(self.squares.max(initial=0))  # by Cauchy and Schwarz
        crossed = self.cross.size * width(int(self.cross.max(initial=0)))
        drawn = 0 if self.regions is None else self.regions.nbytes
        return triangle * width(largest) + crossed + 8 * len(self.labels) + drawn

    def learn(self, batches: Batches) -> Moments:
        """Return these sums with those of all ``batches`` of codes uint8 ``[N, H]`` and labels ``[N]`` added.

        How the rows are cut into batches does not matter, to the bit.
        """
        total = replace(self, products=self.products.copy(), cross=self.cross.copy())
        with ExitStack() as stack:
            members = [stack.enter_context(adding_to(one.products)) for one in total.each]
            for codes, labels in gathered(batches):
                for add, own in zip(members, np.split(codes, len(members), axis=1), strict=True):
                    add(own)
                total = add_targets(total, codes, labels)
        return total

    def __add__(self, other: Moments) -> Moments:
        """Return both sums; raise `InputError` for two encoders, and for more examples than sums stay exact for."""
        self._check_same_encoder(other)
        labels = sorted_labels(self.labels + other.labels)
        mine, theirs = self.grown(labels), other.grown(labels)
        total = replace(
            mine,
            counts=mine.counts + theirs.counts,
            products=mine.products + theirs.products,
            cross=mine.cross + theirs.cross,
            dropped=mine.dropped + theirs.dropped,
            regions=self._regions_with(other),
        )
        check_size(total.count + total.dropped)
        return total

    def __sub__(self, other: Moments) -> Moments:
        """Return these sums without ``other``; raise `InputError` where they show that it was never learned."""
        self._check_same_encoder(other)
        missing = [label for label, n in zip(other.labels, other.counts, strict=True) if n and label not in self.labels]
        if missing:
            raise InputError(
                f"cannot remove examples of class {missing[0]!r}: no such class was learned; inspect shows which were"
            )
        labels = sorted_labels(self.labels + other.labels)
        mine, theirs = self.grown(labels), other.grown(labels)
        rest = replace(
            mine,
            counts=mine.counts - theirs.counts,
            products=mine.products - theirs.products,
            cross=mine.cross - theirs.cross,
            dropped=mine.dropped - theirs.dropped,
        )
        check_possible(rest)
        return replace(rest.only(rest.counts > 0), regions=self._regions_without(other))

    def times(self, count: int) -> Moments:
        """Return the sums of every example ``count`` times; raise `InputError` for more than sums stay exact for."""
        check_size((self.count + self.dropped) * count)
        return replace(
            self,
            counts=self.counts * count,
            products=self.products * count,
            cross=self.cross * count,
            dropped=self.dropped * count,
            regions=None if self.regions is None else self.regions.times(count),
        )

    def without_class(self, label: Label) -> Moments:
        """Return the sums without the column of ``label``: exact for the only class; else its share of Σ h hᵀ stays.

        That share cannot be separated from the others' afterwards; `dropped` counts the examples that it came from.
        """
        if label not in self.labels:
            return self
        if self.labels == (label,) and not self.dropped:
            return self.nothing
        kept = np.array([other != label for other in self.labels])
        gone = int(self.counts[~kept].sum())
        return replace(self.only(kept), dropped=self.dropped + gone, regions=None)

    def only(self, kept: np.ndarray) -> Moments:
        """Return the same sums with the columns of the ``kept`` classes alone, bool ``[C]``."""
        labels = tuple(label for label, stays in zip(self.labels, kept, strict=True) if stays)
        return replace(self, labels=labels, counts=self.counts[kept], cross=self.cross[:, kept])

    def grown(self, labels: tuple[Label, ...]) -> Moments:
        """Return the same sums with a column for each of ``labels``, which must include all present ones."""
        if labels == self.labels:
            return self
        place = {label: i for i, label in enumerate(labels)}
        places = [place[label] for label in self.labels]
        counts = np.zeros(len(labels), np.int64)
        cross = np.zeros((self.units, len(labels)), np.int64)
        counts[places] = self.counts
        cross[:, places] = self.cross
        return replace(self, labels=labels, counts=counts, cross=cross)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the encoder's fingerprint and all sums in a canonical form: equal sums, equal fingerprints.

        Classes without examples do not count, so a class that was removed leaves no trace.
        """
        seen = np.flatnonzero(self.counts)
        header: dict = {"encoder": self.encoder, "labels": [self.labels[i] for i in seen]}
        if self.dropped:
            header["dropped"] = self.dropped
        if self.members > 1:
            header["members"] = self.members
        if self.regions is not None:
            header["regions"] = self.regions.fingerprint
        digest = hashlib.sha256(json.dumps(header).encode())
        digest.update(self.counts[seen].astype("<i8").tobytes())
        digest.update(np.ascontiguousarray(self.cross[:, seen].T).astype("<i8").tobytes())
        rows = self.triangle()
        while some := list(islice(rows, HASHED)):  # many at a time: each update lets other threads run
            digest.update(np.concatenate(some).astype("<i8", copy=False).tobytes())
        return digest.hexdigest()

    def triangle(self) -> Iterator[np.ndarray]:
        """Yield the upper part of each row of the products, member after member."""
        for block in self.products.reshape(self.members, *self.products.shape[-2:]):
            for i, row in enumerate(block):
                yield row[i:]

    def _regions_with(self, other: Moments) -> Regions | None:
        """Return the regions of both; None where one of them has examples without any."""
        found = [sums for sums in (self, other) if sums.count or sums.dropped] or [self, other]
        if len(found) == 1:
            return found[0].regions
        one, two = (sums.regions for sums in found)
        return None if one is None or two is None else one + two

    def _regions_without(self, other: Moments) -> Regions | None:
        if not other.count or self.regions is None:
            return self.regions
        return None if other.regions is None else self.regions - other.regions

    def _check_same_encoder(self, other: Moments) -> None:
        if self.encoder != other.encoder:
            raise InputError(
                "expected sums of one and the same encoder, got two encoders "
                f"({self.encoder[:12]} and {other.encoder[:12]}): bootstrap once and share that file"
            )


def gathered(batches: Batches) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the same rows and labels, at least `PENDING` at a time except for the last."""
    pending: list[tuple[np.ndarray, np.ndarray]] = []
    for codes, labels in batches:
        pending.append((codes, labels))
        if sum(len(rows) for rows, _ in pending) >= PENDING:
            yield _joined(pending)
            pending = []
    if pending:
        yield _joined(pending)


def _joined(batches: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    labels = np.array([label for _, part in batches for label in part.tolist()], object)
    return np.concatenate([codes for codes, _ in batches]), labels


def add_rows(moments: Moments, codes: np.ndarray, labels: np.ndarray) -> Moments:
    """Return the sums with rows added; the products and sums of known classes, the largest, change in place."""
    for one, own in zip(moments.each, np.split(codes, moments.members, axis=1), strict=True):
        add_gram(one.products, own)
    return add_targets(moments, codes, labels)


def add_targets(moments: Moments, codes: np.ndarray, labels: np.ndarray) -> Moments:
    """Return the sums with rows added to all but the products; the sums of known classes change in place."""
    named = labels.tolist()
    grown = moments.grown(sorted_labels((*moments.labels, *named)))
    place = {label: i for i, label in enumerate(grown.labels)}
    columns = np.array([place[label] for label in named], np.intp)
    add_class_sums(grown.cross, codes, columns)
    counts = grown.counts + np.bincount(columns, minlength=len(place))
    regions = grown.regions.learn(codes) if grown.regions is not None else None
    total = replace(grown, counts=counts, regions=regions)
    check_size(total.count + total.dropped)
    return total


def sorted_labels(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Return each label once: numbers in order, then names in order.

    >>> sorted_labels((10, "cat", 9, 10))
    (9, 10, 'cat')
    """
    return tuple(sorted(set(labels), key=lambda label: (isinstance(label, str), label)))

"""Sums of short codes for each class and region: pictures are drawn from them. They add and subtract like all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.files.schema import by_name, expect, is_whole, wholes
from indeependence.moments.narrow import narrowest
from indeependence.moments.sketch import Sketch

BYTES = TOP + 1  # the number of values of a pixel
Key = tuple[int, int]  # a class, by the place of its target, and a region


@dataclass(frozen=True, eq=False)
class Regions:
    """Sums over rows ``[input ; target ; …]``, for each class and region: count, Σ h, how often each byte, Σ h hᵀ.

    ``h [K]`` is the code of the input by a frozen sketch. All numbers of one class and region are one vector of whole
    numbers, so learning adds vectors and forgetting subtracts them: order, batches and machines do not matter.

    >>> sketch = Sketch(np.eye(2, dtype=np.int16), *np.zeros((1, 2), int), np.array([1]), np.zeros(2, np.float32),
    ...     np.array([[128, 128], [255, 255]], np.uint8))
    >>> rows = np.array([[1, 2, 255, 0], [3, 4, 0, 255]], np.uint8)
    >>> found = Regions(sketch, 2).learn(rows)
    >>> sorted(found.sums), found.part(0, 0).total, (found - found.learn(rows[:0])).count
    ([(0, 0), (1, 0)], array([129, 130]), 0)
    """

    sketch: Sketch
    classes: int  # C, the number of target values
    sums: Mapping[Key, np.ndarray] = field(default_factory=dict)  # int64 [1 + K + 256 + K (K + 1) / 2]

    @property
    def nothing(self) -> Regions:
        """Sums of no rows, by the same sketch."""
        return replace(self, sums={})

    @cached_property
    def count(self) -> int:
        """The number of rows."""
        return sum(int(vector[0]) for vector in self.sums.values())

    @property
    def nbytes(self) -> int:
        """The bytes of all sums as a file holds them."""
        return narrowest(self._stacked).nbytes if self.sums else 0

    @property
    def length(self) -> int:
        """The number of whole numbers that are kept of a class in a region."""
        values = self.sketch.values
        return 1 + values + BYTES + values * (values + 1) // 2

    def learn(self, rows: np.ndarray) -> Regions:
        """Return these sums with those of ``rows`` uint8 ``[N, R]`` added."""
        inputs = rows[:, : self.sketch.size]
        labels = rows[:, self.sketch.size : self.sketch.size + self.classes].argmax(1)
        codes = self.sketch.codes(inputs)
        keys = labels * len(self.sketch.centres) + self.sketch.regions(codes)
        sums = dict(self.sums)
        for key in np.unique(keys):
            chosen = keys == key
            name = divmod(int(key), len(self.sketch.centres))
            vector = _vector(codes[chosen], inputs[chosen])
            sums[name] = sums[name] + vector if name in sums else vector
        return replace(self, sums=sums)

    def part(self, label: int, region: int) -> Part:
        """Return the sums of one class in one region."""
        return Part.of(self.sums[label, region], self.sketch.values)

    def parts(self, label: int) -> list[Part]:
        """Return the sums of one class in each region that it has examples in, in the order of the regions."""
        return [self.part(*key) for key in sorted(self.sums) if key[0] == label]

    def times(self, count: int) -> Regions:
        """Return the sums of every row ``count`` times."""
        return replace(self, sums={key: vector * count for key, vector in self.sums.items() if count})

    def __add__(self, other: Regions) -> Regions:
        """Return both sums; raise `InputError` for two sketches."""
        self._check_same(other)
        sums = dict(self.sums)
        for key, vector in other.sums.items():
            sums[key] = sums[key] + vector if key in sums else vector
        return replace(self, sums=sums)

    def __sub__(self, other: Regions) -> Regions:
        """Return these sums without ``other``; raise `InputError` where they show that it was never learned."""
        self._check_same(other)
        sums = dict(self.sums)
        for key, vector in other.sums.items():
            rest = sums.pop(key, np.zeros(self.length, np.int64)) - vector
            if (rest < 0).any() or (not rest[0] and rest.any()):
                raise InputError(
                    "cannot remove examples that were never learned: no such pictures are in the sums; "
                    "give the data and labels that were learned"
                )
            if rest[0]:
                sums[key] = rest
        return replace(self, sums=sums)

    def _check_same(self, other: Regions) -> None:
        if (self.sketch.fingerprint, self.classes) != (other.sketch.fingerprint, other.classes):
            raise InputError(
                "expected sums of one and the same sketch of pictures, got two: bootstrap once and share that file"
            )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the sketch and of all sums: equal sums, equal fingerprints."""
        digest = hashlib.sha256(f"{self.sketch.fingerprint} {self.classes}".encode())
        for key in sorted(self.sums):
            digest.update(f"{key}".encode())
            digest.update(self.sums[key].astype("<i8", copy=False).tobytes())
        return digest.hexdigest()

    @property
    def _stacked(self) -> np.ndarray:
        return np.stack([self.sums[key] for key in sorted(self.sums)])

    def packed(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return header and arrays for a file; `unpacked` is the inverse."""
        found = narrowest(self._stacked) if self.sums else np.zeros((0, self.length), np.uint8)
        arrays = {f"sketch.{name}": array for name, array in self.sketch.arrays.items()}
        keys = np.array(sorted(self.sums), np.int64).reshape(-1, 2)
        return {"classes": self.classes}, {**arrays, "keys": keys, "sums": found}

    @classmethod
    def unpacked(cls, header: Any, arrays: dict[str, np.ndarray]) -> Regions:
        """Return the sums that `packed` packed; raise `InputError` for sums that no rows can have."""
        kept = {name: arrays[name] for name in arrays if not name.startswith("sketch.")}
        expect(kept.keys() == {"keys", "sums"}, "keys and sums of regions")
        own = {name.removeprefix("sketch."): arrays[name] for name in arrays.keys() - kept.keys()}
        classes = by_name(header)["classes"]
        expect(is_whole(classes, 1, 2**31), "a number of classes")
        empty = cls(Sketch.restored(own), classes)
        keys, sums = kept["keys"], kept["sums"]
        expect(wholes(keys, (len(keys), 2)) and wholes(sums, (len(keys), empty.length)), "sums of each region")
        most = (classes, len(empty.sketch.centres))
        expect(bool((keys >= 0).all() and (keys < most).all()), "classes and regions that there are")
        names = [(int(label), int(region)) for label, region in keys]
        expect(names == sorted(set(names)), "each class and region once")
        found = replace(empty, sums=dict(zip(names, sums.astype(np.int64), strict=True)))
        expect(all(_possible(found.part(*name), empty.sketch.size) for name in names), "sums that pictures can have")
        return found


@dataclass(frozen=True, eq=False)
class Part:
    """The sums of one class in one region."""

    count: int
    total: np.ndarray  # [K]: Σ h
    bytes: np.ndarray  # [256]: how often each byte is a pixel
    triangle: np.ndarray  # [K (K + 1) / 2]: Σ h hᵀ, upper triangle

    @classmethod
    def of(cls, vector: np.ndarray, values: int) -> Part:
        """Return the parts of a vector as `Regions` keeps it."""
        count, total, often, triangle = np.split(vector, [1, 1 + values, 1 + values + BYTES])
        return cls(int(count[0]), total, often, triangle)

    @property
    def mean(self) -> np.ndarray:
        """The mean code ``[K]``."""
        return self.total / self.count

    @property
    def scatter(self) -> np.ndarray:
        """``Σ (h - mean)(h - mean)ᵀ``, ``[K, K]``."""
        upper = np.zeros((len(self.total),) * 2)
        upper[_upper(len(self.total))] = self.triangle
        return upper + np.triu(upper, 1).T - np.outer(self.total, self.mean)


@lru_cache(maxsize=8)
def _upper(values: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the upper triangle of ``[K, K]``."""
    return np.triu_indices(values)


def _vector(codes: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Return the sums int64 of codes uint8 ``[N, K]`` and inputs uint8 ``[N, D]``, N > 0."""
    values = codes.astype(np.float64)  # products are whole numbers below 2**53: exact
    products = np.rint(values.T @ values).astype(np.int64)
    often = np.bincount(inputs.ravel(), minlength=BYTES)
    return np.concatenate([[len(codes)], codes.sum(0, np.int64), often, products[_upper(codes.shape[1])]])


def _possible(part: Part, size: int) -> bool:
    """Return whether pictures of ``size`` pixels can have these sums."""
    if (part.total < 0).any() or (part.triangle < 0).any() or (part.bytes < 0).any() or part.count < 1:
        return False
    least = part.total.sum() <= TOP * part.count * len(part.total) and part.triangle.max() <= TOP**2 * part.count
    return bool(least and part.bytes.sum() == part.count * size)

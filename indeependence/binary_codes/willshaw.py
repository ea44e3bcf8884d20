"""Associative memory of binary codes by clipped Hebbian sums: a synapse is set once both its units fired together.

Source: Willshaw, Buneman & Longuet-Higgins 1969; Palm 1980. There are no gradients, and each pair is seen once.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, log2
from pathlib import Path

import numpy as np

from indeependence.binary_codes.sdr import SDR, binarised
from indeependence.binary_codes.storage import check_packed
from indeependence.errors import InputError
from indeependence.files.container import damage_told, read_arrays, write_arrays

KIND = "willshaw"


@dataclass(frozen=True, eq=False)
class WillshawMemory:
    """An associative memory: one bit for each pair of a cue unit and a target unit, packed.

    Learning is OR: pairs may come in any order and any number of times. OR cannot be undone: unlike sums, this memory
    cannot forget a pair. Make an empty one with `empty`.

    Attributes
    ----------
    packed : the synapses, uint8 ``[cue units, ceil(target units / 8)]``.
    targets : the number of units of a target code.

    Examples
    --------

    >>> cue, target = SDR.of(np.array([[1, 1, 0, 0]])), SDR.of(np.array([[0, 0, 1]]))
    >>> WillshawMemory.empty(4, 3).learn(cue, target).recall(SDR.of(np.array([[1, 0, 0, 0]]))).bits
    array([[False, False,  True]])
    """

    packed: np.ndarray  # [cue units, ceil(target units / 8)] uint8
    targets: int  # units of a target code

    @classmethod
    def empty(cls, cues: int, targets: int | None = None) -> WillshawMemory:
        """Return a memory without synapses, from ``cues`` to ``targets`` units; by default to themselves."""
        targets = cues if targets is None else targets
        return cls(np.zeros((cues, -(-targets // 8)), np.uint8), targets)

    @property
    def cues(self) -> int:
        """The number of units of a cue."""
        return len(self.packed)

    @property
    def load(self) -> float:
        """The share of synapses that are set; beyond one half, every further pair costs more than it adds."""
        return float(np.bitwise_count(self.packed).sum(dtype=np.int64) / (self.cues * self.targets))

    def learn(self, cues: SDR, targets: SDR | None = None) -> WillshawMemory:
        """Return the memory that has learned these pairs as well; without targets, each cue is its own target."""
        targets = cues if targets is None else targets
        self._check(cues, targets)
        packed = self.packed.copy()
        for cue, target in zip(cues.bits, targets.packed, strict=True):
            packed[cue] |= target
        return WillshawMemory(packed, self.targets)

    def __or__(self, other: WillshawMemory) -> WillshawMemory:
        """Return the memory of everything that either has learned; raise `InputError` for another size."""
        if (self.cues, self.targets) != (other.cues, other.targets):
            raise InputError(
                f"expected memories of one size, got {self.cues}x{self.targets} and {other.cues}x{other.targets}"
            )
        return WillshawMemory(self.packed | other.packed, self.targets)

    def sums(self, cues: SDR) -> np.ndarray:
        """Return dendritic sums ``[N, targets]``: how many active cue units have a synapse to each target unit."""
        self._check(cues)
        counts = np.empty((len(cues), self.targets), np.int64)
        for row, cue in enumerate(cues.bits):
            counts[row] = np.unpackbits(self.packed[cue], axis=1, count=self.targets).sum(0)
        return counts

    def recall(self, cues: SDR, *, active: int | None = None, steps: int = 1) -> SDR:
        """Return the target codes that belong to the cues.

        Without ``active`` a unit is set if all active cue units reach it: right for cues that miss bits but have no
        wrong ones. With ``active``, exactly that many of the largest sums win: for cues with wrong bits. With more
        ``steps``, what was recalled is the next cue; raise `InputError` unless codes are stored with themselves.
        """
        if steps > 1 and self.cues != self.targets:
            raise InputError("expected one step: only a memory of codes to themselves can recall from what it recalled")
        for _ in range(steps):
            sums = self.sums(cues)
            cues = binarised(sums, active) if active else SDR.of((sums == cues.active[:, None]) & (sums > 0))
        return cues

    def _check(self, cues: SDR, targets: SDR | None = None) -> None:
        if cues.units != self.cues or (targets is not None and targets.units != self.targets):
            wrong = cues.units if targets is None else f"{cues.units} and {targets.units}"
            raise InputError(f"expected codes of {self.cues} and {self.targets} units, got {wrong}")
        if targets is not None and len(cues) != len(targets):
            raise InputError(f"expected a target for each of {len(cues)} cues, got {len(targets)}")

    def save(self, path: str | Path) -> None:
        """Write the memory to ``path``; on any failure the old file stays."""
        write_arrays(path, KIND, {"targets": self.targets}, {"packed": self.packed})

    @classmethod
    def load_file(cls, path: str | Path) -> WillshawMemory:
        """Return the memory in the file ``path``; raise `InputError` for another kind of file or a damaged one."""
        header, arrays = read_arrays(path, KIND)
        with damage_told(path):
            packed, targets = arrays["packed"], header["targets"]
            check_packed(packed, targets)
            return cls(packed, targets)


def recalled_bits(stored: SDR, recalled: SDR, cues: SDR | None = None) -> float:
    """Return the information in bits that recalled codes give about the stored ones, as a mean per code.

    A stored code of k of n bits carries ``log2 C(n, k)``. Recall with f wrong units in addition to all k right ones
    leaves ``C(k + f, k)`` codes possible; where a right unit is missing, nothing is counted. Of a code that is recalled
    from ``cues``, c of its own bits, ``log2 C(n - c, k - c)`` were not known, and ``C(k + f - c, k - c)`` codes are
    left. Raise `InputError` unless there are equally many of each, of one size, and all cues are parts of stored codes.

    >>> recalled_bits(SDR.of(np.array([[1, 1, 0, 0]])), SDR.of(np.array([[1, 1, 1, 0]])))
    1.0
    """
    given = [one for one in (stored, recalled, cues) if one is not None]
    if not len(stored) or len({(len(one), one.units) for one in given}) > 1:
        sizes = ", ".join(f"{len(one)} of {one.units} units" for one in given)
        raise InputError(f"expected equally many codes of one size, got {sizes}")
    right = np.bitwise_count(stored.packed & recalled.packed).sum(1)
    known = np.zeros(len(stored), int) if cues is None else np.bitwise_count(stored.packed & cues.packed).sum(1)
    if cues is not None and (known < cues.active).any():
        raise InputError("expected cues that are parts of the stored codes, got some with other bits")
    gained = [
        log2(comb(stored.units - c, k - c)) - log2(comb(found - c, k - c)) if all_there else 0.0
        for k, found, c, all_there in zip(
            stored.active.tolist(), recalled.active.tolist(), known.tolist(), right == stored.active, strict=True
        )
    ]
    return float(np.mean(gained))

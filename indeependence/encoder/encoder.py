"""The encoder: a stack of layers, frozen after bootstrap, from inputs to rows of codes."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import accumulate
from typing import ClassVar

import numpy as np

from indeependence.encoder.description import ARCHIVES, describe
from indeependence.encoder.edges import Edges
from indeependence.encoder.fronts.front import Front
from indeependence.encoder.layers import Layer, LayerWithBases
from indeependence.encoder.layers.norm import NormLayer
from indeependence.encoder.layers.patches import PatchLayer, moved
from indeependence.encoder.quantise import Quantiser, check_shape
from indeependence.engine.choice import active
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.machine import limited_threads, one_of_few, threads_for

MANY = 64  # rows that are worth bringing to another device
CHUNK = 256  # rows to one thread at a time: bases are read once for all of them
WORTH = 2**25  # products that a thread has to do at least, some milliseconds of work: to start it costs a few tenths


@dataclass(frozen=True, eq=False)
class Encoder:
    """Codes uint8 ``[N, H]`` from inputs ``[N, *shape]``; equal inputs have equal codes, on every machine.

    With a ``front``, a network in floating point, that holds on one machine with one set of libraries.
    """

    layers_text: str  # as in `parse_layers`
    shape: tuple[int, ...]  # of one input
    quantiser: Quantiser | Edges
    layers: tuple[Layer, ...]
    keeps_input: tuple[bool, ...]  # whether a layer's code is appended to the code below it
    units: int  # H
    front: Front | None = None  # applied to the inputs before the quantiser
    kept: np.ndarray | None = None  # [H] int64, ascending: the layers' units that are in a code; None for all
    stacks: tuple[int, ...] = ()  # of several members, whose codes stand side by side: the number of layers of each
    regions: ClassVar[None] = None  # nothing is summed beside codes

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Return codes uint8 ``[N, H]`` of ``inputs``, on ``jobs`` threads (all cores by default)."""
        check_shape(inputs, self.shape)
        rows = inputs if self.front is None else self.front(inputs)
        if len(rows) >= MANY and (device := active()) is not None:
            from indeependence.encoder.on_device import codes_on

            return codes_on(device, self, rows)
        codes = np.empty((len(rows), self.units), np.uint8)
        jobs = threads_for(jobs)
        chunk = min(max(-(-len(rows) // jobs), -(-WORTH // self._products)), CHUNK)

        def encode(start: int) -> None:
            codes[start : start + chunk] = self._encode_rows(rows[start : start + chunk])

        starts = range(0, len(rows), chunk)
        # Chunks run side by side, so each product keeps to one thread.
        with one_of_few(), limited_threads(1):
            if min(jobs, len(starts)) < 2:
                list(map(encode, starts))
            else:
                with ThreadPoolExecutor(min(jobs, len(starts))) as pool:
                    list(pool.map(encode, starts))
        return codes

    def views(self, inputs: np.ndarray) -> Iterator[np.ndarray]:
        """Yield what is learned of ``inputs``: themselves, and, if a patch layer has a shift, moved copies of them."""
        yield inputs
        if self.copies > 1:
            yield from moved(np.asarray(inputs), self.shift)

    def coded(
        self, batches: Iterable[tuple[np.ndarray, np.ndarray]], *, size: int | None = None, jobs: int | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield codes uint8 ``[N, H]`` and labels ``[N]`` of every view of all batches of inputs and labels.

        At most ``size`` inputs are encoded at a time, or a whole batch, on ``jobs`` threads (all cores by default).
        """
        for inputs, labels in batches:
            step = size or max(len(inputs), 1)
            for start in range(0, len(inputs), step):
                rows = slice(start, start + step)
                for view in self.views(inputs[rows]):
                    yield self(view, jobs=jobs), labels[rows]

    @property
    def members(self) -> int:
        """The number of stacks of layers, each of which looks at the inputs and makes as many units of a code."""
        return max(len(self.stacks), 1)

    @property
    def each(self) -> tuple[Encoder, ...]:
        """Every member as an encoder of its own."""
        return self._own if self.stacks else (self,)

    @cached_property
    def _own(self) -> tuple[Encoder, ...]:
        ends = list(accumulate(self.stacks))
        own = [slice(end - count, end) for end, count in zip(ends, self.stacks, strict=True)]
        units = self.units // self.members
        return tuple(
            replace(self, layers=self.layers[one], keeps_input=self.keeps_input[one], units=units, stacks=())
            for one in own
        )

    @property
    def copies(self) -> int:
        """The number of code rows that are learned of one example: as many as it has views."""
        return 5 if self.shift else 1

    @property
    def shift(self) -> int:
        """The number of pixels by which copies are moved, the same in every member; 0 without copies."""
        first = self.layers[0] if self.layers else None
        return first.shift if isinstance(first, PatchLayer) else 0

    def examples(self, rows: int) -> int:
        """Return the number of examples of which so many ``rows`` of codes were learned."""
        return rows // self.copies

    def _encode_rows(self, rows: np.ndarray) -> np.ndarray:
        codes = self.quantiser(np.asarray(rows))  # reads rows that are still in their files
        codes = np.hstack([one.above(codes) for one in self.each]) if self.stacks else self.above(codes)
        return codes if self.kept is None else codes.take(self.kept, axis=1)

    def above(self, codes: np.ndarray) -> np.ndarray:
        """Return the codes ``[N, H]`` that the layers of one member make of quantised inputs."""
        for layer, keeps_input in zip(self.layers, self.keeps_input, strict=True):
            codes = climb(codes, layer, keeps_input=keeps_input)
        return flat(codes)

    @cached_property
    def _products(self) -> int:
        """About how many products the code of one input takes."""
        count = self.units
        for layer in self.layers:
            windows = layer.cells(*self.shape[:2]).shape[1] if isinstance(layer, PatchLayer) else 1
            count += windows * sum(np.size(getattr(layer, field.name)) for field in fields(layer))
        return count

    @property
    def longest(self) -> float:
        """The length ``‖h‖`` that no code exceeds, whatever the input: that of a norm layer, or 255 √H."""
        if self.stacks:
            return math.hypot(*(one.longest for one in self.each))
        top = self.layers[-1] if self.layers else None
        return float(top.longest) if isinstance(top, NormLayer) else TOP * math.sqrt(self.units)

    @property
    def nbytes(self) -> int:
        """The number of bytes of its arrays."""
        return sum(array.nbytes for array in describe(self)[1].values())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that determines a code: shape, front, limits and layers."""
        header, arrays = describe(self)
        header.pop("layers_text")
        for archive in ARCHIVES.values():  # the header has its fingerprint
            arrays.pop(archive, None)
        digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
        for name in sorted(arrays):
            digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
            digest.update(np.ascontiguousarray(arrays[name]).tobytes())
        return digest.hexdigest()


def climb(codes: np.ndarray, layer: Layer, *, keeps_input: bool) -> np.ndarray:
    """Return the codes above ``layer``, appended to those below it where it keeps its input."""
    above = layer(codes if layer.takes_pictures else flat(codes))
    return np.hstack([flat(codes), above]) if keeps_input else above


def width_over(layer: Layer, shape: tuple[int, ...], below: int, *, keeps_input: bool) -> int:
    """Return the number of code units above a layer that looks at pictures of ``shape``, or at ``below`` codes."""
    return layer.width(shape if layer.takes_pictures else (below,)) + below * keeps_input


def layers_with_bases(encoder: Encoder) -> tuple[LayerWithBases, ...]:
    """Return the layers of ``encoder``; raise `InputError` for members, a network, or a layer without bases."""
    check_one_member(encoder)
    layers = tuple(layer for layer in encoder.layers if isinstance(layer, LayerWithBases))
    if encoder.front is not None or len(layers) < len(encoder.layers):
        others = sorted({layer.kind for layer in encoder.layers} - {layer.kind for layer in layers})
        raise InputError(
            "expected an encoder of layers with bases alone (dense, patches), got "
            f"{' and '.join(others) + ' layers' if others else 'a pretrained network'}: choose other --layers"
        )
    return layers


def check_one_member(encoder: Encoder) -> None:
    """Raise `InputError` for an encoder of several members."""
    if encoder.members > 1:
        raise InputError(f"expected an encoder of one member, got {encoder.members}: train with one, see --layers")


def widths(encoder: Encoder) -> list[int]:
    """Return the numbers of quantised values of one input and of the whole code after each layer.

    Raise `InputError` for several members.

    >>> widths(Encoder("inputs", (3, 4), Quantiser(None, None), (), (), 12))
    [12]
    """
    check_one_member(encoder)
    quantiser, shape = encoder.quantiser, encoder.shape
    units = [quantiser.width if isinstance(quantiser, Edges) else int(np.prod(shape))]
    for layer, stays in zip(encoder.layers, encoder.keeps_input, strict=True):
        units.append(width_over(layer, shape, units[-1], keeps_input=stays))
    return units


def flat(codes: np.ndarray) -> np.ndarray:
    """Return codes of any shape as rows ``[N, D]``."""
    return codes.reshape(len(codes), -1)

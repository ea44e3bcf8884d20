"""The encoder: layers one above the other, frozen after bootstrap, from inputs to rows of codes."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import MISSING, dataclass, fields
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from indeependence.encoder.frozen import FrozenModel
from indeependence.encoder.layers import DenseLayer
from indeependence.encoder.norm import NormLayer
from indeependence.encoder.patches import PatchLayer, moved
from indeependence.encoder.quantise import TOP, Quantiser
from indeependence.errors import InputError

LayerWithBases = DenseLayer | PatchLayer
Layer = LayerWithBases | NormLayer
KINDS: dict[str, type[Layer]] = {"dense": DenseLayer, "patches": PatchLayer, "norm": NormLayer}
CHUNK = 256  # rows to one thread at a time: bases are read once for all of them
ARCHIVE = "front.archive"  # name of the array that holds a Keras model's file


@dataclass(frozen=True, eq=False)
class Encoder:
    """Codes uint8 ``[N, H]`` from inputs ``[N, *shape]``; equal inputs have equal codes, on every machine.

    With a ``front``, a network in floating point, that holds on one machine with one set of libraries.
    """

    layers_text: str  # what it was asked for
    shape: tuple[int, ...]  # of one input
    quantiser: Quantiser
    layers: tuple[Layer, ...]
    beside: tuple[bool, ...]  # whether a layer's code stands beside the code below it
    units: int  # H
    front: FrozenModel | None = None  # looks at the inputs before the quantiser does
    kept: np.ndarray | None = None  # [H] int64, ascending: which of the layers' units are given; None for all

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Codes of ``inputs``, on ``jobs`` threads (all cores by default)."""
        if inputs.shape[1:] != self.shape:
            raise InputError(
                f"expected inputs of shape {'x'.join(map(str, self.shape))}, as at bootstrap, "
                f"got {'x'.join(map(str, inputs.shape[1:]))}"
            )
        rows = inputs if self.front is None else self.front(inputs)
        codes = np.empty((len(rows), self.units), np.uint8)
        jobs = jobs or available_cores()
        chunk = min(max(-(-len(rows) // jobs), 1), CHUNK)

        def encode(start: int) -> None:
            codes[start : start + chunk] = self._encode_rows(rows[start : start + chunk])

        starts = range(0, len(rows), chunk)
        # Chunks run side by side, so each product keeps to one thread.
        with libraries().limit(limits=1):
            if min(jobs, len(starts)) < 2:
                list(map(encode, starts))
            else:
                with ThreadPoolExecutor(min(jobs, len(starts))) as pool:
                    list(pool.map(encode, starts))
        return codes

    def views(self, inputs: np.ndarray) -> Iterator[np.ndarray]:
        """What is learned of ``inputs``: themselves, and copies moved by a few pixels if a patch layer has a shift."""
        yield inputs
        if self.copies > 1:
            yield from moved(np.asarray(inputs), self.layers[0].shift)  # type: ignore[union-attr]

    @property
    def copies(self) -> int:
        """How many code rows are learned of one example: as many as it has views."""
        first = self.layers[0] if self.layers else None
        return 5 if isinstance(first, PatchLayer) and first.shift else 1

    def examples(self, rows: int) -> int:
        """Of how many examples so many ``rows`` of codes were learned."""
        return rows // self.copies

    def _encode_rows(self, rows: np.ndarray) -> np.ndarray:
        codes = self.quantiser(np.asarray(rows))  # rows that are read from files when they are needed, maybe
        for layer, beside in zip(self.layers, self.beside, strict=True):
            codes = climb(codes, layer, beside=beside)
        codes = flat(codes)
        return codes if self.kept is None else codes.take(self.kept, axis=1)

    @property
    def longest(self) -> float:
        """The length ``‖h‖`` that no code exceeds, whatever the input: that of a norm layer, or 255 √H."""
        top = self.layers[-1] if self.layers else None
        return float(top.longest) if isinstance(top, NormLayer) else TOP * math.sqrt(self.units)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that decides about a code: shape, front, limits and layers."""
        header, arrays = describe(self)
        header.pop("layers_text")
        arrays.pop(ARCHIVE, None)  # the header tells what matters of it
        digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
        for name in sorted(arrays):
            digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
            digest.update(np.ascontiguousarray(arrays[name]).tobytes())
        return digest.hexdigest()


def climb(codes: np.ndarray, layer: Layer, *, beside: bool) -> np.ndarray:
    """The codes above ``layer``, together with those below it if they stand ``beside`` them."""
    above = layer(codes if isinstance(layer, PatchLayer) else flat(codes))
    return np.hstack([flat(codes), above]) if beside else above


def layers_with_bases(encoder: Encoder) -> tuple[LayerWithBases, ...]:
    """The layers of ``encoder``; InputError if it has a frozen model in front or a norm layer, which have no bases."""
    layers = tuple(layer for layer in encoder.layers if not isinstance(layer, NormLayer))
    if encoder.front is not None or len(layers) < len(encoder.layers):
        raise InputError("expected an encoder of bases alone, got a frozen model or a norm layer: leave it out")
    return layers


def widths(shape: tuple[int, ...], layers: tuple[LayerWithBases, ...], beside: tuple[bool, ...]) -> list[int]:
    """The numbers of values of one input and of the whole code after each layer.

    >>> widths((3, 4), (), ())
    [12]
    """
    units = [int(np.prod(shape))]
    for layer, stays in zip(layers, beside, strict=True):
        own = layer.units(shape) if isinstance(layer, PatchLayer) else layer.units
        units.append(own + units[-1] * stays)
    return units


def flat(codes: np.ndarray) -> np.ndarray:
    """Rows ``[N, D]`` of codes of any shape."""
    return codes.reshape(len(codes), -1)


@lru_cache(maxsize=1)
def libraries() -> ThreadpoolController:
    """The libraries for matrix products that are loaded, looked for once: that takes longer than a row's code."""
    return ThreadpoolController()


def available_cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe(encoder: Encoder) -> tuple[dict, dict[str, np.ndarray]]:
    """An encoder as a header of plain JSON values and named arrays; `restore` is the inverse."""
    arrays: dict[str, np.ndarray] = {}
    layers = []
    for i, (layer, beside) in enumerate(zip(encoder.layers, encoder.beside, strict=True)):
        kind = next(name for name, made in KINDS.items() if isinstance(layer, made))
        entry: dict = {"kind": kind, "beside": beside}
        for field in fields(layer):
            value = getattr(layer, field.name)
            if field.default is not MISSING and value == field.default:
                continue  # a new option changes no older encoder's fingerprint
            if isinstance(value, np.ndarray):
                arrays[f"layer{i}.{field.name}"] = value
            else:
                entry[field.name] = value.item() if isinstance(value, np.generic) else value
        layers.append(entry)
    if encoder.quantiser.low is not None and encoder.quantiser.high is not None:
        arrays |= {"limits.low": encoder.quantiser.low, "limits.high": encoder.quantiser.high}
    if encoder.kept is not None:
        arrays["kept"] = encoder.kept
    header = {
        "layers_text": encoder.layers_text,
        "shape": list(encoder.shape),
        "units": encoder.units,
        "layers": layers,
    }
    if encoder.front is not None:
        header["front"] = encoder.front.fingerprint
        arrays[ARCHIVE] = np.frombuffer(encoder.front.archive, np.uint8)
    return header, arrays


def restore(header: dict, arrays: dict[str, np.ndarray]) -> Encoder:
    """The encoder that `describe` described. Raises `InputError` where units are to be kept that it does not have."""
    encoder = Encoder(
        layers_text=header["layers_text"],
        shape=tuple(header["shape"]),
        quantiser=Quantiser(arrays.get("limits.low"), arrays.get("limits.high")),
        layers=tuple(_restore_layer(i, entry, arrays) for i, entry in enumerate(header["layers"])),
        beside=tuple(entry["beside"] for entry in header["layers"]),
        units=header["units"],
        front=FrozenModel(arrays[ARCHIVE].tobytes()) if "front" in header else None,
        kept=arrays.get("kept"),
    )
    if encoder.kept is not None:
        _check_kept(encoder.kept, encoder)
    return encoder


def _check_kept(kept: np.ndarray, encoder: Encoder) -> None:
    whole = kept.dtype == np.int64 and kept.shape == (encoder.units,)
    top = widths(encoder.shape, layers_with_bases(encoder), encoder.beside)[-1]
    if not whole or (np.diff(kept) <= 0).any() or (kept < 0).any() or (kept >= top).any():
        raise InputError(f"damaged model: expected {encoder.units} ascending numbers of units that its layers have")


def _restore_layer(index: int, entry: dict, arrays: dict[str, np.ndarray]) -> Layer:
    kind = KINDS[entry["kind"]]
    values: dict[str, Any] = {}
    for field in fields(kind):
        stored = entry.get(field.name, arrays.get(f"layer{index}.{field.name}"))
        if stored is None and field.default is not MISSING:
            continue
        values[field.name] = np.float32(stored) if field.type == "np.float32" else stored
    return kind(**values)

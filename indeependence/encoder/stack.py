"""The encoder: layers one above the other, frozen after bootstrap, from inputs to rows of codes."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from indeependence.encoder.layers import DenseLayer
from indeependence.encoder.patches import PatchLayer
from indeependence.encoder.quantise import Quantiser
from indeependence.errors import InputError

Layer = DenseLayer | PatchLayer
CHUNK = 64  # rows to one thread at a time


@dataclass(frozen=True, eq=False)
class Encoder:
    """Codes uint8 ``[N, H]`` from inputs ``[N, *shape]``; equal inputs have equal codes, on every machine."""

    layers_text: str  # what it was asked for
    shape: tuple[int, ...]  # of one input
    quantiser: Quantiser
    layers: tuple[Layer, ...]
    beside: tuple[bool, ...]  # whether a layer's code stands beside the code below it
    units: int  # H

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Codes of ``inputs``, on ``jobs`` threads (all cores by default)."""
        if inputs.shape[1:] != self.shape:
            raise InputError(
                f"expected inputs of shape {'x'.join(map(str, self.shape))}, as at bootstrap, "
                f"got {'x'.join(map(str, inputs.shape[1:]))}"
            )
        codes = np.empty((len(inputs), self.units), np.uint8)

        def encode(start: int) -> None:
            codes[start : start + CHUNK] = self._encode_rows(inputs[start : start + CHUNK])

        # Chunks run side by side, so each product keeps to one thread.
        with threadpool_limits(1), ThreadPoolExecutor(jobs or available_cores()) as pool:
            for _ in pool.map(encode, range(0, len(inputs), CHUNK)):
                pass
        return codes

    def _encode_rows(self, inputs: np.ndarray) -> np.ndarray:
        codes = self.quantiser(inputs)
        for layer, beside in zip(self.layers, self.beside, strict=True):
            codes = climb(codes, layer, beside=beside)
        return flat(codes)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that decides about a code: shape, limits and layers."""
        header, arrays = describe(self)
        header.pop("layers_text")
        digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
        for name in sorted(arrays):
            digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
            digest.update(np.ascontiguousarray(arrays[name]).tobytes())
        return digest.hexdigest()


def climb(codes: np.ndarray, layer: Layer, *, beside: bool) -> np.ndarray:
    """The codes above ``layer``, together with those below it if they stand ``beside`` them."""
    above = layer(codes if isinstance(layer, PatchLayer) else flat(codes))
    return np.hstack([flat(codes), above]) if beside else above


def flat(codes: np.ndarray) -> np.ndarray:
    """Rows ``[N, D]`` of codes of any shape."""
    return codes.reshape(len(codes), -1)


def available_cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe(encoder: Encoder) -> tuple[dict, dict[str, np.ndarray]]:
    """An encoder as a header of plain JSON values and named arrays; `restore` is the inverse."""
    arrays: dict[str, np.ndarray] = {}
    layers = []
    for i, (layer, beside) in enumerate(zip(encoder.layers, encoder.beside, strict=True)):
        entry: dict = {"kind": "patches" if isinstance(layer, PatchLayer) else "dense", "beside": beside}
        for field in fields(layer):
            value = getattr(layer, field.name)
            if isinstance(value, np.ndarray):
                arrays[f"layer{i}.{field.name}"] = value
            else:
                entry[field.name] = value.item() if isinstance(value, np.generic) else value
        layers.append(entry)
    if encoder.quantiser.low is not None and encoder.quantiser.high is not None:
        arrays |= {"limits.low": encoder.quantiser.low, "limits.high": encoder.quantiser.high}
    header = {
        "layers_text": encoder.layers_text,
        "shape": list(encoder.shape),
        "units": encoder.units,
        "layers": layers,
    }
    return header, arrays


def restore(header: dict, arrays: dict[str, np.ndarray]) -> Encoder:
    """The encoder that `describe` described."""
    layers = tuple(_restore_layer(i, entry, arrays) for i, entry in enumerate(header["layers"]))
    return Encoder(
        layers_text=header["layers_text"],
        shape=tuple(header["shape"]),
        quantiser=Quantiser(arrays.get("limits.low"), arrays.get("limits.high")),
        layers=layers,
        beside=tuple(entry["beside"] for entry in header["layers"]),
        units=header["units"],
    )


def _restore_layer(index: int, entry: dict, arrays: dict[str, np.ndarray]) -> Layer:
    kind: type[Layer] = PatchLayer if entry["kind"] == "patches" else DenseLayer
    values: dict[str, Any] = {}
    for field in fields(kind):
        stored = entry.get(field.name, arrays.get(f"layer{index}.{field.name}"))
        values[field.name] = np.float32(stored) if field.type == "np.float32" else stored
    return kind(**values)

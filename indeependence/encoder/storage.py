"""Encoders from their description in a file."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import numpy as np

from indeependence.encoder.checked import check_encoder
from indeependence.encoder.description import ARCHIVES
from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder, widths
from indeependence.encoder.fronts.front import Front
from indeependence.encoder.fronts.keras_network import KerasNetwork
from indeependence.encoder.fronts.onnx_network import OnnxNetwork
from indeependence.encoder.fronts.preparation import PLAIN, SCALES
from indeependence.encoder.layers import KINDS, Layer
from indeependence.encoder.quantise import Quantiser
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.files.schema import expect

IN_FLOAT32 = ("scale", "threshold")  # fields of layers that are float32, which JSON does not know


def restore(header: dict, arrays: dict[str, np.ndarray]) -> Encoder:
    """Return the encoder that `describe` described; raise `InputError` unless its parts are sound and fit together."""
    encoder = Encoder(
        layers_text=header["layers_text"],
        shape=tuple(header["shape"]),
        quantiser=_restore_quantiser(arrays),
        layers=tuple(_restore_layer(i, entry, arrays) for i, entry in enumerate(header["layers"])),
        keeps_input=tuple(entry["beside"] for entry in header["layers"]),
        units=header["units"],
        front=_restore_front(header, arrays) if "front" in header else None,
        kept=arrays.get("kept"),
        stacks=tuple(header.get("stacks", ())),
    )
    check_encoder(encoder)
    if encoder.kept is not None:
        _check_kept(encoder.kept, encoder)
    return encoder


def _restore_front(header: dict, arrays: dict[str, np.ndarray]) -> Front:
    kind = OnnxNetwork if ARCHIVES["onnx"] in arrays else KerasNetwork
    scale = header.get("front_scale", PLAIN)
    expect(isinstance(scale, str) and scale in SCALES, "a known scale of pictures")
    return Front(kind(arrays[ARCHIVES[kind.kind]].tobytes()), scale)


def _restore_quantiser(arrays: dict[str, np.ndarray]) -> Quantiser | Edges:
    if "edges" not in arrays:
        return Quantiser(arrays.get("limits.low"), arrays.get("limits.high"))
    edges = arrays["edges"]
    if (
        edges.ndim != 3
        or edges.shape[2] != TOP
        or edges.dtype != np.float64
        or not (edges[..., 1:] >= edges[..., :-1]).all()
    ):
        raise InputError(f"damaged model: expected {TOP} ascending edges for every column")
    return Edges(edges)


def _check_kept(kept: np.ndarray, encoder: Encoder) -> None:
    whole = kept.dtype == np.int64 and kept.shape == (encoder.units,)
    top = widths(encoder)[-1]
    if not whole or (np.diff(kept) <= 0).any() or (kept < 0).any() or (kept >= top).any():
        raise InputError(f"damaged model: expected {encoder.units} ascending numbers of units that its layers have")


def _restore_layer(index: int, entry: dict, arrays: dict[str, np.ndarray]) -> Layer:
    kind = KINDS[entry["kind"]]
    values: dict[str, Any] = {}
    for field in fields(kind):
        stored = entry.get(field.name, arrays.get(f"layer{index}.{field.name}"))
        if stored is None and field.default is not MISSING:
            continue
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is then refused
            values[field.name] = np.float32(stored) if field.name in IN_FLOAT32 else stored
    return kind(**values)

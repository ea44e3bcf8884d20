"""The description of an encoder: the header and arrays that its file holds and its fingerprint is made of."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING

import numpy as np

from indeependence.encoder.edges import Edges
from indeependence.encoder.fronts.preparation import PLAIN

if TYPE_CHECKING:
    from indeependence.encoder.encoder import Encoder

ARCHIVES = {"keras": "front.archive", "onnx": "front.onnx"}  # names of arrays that hold the file of a network


def describe(encoder: Encoder) -> tuple[dict, dict[str, np.ndarray]]:
    """Return an encoder as a header of plain JSON values and named arrays; `storage.restore` is the inverse."""
    arrays: dict[str, np.ndarray] = {}
    layers = []
    for i, (layer, keeps_input) in enumerate(zip(encoder.layers, encoder.keeps_input, strict=True)):
        entry: dict = {"kind": layer.kind, "beside": keeps_input}  # the name in files of all versions
        for field in fields(layer):
            value = getattr(layer, field.name)
            if field.default is not MISSING and value == field.default:
                continue  # a new option changes no older encoder's fingerprint
            if isinstance(value, np.ndarray):
                arrays[f"layer{i}.{field.name}"] = value
            else:
                entry[field.name] = value.item() if isinstance(value, np.generic) else value
        layers.append(entry)
    if isinstance(encoder.quantiser, Edges):
        arrays["edges"] = encoder.quantiser.edges
    elif encoder.quantiser.low is not None and encoder.quantiser.high is not None:
        arrays |= {"limits.low": encoder.quantiser.low, "limits.high": encoder.quantiser.high}
    if encoder.kept is not None:
        arrays["kept"] = encoder.kept
    header = {
        "layers_text": encoder.layers_text,
        "shape": list(encoder.shape),
        "units": encoder.units,
        "layers": layers,
    }
    if encoder.stacks:
        header["stacks"] = list(encoder.stacks)
    if encoder.front is not None:
        header["front"] = encoder.front.fingerprint
        if encoder.front.scale != PLAIN:
            header["front_scale"] = encoder.front.scale
        network = encoder.front.network
        arrays[ARCHIVES[network.kind]] = np.frombuffer(network.archive, np.uint8)
    return header, arrays

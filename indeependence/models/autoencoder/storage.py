"""The autoencoder's file: bases, centres and sums, exact or averaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from indeependence.encoder.description import describe
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.files.container import damage_told, read_arrays, under, write_arrays
from indeependence.models.autoencoder.sums import AutoencoderSums, Sums
from indeependence.models.autoencoder.tied import Tied
from indeependence.moments.average import Average
from indeependence.moments.moments import Moments
from indeependence.moments.storage import pack, unpack

KIND = "autoencoder"
AVERAGE = ("row_sum", "products")


def write_autoencoder(path: str | Path, stack: Tied, sums: AutoencoderSums, options: dict, about: dict) -> None:
    """Write an autoencoder to ``path``; on any failure the old file stays. ``about`` has further JSON values."""
    encoder, encoder_arrays = describe(stack.encoder)
    arrays = {f"encoder.{name}": array for name, array in encoder_arrays.items()}
    arrays |= {f"centre{index}": centre for index, centre in enumerate(stack.centres)}
    entries = []
    for index, part in enumerate((sums.rows, *sums.deep)):
        entry, packed = _pack(part)
        entries.append(entry)
        arrays |= {f"sums{index}.{name}": array for name, array in packed.items()}
    header = {"encoder": encoder, "sums": entries, "drift": sums.drift, "options": options, "about": about}
    write_arrays(path, KIND, header, arrays)


def read_autoencoder(path: str | Path) -> tuple[Tied, AutoencoderSums, dict[str, Any], dict[str, Any]]:
    """Return the bases, sums, options and further values from the file ``path``.

    Raise `InputError` if the file is missing, of another kind or format, or damaged.
    """
    header, arrays = read_arrays(path, KIND)
    with damage_told(path):
        encoder = restore(header["encoder"], under("encoder.", arrays))
        centres = tuple(arrays[f"centre{index}"] for index in range(len(encoder.layers)))
        sums = [_unpack(entry, under(f"sums{index}.", arrays)) for index, entry in enumerate(header["sums"])]
        options, about, drift = dict(header["options"]), dict(header["about"]), list(header["drift"])
        intact = all(one.fingerprint == entry["sha256"] for one, entry in zip(sums, header["sums"], strict=True))
        intact = intact and all(one.encoder == encoder.fingerprint for one in sums)
    if not intact:
        raise InputError(
            f"{path}: damaged model, its sums do not have the fingerprint in its header; use a copy of the file"
        )
    return Tied(encoder, centres), AutoencoderSums(sums[0], tuple(sums[1:]), drift), options, about


def _pack(sums: Sums) -> tuple[dict, dict[str, np.ndarray]]:
    if isinstance(sums, Moments):
        header, arrays = pack(sums)
        return {"kind": "sum", **header, "sha256": sums.fingerprint}, arrays
    header = {"kind": "average", "encoder": sums.encoder, "weight": sums.weight, "square": sums.square}
    return {**header, "sha256": sums.fingerprint}, {name: getattr(sums, name) for name in AVERAGE}


def _unpack(entry: dict, arrays: dict[str, np.ndarray]) -> Sums:
    if entry["kind"] == "sum":
        return unpack(entry, arrays)
    return Average(entry["encoder"], entry["weight"], entry["square"], *(arrays[name] for name in AVERAGE))

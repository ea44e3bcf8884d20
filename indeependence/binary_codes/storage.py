"""Binary codes and their labels in one safetensors file, bits packed, without pickle."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.binary_codes.sdr import SDR, density
from indeependence.errors import InputError
from indeependence.files.container import damage_told, read_arrays, write_arrays
from indeependence.files.schema import are_labels, expect, is_whole, wholes
from indeependence.moments.moments import sorted_labels
from indeependence.moments.narrow import narrowest

KIND = "sdr"


@dataclass(frozen=True, eq=False)
class SDRFile:
    """The content of one file of codes."""

    codes: SDR
    labels: np.ndarray | None = None  # [N] whole numbers or names
    about: dict[str, Any] = field(default_factory=dict)  # where the codes came from: plain JSON values

    def facts(self) -> dict[str, Any]:
        """Return facts about the codes, as plain JSON values."""
        classes, counts = np.unique([] if self.labels is None else self.labels, return_counts=True)
        pairs = zip(classes.tolist(), counts.tolist(), strict=True)
        return {
            "file": None,  # the path and the size are filled in by whoever knows them
            "kind": KIND,
            "codes": len(self.codes),
            "units": self.codes.units,
            "density": density(self.codes),
            "classes": [{"class": label, "examples": count} for label, count in pairs],
            "file_bytes": None,
            **{f"made_with_{name}": value for name, value in self.about.items() if name != "units"},
        }


def write_sdr(path: str | Path, file: SDRFile) -> None:
    """Write codes and labels to ``path``; on any failure the old file stays."""
    arrays = {"packed": file.codes.packed}
    header: dict[str, Any] = {"units": file.codes.units, "about": file.about, "classes": None}
    if file.labels is not None:
        named = file.labels.tolist()
        classes = sorted_labels(named)
        place = {label: i for i, label in enumerate(classes)}
        header["classes"] = list(classes)
        arrays["labels"] = narrowest(np.array([place[label] for label in named], np.int64))
    write_arrays(path, KIND, header, arrays)


def read_sdr(path: str | Path) -> SDRFile:
    """Return codes and labels of the file ``path``; raise `InputError` for another kind of file or a damaged one."""
    header, arrays = read_arrays(path, KIND)
    with damage_told(path):
        packed, units = arrays["packed"], header["units"]
        check_packed(packed, units)
        expect(isinstance(header["about"], dict), "where codes are from")
        return SDRFile(SDR(packed, units), _labels(header["classes"], arrays, len(packed)), header["about"])


def check_packed(packed: np.ndarray, units: Any) -> None:
    """Raise `InputError` unless ``packed [N, ceil(units / 8)]`` are bits of that many units and no more."""
    if not is_whole(units, 1, 2**31) or packed.dtype != np.uint8 or packed.ndim != 2:
        raise InputError("damaged codes: expected rows of packed bits")
    if packed.shape[1] != -(-units // 8):
        raise InputError(f"damaged codes: expected {-(-units // 8)} bytes a code of {units} units")
    if units % 8 and (packed[:, -1] & ((1 << (8 - units % 8)) - 1)).any():
        raise InputError(f"damaged codes: bits beyond unit {units} are set")


def _labels(classes: list | None, arrays: dict[str, np.ndarray], count: int) -> np.ndarray | None:
    if classes is None:
        return None
    places = arrays["labels"]
    expect(are_labels(classes), "labels in order, each once")
    if not wholes(places, (count,), "u") or (places >= len(classes)).any():
        raise InputError("damaged codes: expected one label a code")
    return np.array(classes)[places]

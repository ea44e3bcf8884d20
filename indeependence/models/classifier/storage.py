"""A classifier's file: encoder, sums, ledger and parameters, never an example."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.data.reading import Reading
from indeependence.encoder.description import describe
from indeependence.encoder.encoder import Encoder
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.exact import LARGEST
from indeependence.files.container import CLASSIFIER, damage_told, progress_in, read_arrays, under, write_arrays
from indeependence.files.schema import by_name, expect, is_whole
from indeependence.models.classifier import kept as kept_weights
from indeependence.models.classifier.kept import Kept
from indeependence.models.classifier.merged import Merged
from indeependence.models.parameters import restored_parameters
from indeependence.models.predictor import Predictor
from indeependence.moments.ledger import Ledger
from indeependence.moments.moments import Moments
from indeependence.moments.storage import pack, unpack


@dataclass(frozen=True, eq=False)
class ModelFile:
    """The content of a classifier's file; never an example."""

    encoder: Encoder
    ledger: Ledger
    options: dict[str, Any]  # the model's parameters
    progress: dict[str, Any] = field(default_factory=dict)  # of the run that wrote the file
    reading: Reading = Reading()  # how files become inputs
    merged: Merged = Merged()  # the models that were merged into it
    kept: Kept | None = None  # weights that were solved already


def write_model(path: str | Path, model: ModelFile) -> None:
    """Write ``model`` to ``path``; on any failure the old file stays."""
    header, arrays = described(model)
    if model.kept is not None:
        header["weights"], weights = kept_weights.describe(model.kept)
        arrays |= weights
    write_arrays(path, CLASSIFIER, header, arrays)


def described(model: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return header and arrays of what every file of a model with a ledger has: encoder, sums, options and readings."""
    encoder_header, encoder_arrays = describe(model.encoder)
    sums_header, sums_arrays = describe_sums(model.ledger)
    header = {
        "encoder": encoder_header,
        **sums_header,
        "sha256": model.ledger.total.fingerprint,
        "options": model.options,
        "progress": model.progress,
        "columns": list(model.reading.columns),
        **model.reading.header(),
        **model.merged.header(),
    }
    return header, {f"encoder.{name}": array for name, array in encoder_arrays.items()} | sums_arrays


def read_model(path: str | Path) -> ModelFile:
    """Return the model in the file ``path``.

    Raise `InputError`, with the reason, for a missing file, another kind of file, another format, arrays that do not
    fit together, sums that no examples can have, and sums or an encoder with another fingerprint than in the header.
    """
    header, arrays = read_arrays(path, CLASSIFIER)
    with damage_told(path):
        encoder = restore(header["encoder"], under("encoder.", arrays))
        ledger = restore_sums(header, arrays)
        sums = ledger.total
        found = encoder.fingerprint, encoder.units, encoder.members, sums.fingerprint
        intact = found == (sums.encoder, sums.units, sums.members, header["sha256"])
        model = ModelFile(
            *(encoder, ledger, restored_parameters(by_name(header["options"])), progress_in(header)),
            Reading.of(header).fitting(encoder.shape),
            merged=Merged.of(header),
            kept=_kept(header, arrays, encoder),
        )
    if not intact:
        raise InputError(
            f"{path}: damaged model, its sums do not have the fingerprint in its header; use a copy of the file"
        )
    return model


def read_kept(path: str | Path) -> Predictor | None:
    """Return encoder and weights of the file ``path`` without reading its sums; None where the weights are not kept.

    Raise `InputError` as `read_model` does.
    """
    header, arrays = read_arrays(path, CLASSIFIER, but=("moments",))
    with damage_told(path):
        kept, options = _kept(header, arrays, None), restored_parameters(by_name(header["options"]))
        asked = {name: options[name] for name in ("penalty", "readout")}
        if kept is None or not kept.fit(**asked, sums=header["sha256"]):
            return None
        encoder = restore(header["encoder"], under("encoder.", arrays))
        if encoder.fingerprint != header["moments"][0]["encoder"]:
            raise InputError("damaged model: its encoder is not the one of its sums; use a copy of the file")
        known = {label for part in header["moments"] for label in part["labels"]}
        expect(set(kept.weights.labels) <= known, "weights of the classes in the sums")
        return Predictor(encoder, kept.weights, None, Reading.of(header).fitting(encoder.shape), kept.likeness)


def _kept(header: dict[str, Any], arrays: dict[str, np.ndarray], encoder: Encoder | None) -> Kept | None:
    units = header["encoder"]["units"] if encoder is None else encoder.units
    return kept_weights.restored(header.get("weights"), under(kept_weights.PREFIX, arrays), units=units)


def taken_up(
    path: str | Path, file: ModelFile, *, known: Collection[str], changes: dict[str, Any]
) -> tuple[dict[str, Any], Ledger | None]:
    """Return the options and sums of ``file`` with ``changes``; no sums (None) to start another kind of ledger.

    Raise `InputError` for options that are not ``known``, and for another kind of ledger once examples were learned.
    """
    unknown = file.options.keys() - known
    if unknown:
        raise InputError(f"{path}: expected options of a classifier, got {min(unknown)!r}: update indeependence")
    kind, options = file.ledger.kind, {**file.options, "ledger": file.ledger.kind, **changes}
    if options["ledger"] != kind and file.ledger.total.count:
        raise InputError(
            f"{path}: its ledger is {kind} from its first example on: it cannot change now: leave --ledger out, or "
            "train anew"
        )
    return options, file.ledger if options["ledger"] == kind else None


def describe_sums(ledger: Ledger) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return header and arrays of a ledger: of its parts, or of the whole as the only part if it has none."""
    parts = ledger.parts or {"": ledger.total}
    header: dict[str, Any] = {"ledger": ledger.kind, "moments": []}
    arrays: dict[str, np.ndarray] = {}
    for i, (name, part) in enumerate(parts.items()):
        part_header, part_arrays = pack(part)
        header["moments"].append({"name": name, **part_header})
        arrays |= {f"moments{i}.{array_name}": array for array_name, array in part_arrays.items()}
    return header, arrays


def _check_parts(kind: Any, entries: list[dict[str, Any]], parts: dict[Any, Moments]) -> None:
    """Raise `InputError` unless the parts of a ledger are told apart by names that its ``kind`` has."""
    expect(len(parts) == len(entries) > 0, "each part of the ledger once")
    expect(len({(part.encoder, part.units, part.members) for part in parts.values()}) == 1, "parts of one encoder")
    tasks = kind == "task" and all(is_whole(name, 1, LARGEST) for name in parts)
    classes = kind == "class" and all(set(part.labels) <= {name} for name, part in parts.items())
    whole = list(parts) == [""] and (kind == "none" or not (parts[""].count or parts[""].dropped))
    expect(whole or tasks or classes, "tasks by their numbers, or classes with their own examples alone")


def restore_sums(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> Ledger:
    """Return the ledger that `describe_sums` described; raise `InputError` where the parts do not fit together."""
    parts = {}
    for i, entry in enumerate(header["moments"]):
        parts[entry["name"]] = unpack(entry, under(f"moments{i}.", arrays))
    _check_parts(header["ledger"], header["moments"], parts)
    whole = parts[header["moments"][0]["name"]]  # of as many units as its arrays prove
    kind = header["ledger"]
    return Ledger(kind, whole) if kind == "none" else Ledger.of(kind, parts, whole.nothing)

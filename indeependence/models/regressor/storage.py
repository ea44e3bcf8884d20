"""A regressor's file: encoder, steps of the targets, sums, ledger and parameters, never an example."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indeependence.data.reading import Reading
from indeependence.encoder.encoder import Encoder
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.files.container import REGRESSOR, damage_told, progress_in, read_arrays, under, write_arrays
from indeependence.files.schema import by_name, expect, is_number
from indeependence.models.classifier.merged import Merged
from indeependence.models.classifier.storage import described, restore_sums
from indeependence.models.parameters import usable_parameters
from indeependence.models.regressor.scale import Scale
from indeependence.moments.ledger import Ledger
from indeependence.moments.numbers import BYTES


@dataclass(frozen=True, eq=False)
class RegressorFile:
    """The content of a regressor's file; never an example."""

    encoder: Encoder
    scale: Scale
    ledger: Ledger
    options: dict[str, Any]  # the model's parameters
    progress: dict[str, Any]  # of the run that wrote the file
    reading: Reading  # how files become inputs
    merged: Merged  # the models that were merged into it
    rounding: tuple[float, ...]  # of each target, at most
    is_flat: bool  # targets came as one column without a second axis


def write_regressor(path: str | Path, model: RegressorFile) -> None:
    """Write ``model`` to ``path``; on any failure the old file stays."""
    header, arrays = described(model)
    header["targets"] = {**model.scale.to_json(), "rounding": list(model.rounding), "flat": model.is_flat}
    write_arrays(path, REGRESSOR, header, arrays)


def read_regressor(path: str | Path, *, known: Collection[str]) -> RegressorFile:
    """Return the model in the file ``path``, whose options are among those ``known``.

    Raise `InputError`, with the reason, for a missing file, another kind of file, arrays that do not fit together,
    and sums that no examples can have or with another fingerprint than in the header.
    """
    header, arrays = read_arrays(path, REGRESSOR)
    with damage_told(path):
        encoder = restore(header["encoder"], under("encoder.", arrays))
        ledger = restore_sums(header, arrays)
        targets = by_name(header["targets"])
        rounding, is_flat = targets.pop("rounding"), targets.pop("flat")
        scale = Scale.of_json(targets)
        expect(ledger.total.units == encoder.units + BYTES * len(scale.names), "sums of codes and targets")
        expect(set(ledger.total.labels) <= {0}, "sums of rows without classes")
        expect(isinstance(rounding, list) and len(rounding) == len(scale.names), "how far targets were rounded")
        expect(all(is_number(one, 0, 1e300) for one in rounding) and isinstance(is_flat, bool), "targets")
        options = usable_parameters(by_name(header["options"]))
        expect(options.keys() <= set(known), "parameters of a regressor")
        model = RegressorFile(
            *(encoder, scale, ledger, options, progress_in(header), Reading.of(header).fitting(encoder.shape)),
            merged=Merged.of(header),
            rounding=tuple(rounding),
            is_flat=is_flat,
        )
    if ledger.total.fingerprint != header["sha256"]:
        raise InputError(
            f"{path}: damaged model, its sums do not have the fingerprint in its header; use a copy of the file"
        )
    return model

"""The file of a model that learns columns of targets: encoder, targets, sums and parameters, never an example."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indeependence.data.reading import Reading
from indeependence.encoder.encoder import Encoder
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.files.container import damage_told, progress_in, read_arrays, under, write_arrays
from indeependence.files.schema import by_name, expect
from indeependence.models.classifier.merged import Merged
from indeependence.models.classifier.storage import described, restore_sums
from indeependence.models.parameters import usable_parameters
from indeependence.moments.ledger import Ledger


@dataclass(frozen=True, eq=False)
class ColumnsFile:
    """The content of such a file; never an example."""

    encoder: Encoder
    scale: Any  # how targets become bytes
    ledger: Ledger
    options: dict[str, Any]  # the model's parameters
    progress: dict[str, Any]  # of the run that wrote the file
    reading: Reading  # how files become inputs
    merged: Merged  # the models that were merged into it
    more: dict[str, Any] = field(default_factory=dict)  # of the targets; "flat": they came without a second axis


def write_columns(path: str | Path, kind: str, model: ColumnsFile) -> None:
    """Write ``model`` of some ``kind`` to ``path``; on any failure the old file stays."""
    header, arrays = described(model)
    header["targets"] = {**model.scale.to_json(), **model.more}
    write_arrays(path, kind, header, arrays)


def read_columns(
    path: str | Path, kind: str, scale_in: Callable[[dict[str, Any]], Any], *, known: Collection[str]
) -> ColumnsFile:
    """Return the model in the file ``path``, whose options are among those ``known``.

    Raise `InputError`, with the reason, for a missing file, another ``kind`` of file, arrays that do not fit together,
    and sums that no examples can have or with another fingerprint than in the header.
    """
    header, arrays = read_arrays(path, kind)
    with damage_told(path):
        encoder = restore(header["encoder"], under("encoder.", arrays))
        ledger = restore_sums(header, arrays)
        targets = by_name(header["targets"])
        scale = scale_in({name: targets.pop(name) for name in ("names", "steps", "lowest") if name in targets})
        expect(ledger.total.units == encoder.units + scale.digits * len(scale.names), "sums of codes and targets")
        expect(set(ledger.total.labels) <= {0}, "sums of rows without classes")
        expect(isinstance(targets.get("flat"), bool), "targets")
        options = usable_parameters(by_name(header["options"]))
        expect(options.keys() <= set(known), "parameters of this kind of model")
        model = ColumnsFile(
            *(encoder, scale, ledger, options, progress_in(header), Reading.of(header).fitting(encoder.shape)),
            merged=Merged.of(header),
            more=targets,
        )
    if ledger.total.fingerprint != header["sha256"]:
        raise InputError(
            f"{path}: damaged model, its sums do not have the fingerprint in its header; use a copy of the file"
        )
    return model

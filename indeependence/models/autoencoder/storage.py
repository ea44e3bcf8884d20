"""The autoencoder's file: bases, centres and sums, exact or averaged."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.encoder.description import describe
from indeependence.encoder.quantise import Quantiser
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.files.container import AUTOENCODER, damage_told, progress_in, read_arrays, under, write_arrays
from indeependence.files.schema import by_name, expect, floats, is_number, is_text
from indeependence.models.autoencoder.sums import AutoencoderSums, Sums
from indeependence.models.autoencoder.tied import Tied
from indeependence.models.classifier.merged import Merged
from indeependence.models.classifier.storage import describe_sums, restore_sums
from indeependence.moments.average import Average, possible
from indeependence.moments.ledger import Ledger
from indeependence.moments.moments import Moments
from indeependence.moments.storage import pack, unpack

AVERAGE = ("row_sum", "products")


@dataclass(frozen=True, eq=False)
class Kept:
    """What a file keeps beside bases and sums: sums by task or class, which models were merged, how far a run was."""

    ledger: Ledger | None = None  # with parts; None where sums are not kept apart
    merged: Merged = Merged()
    progress: dict[str, Any] = field(default_factory=dict)

    def header(self) -> dict[str, Any]:
        """Return the entries of the file's header; none of what is empty."""
        return {**self.merged.header(), **({"progress": self.progress} if self.progress else {})}


def write_autoencoder(
    path: str | Path, stack: Tied, sums: AutoencoderSums, options: dict, about: dict, kept: Kept | None = None
) -> None:
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
    kept = kept or Kept()
    if kept.ledger is not None:
        header["by_part"], parts = describe_sums(kept.ledger)
        arrays |= {f"by_part.{name}": array for name, array in parts.items()}
    write_arrays(path, AUTOENCODER, header | kept.header(), arrays)


def read_autoencoder(path: str | Path) -> tuple[Tied, AutoencoderSums, dict[str, Any], dict[str, Any], Kept]:
    """Return the bases, sums, options and further values from the file ``path``, and what else it keeps.

    Raise `InputError` if the file is missing, of another kind or format, or damaged.
    """
    header, arrays = read_arrays(path, AUTOENCODER)
    with damage_told(path):
        encoder = restore(header["encoder"], under("encoder.", arrays))
        stack = Tied(encoder, tuple(arrays[f"centre{index}"] for index in range(len(encoder.layers))))
        _check_stack(stack)
        sums = [_unpack(entry, under(f"sums{index}.", arrays)) for index, entry in enumerate(header["sums"])]
        options, about, drift = by_name(header["options"]), by_name(header["about"]), list(header["drift"])
        _check_sums(stack, sums, drift)
        intact = all(one.fingerprint == entry["sha256"] for one, entry in zip(sums, header["sums"], strict=True))
        intact = intact and all(one.encoder == encoder.fingerprint for one in sums)
        kept = Kept(_ledger(header, arrays, sums[0]), Merged.of(header), progress_in(header))
    if not intact:
        raise InputError(
            f"{path}: damaged model, its sums do not have the fingerprint in its header; use a copy of the file"
        )
    return stack, AutoencoderSums(sums[0], tuple(sums[1:]), drift), options, about, kept


def _ledger(header: dict[str, Any], arrays: dict[str, np.ndarray], total: Sums) -> Ledger | None:
    """Return the sums by task or class; raise `InputError` unless they add up to the ``total``."""
    if "by_part" not in header:
        return None
    ledger = restore_sums(by_name(header["by_part"]), under("by_part.", arrays))
    found = ledger.total
    if not isinstance(total, Moments):
        raise InputError("damaged model: expected exact sums where parts are kept; use a copy of the file")
    alike = (found.encoder, found.units, found.members) == (total.encoder, total.units, 1)
    expect(alike and np.array_equal(found.products, total.products), "sums of parts that add up to those of all")
    expect(bool((found.code_sum == total.code_sum).all()) and found.count == total.count, "as many rows in the parts")
    drawn = [None if sums.regions is None else sums.regions.fingerprint for sums in (found, total)]
    expect(drawn[0] == drawn[1], "regions of parts that add up to those of all")
    return ledger


def _pack(sums: Sums) -> tuple[dict, dict[str, np.ndarray]]:
    if isinstance(sums, Moments):
        header, arrays = pack(sums)
        return {"kind": "sum", **header, "sha256": sums.fingerprint}, arrays
    header = {"kind": "average", "encoder": sums.encoder, "weight": sums.weight, "square": sums.square}
    return {**header, "sha256": sums.fingerprint}, {name: getattr(sums, name) for name in AVERAGE}


def _unpack(entry: dict, arrays: dict[str, np.ndarray]) -> Sums:
    expect(entry["kind"] in ("sum", "average"), "exact sums or an average")
    if entry["kind"] == "sum":
        return unpack(entry, arrays)
    average = Average(entry["encoder"], entry["weight"], entry["square"], *(arrays[name] for name in AVERAGE))
    expect(is_text(average.encoder) and possible(average), "an average of rows of bytes")
    return average


def _check_stack(stack: Tied) -> None:
    """Raise `InputError` unless all layers are tied ones, with a finite centre for each."""
    encoder = stack.encoder
    plain = encoder.front is None and encoder.kept is None and not any(encoder.keeps_input)
    limits = isinstance(encoder.quantiser, Quantiser) and encoder.quantiser.low is None
    expect(plain and limits and len(stack.layers) == len(encoder.layers) > 0, "dense layers, one on another")
    for layer, centre in zip(stack.layers, stack.centres, strict=True):
        expect(floats(centre, (len(layer.bases),), least=0, most=TOP), "a centre of bytes for every layer")


def _check_sums(stack: Tied, sums: list[Sums], drift: list[float]) -> None:
    """Raise `InputError` unless there are sums of whole rows, and none or all of those of the layers but the last."""
    units = [layer.units for layer in stack.layers]
    expect([one.units for one in sums[1:]] in ([], units[:-1]), "sums of every layer but the last, or of none")
    expect(sums[0].units > stack.encoder.shape[0], "sums of rows and their codes")
    expect(len({type(one) for one in sums}) == 1, "exact sums or averages, and not both")
    expect(len(drift) == len(units) and all(is_number(share, 0, 1) for share in drift), "a drift of every layer")

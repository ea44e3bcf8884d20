"""The model file: arrays and a JSON header in one safetensors file, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import __version__
from indeependence.atomic import write_atomically
from indeependence.encoder.stack import Encoder, describe, restore
from indeependence.errors import InputError
from indeependence.moments.ledger import Ledger
from indeependence.moments.possible import within_limits
from indeependence.moments.storage import pack, unpack

FORMAT = 1
CLASSIFIER = "classifier"
WEIGHTS = "weights"  # of a classifier, without its sums
ONLY_INFERS = "it has no sums and can only infer"
KEY = "indeependence"  # of the header in the file's metadata


@dataclass(frozen=True, eq=False)
class ModelFile:
    """All that one file holds: never an example."""

    encoder: Encoder
    ledger: Ledger
    options: dict[str, Any]  # the model's parameters
    progress: dict[str, Any] = field(default_factory=dict)  # how far the run that wrote the file has come
    columns: tuple[str, ...] = ()  # names of the inputs' columns, where they came as a table


def write_model(path: str | Path, model: ModelFile) -> None:
    """Writes ``model`` to ``path``: afterwards it is the new file, or on any failure the old one."""
    encoder_header, encoder_arrays = describe(model.encoder)
    sums_header, sums_arrays = _describe_sums(model.ledger)
    header = {
        "encoder": encoder_header,
        **sums_header,
        "sha256": model.ledger.total.fingerprint,
        "options": model.options,
        "progress": model.progress,
        "columns": list(model.columns),
    }
    arrays = {f"encoder.{name}": array for name, array in encoder_arrays.items()} | sums_arrays
    write_arrays(path, CLASSIFIER, header, arrays)


def write_arrays(path: str | Path, kind: str, header: dict, arrays: dict[str, np.ndarray]) -> None:
    """Writes a model of some ``kind`` to ``path``: a header of JSON values, and named arrays."""
    from safetensors.numpy import save

    header = {"format": FORMAT, "version": __version__, "kind": kind, **header}
    whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    write_atomically(path, save(whole, metadata={KEY: json.dumps(header)}))


def read_model(path: str | Path) -> ModelFile:
    """The model in the file ``path``.

    Raises `InputError`, with what is wrong, for a missing file, another kind of file, another format, arrays that
    do not fit together, sums that no examples have, and sums or an encoder whose fingerprint is not the one in the
    header.
    """
    header, arrays = read_arrays(path, CLASSIFIER)
    with damage_told(path):
        encoder = restore(header["encoder"], under("encoder.", arrays))
        ledger = _restore_sums(header, arrays)
        found = encoder.fingerprint, encoder.units, ledger.total.fingerprint
        intact = found == (ledger.total.encoder, ledger.total.units, header["sha256"])
        columns = tuple(map(str, header.get("columns", ())))
        model = ModelFile(encoder, ledger, dict(header["options"]), dict(header.get("progress", {})), columns)
    if not intact:
        raise InputError(
            f"{path}: damaged model, its sums do not have the fingerprint in its header; use a copy of the file"
        )
    return model


def taken_up(
    path: str | Path, file: ModelFile, *, known: Collection[str], changes: dict[str, Any]
) -> tuple[dict[str, Any], Ledger | None]:
    """Options and sums to go on with: those of ``file`` with ``changes``; no sums where a new ledger is to be begun.

    Raises `InputError` for options that are not ``known``, and for another ledger once examples were learned.
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


@contextmanager
def damage_told(path: str | Path) -> Iterator[None]:
    """A block in which whatever does not fit together in the file ``path`` becomes an `InputError` that names it."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise InputError(
            f"{path}: damaged model, its header does not fit its arrays ({error!r}); use a copy of the file"
        ) from error


def check_there(path: Path) -> None:
    """Nothing; `InputError` if there is no file ``path``."""
    if not path.is_file():
        raise InputError(f"expected a model file, found none at {path}: make one with the command bootstrap or train")


def _describe_sums(ledger: Ledger) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays of a ledger: the parts, or where nothing is kept apart the whole as the only one."""
    parts = ledger.parts or {"": ledger.total}
    header: dict[str, Any] = {"ledger": ledger.kind, "moments": []}
    arrays: dict[str, np.ndarray] = {}
    for i, (name, part) in enumerate(parts.items()):
        part_header, part_arrays = pack(part)
        header["moments"].append({"name": name, **part_header})
        arrays |= {f"moments{i}.{array_name}": array for array_name, array in part_arrays.items()}
    return header, arrays


def _restore_sums(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> Ledger:
    parts = {}
    for i, entry in enumerate(header["moments"]):
        part = unpack(entry, under(f"moments{i}.", arrays))
        if not within_limits(part):
            raise InputError("damaged model: no examples have such sums; use a copy of the file")
        parts[entry["name"]] = part
    whole = parts[header["moments"][0]["name"]]  # of as many units as its arrays prove
    empty = Ledger.empty(header["ledger"], whole.encoder, whole.units)
    return replace(empty, total=whole) if empty.kind == "none" else Ledger.of(empty.kind, parts, empty.total)


def read_arrays(path: str | Path, kind: str) -> tuple[dict, dict[str, np.ndarray]]:
    """Header and arrays of the model file ``path``, which must be of this ``kind`` and format."""
    header, arrays = _read_any(Path(path))
    if header.get("format") != FORMAT:
        raise InputError(f"{path}: expected model format {FORMAT}, got {header.get('format')}: update indeependence")
    found = header.get("kind", CLASSIFIER)
    if found != kind:
        hint = ONLY_INFERS if found == WEIGHTS else "name another file or kind"
        raise InputError(f"{path}: expected a model of kind {kind}, got one of kind {found}: {hint}")
    return header, arrays


def kind_of(path: str | Path) -> str:
    """The kind of the model file ``path``; InputError where there is none."""
    return str(_read_any(Path(path))[0].get("kind", CLASSIFIER))


def columns_of(path: str | Path) -> tuple[str, ...]:
    """Return the names of the input columns that the model in the file ``path`` learned; none where it knows none."""
    from safetensors import safe_open

    kind_of(path)
    with safe_open(Path(path), framework="numpy") as file:
        header = json.loads(file.metadata()[KEY])
    return tuple(map(str, header.get("columns") or header.get("about", {}).get("columns") or ()))


def read_progress(path: str | Path) -> dict[str, Any]:
    """How far the run that wrote the file ``path`` has come; nothing where it does not say."""
    with damage_told(path):
        header, _ = _read_any(Path(path))
        if header.get("kind") == WEIGHTS:
            raise InputError(f"{path}: expected a model that can learn, got one of kind weights: {ONLY_INFERS}")
        return dict(header.get("progress", {}))


def _read_any(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    from safetensors import SafetensorError, safe_open

    check_there(path)
    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {})[KEY])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, KeyError, ValueError, OSError, RecursionError) as error:
        raise InputError(f"{path}: expected a model file of indeependence, got something else ({error})") from error
    if not isinstance(header, dict):
        raise InputError(f"{path}: expected a model file of indeependence, got another header")
    return header, arrays


def under(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays whose names begin with ``prefix``, named without it."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}

"""The model file: arrays and a JSON header in one safetensors file, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from indeependence import __version__
from indeependence.atomic import write_atomically
from indeependence.encoder.stack import Encoder, describe, restore
from indeependence.errors import InputError
from indeependence.moments.accumulator import Moments
from indeependence.moments.storage import pack, unpack

FORMAT = 1
CLASSIFIER = "classifier"
KEY = "indeependence"  # of the header in the file's metadata


def write_model(path: str | Path, encoder: Encoder, moments: Moments, options: dict) -> None:
    """Writes encoder, sums and options to ``path``: afterwards it is the new file, or on any failure the old one."""
    encoder_header, encoder_arrays = describe(encoder)
    moments_header, moments_arrays = pack(moments)
    header = {
        "encoder": encoder_header,
        "moments": moments_header,
        "sha256": moments.fingerprint,
        "options": options,
    }
    arrays = {f"encoder.{name}": array for name, array in encoder_arrays.items()}
    arrays |= {f"moments.{name}": array for name, array in moments_arrays.items()}
    write_arrays(path, CLASSIFIER, header, arrays)


def write_arrays(path: str | Path, kind: str, header: dict, arrays: dict[str, np.ndarray]) -> None:
    """Writes a model of some ``kind`` to ``path``: a header of JSON values, and named arrays."""
    from safetensors.numpy import save

    header = {"format": FORMAT, "version": __version__, "kind": kind, **header}
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_atomically(path, save(whole, metadata={KEY: json.dumps(header)}))


def read_model(path: str | Path) -> tuple[Encoder, Moments, dict]:
    """Encoder, sums and options of the model file ``path``.

    Raises `InputError`, with what is wrong, for a missing file, another kind of file, another format, arrays that
    do not fit together, and sums or an encoder whose fingerprint is not the one in the header.
    """
    header, arrays = read_arrays(path, CLASSIFIER)
    with damage_told(path):
        encoder = restore(header["encoder"], under("encoder.", arrays))
        moments = unpack(header["moments"], under("moments.", arrays))
        options = dict(header["options"])
        found = encoder.fingerprint, encoder.units, moments.fingerprint
        intact = found == (moments.encoder, moments.units, header["sha256"])
    if not intact:
        raise InputError(f"{path}: damaged model, its sums do not have the fingerprint in its header")
    return encoder, moments, options


@contextmanager
def damage_told(path: str | Path) -> Iterator[None]:
    """A block in which whatever does not fit together in the file ``path`` becomes an `InputError` that names it."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(f"{path}: damaged model, its header does not fit its arrays ({error!r})") from error


def read_arrays(path: str | Path, kind: str) -> tuple[dict, dict[str, np.ndarray]]:
    """Header and arrays of the model file ``path``, which must be of this ``kind`` and format."""
    header, arrays = _read_any(Path(path))
    if header.get("format") != FORMAT:
        raise InputError(f"{path}: expected model format {FORMAT}, got {header.get('format')}: update indeependence")
    found = header.get("kind", CLASSIFIER)
    if found != kind:
        raise InputError(f"{path}: expected a model of kind {kind}, got one of kind {found}: name another file or kind")
    return header, arrays


def kind_of(path: str | Path) -> str:
    """The kind of the model file ``path``; InputError where there is none."""
    return str(_read_any(Path(path))[0].get("kind", CLASSIFIER))


def _read_any(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise InputError(f"expected a model file, found none at {path}: make one with the command bootstrap or train")
    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {})[KEY])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise InputError(f"{path}: expected a model file of indeependence, got something else ({error})") from error
    if not isinstance(header, dict):
        raise InputError(f"{path}: expected a model file of indeependence, got another header")
    return header, arrays


def under(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays whose names begin with ``prefix``, named without it."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}

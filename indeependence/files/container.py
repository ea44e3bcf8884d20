"""A model's file: named arrays and a JSON header in one safetensors file, written as a whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import __version__
from indeependence.errors import InputError
from indeependence.files.atomic import write_atomically
from indeependence.files.lock import check_there
from indeependence.files.python_values import python_values
from indeependence.files.schema import expect

FORMAT = 1
CLASSIFIER = "classifier"
REGRESSOR = "regressor"
AUTOENCODER = "autoencoder"
MULTILABEL = "multilabel"
WEIGHTS = "weights"  # of a classifier, without its sums
ONLY_INFERS = "it has no sums and can only infer"
KEY = "indeependence"  # of the header in the file's metadata


def write_arrays(path: str | Path, kind: str, header: dict, arrays: dict[str, np.ndarray]) -> None:
    """Write a model of some ``kind`` to ``path``: a header of JSON values, NumPy's among them, and named arrays.

    Raise `InputError` for a value in the header that JSON does not have.
    """
    from safetensors.numpy import save

    header = {"format": FORMAT, "version": __version__, "kind": kind, **header}
    whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    try:
        text = json.dumps(python_values(header))
        _check_plain(json.loads(text))
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: expected numbers, text, lists and dicts to keep with a model: {error}") from error
    write_atomically(path, save(whole, metadata={KEY: text}))


@contextmanager
def damage_told(path: str | Path) -> Iterator[None]:
    """Turn errors inside the block, from a damaged file ``path``, into an `InputError` that names it."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise InputError(
            f"{path}: damaged model, its header does not fit its arrays ({error!r}); use a copy of the file"
        ) from error


def read_arrays(
    path: str | Path, kind: str, *, but: tuple[str, ...] = ()
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return header and arrays of the model file ``path``, ``but`` those whose names begin with one of these words.

    Raise `InputError` for another ``kind`` or format.
    """
    header, arrays = _read(Path(path), but)
    if header.get("format") != FORMAT:
        raise InputError(f"{path}: expected model format {FORMAT}, got {header.get('format')}: update indeependence")
    found = header.get("kind", CLASSIFIER)
    if found != kind:
        hint = ONLY_INFERS if found == WEIGHTS else "name another file or kind"
        raise InputError(f"{path}: expected a model of kind {kind}, got one of kind {found}: {hint}")
    return header, arrays


def kind_of(path: str | Path) -> str:
    """Return the kind of the model file ``path``; raise `InputError` if there is none."""
    return str(header_of(path).get("kind", CLASSIFIER))


def holds(path: Path, kind: str) -> bool:
    """Return whether the file ``path`` is there and holds that kind; raise `InputError` if it holds no model."""
    return path.is_file() and kind_of(path) == kind


def header_of(path: str | Path) -> dict[str, Any]:
    """Return the header of the model file ``path`` without reading its arrays; raise `InputError` if there is none."""
    return _read(Path(path), ("",))[0]


def read_progress(path: str | Path) -> dict[str, Any]:
    """Return the progress of the run that wrote the file ``path``; an empty one where it has none.

    Raise `InputError` for a model that cannot learn.
    """
    with damage_told(path):
        header = header_of(path)
        if header.get("kind") == WEIGHTS:
            raise InputError(f"expected a model that can learn, got one of kind weights: {ONLY_INFERS}")
        return progress_in(header)


def progress_in(header: dict[str, Any]) -> dict[str, Any]:
    """Return the progress in the ``header`` of a model's file; an empty one where it has none."""
    progress = header.get("progress", {})
    expect(isinstance(progress, dict), "the progress of a run")
    return dict(progress)


def _read(path: Path, but: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    from safetensors import SafetensorError, safe_open

    check_there(path)
    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {})[KEY])
            _check_plain(header)
            names = [name for name in file.keys() if not name.startswith(but)]  # noqa: SIM118 (not a dict)
            arrays = {name: file.get_tensor(name) for name in names}
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise InputError(f"{path}: expected a model file of indeependence, got something else ({error})") from error
    if not isinstance(header, dict):
        raise InputError(f"{path}: expected a model file of indeependence, got another header")
    return header, arrays


def _check_plain(header: Any) -> None:
    """Raise `ValueError` for numbers that are not finite, and for halves of characters, which no text can hold."""
    json.dumps(header, allow_nan=False, ensure_ascii=False).encode()


def under(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays whose names begin with ``prefix``, named without it."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}

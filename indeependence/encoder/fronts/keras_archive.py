"""What is inside a ``.keras`` file: its architecture and its weights, without Keras and without trust."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from indeependence.errors import InputError

ENDING = ".keras"
DAMAGED = (
    zipfile.BadZipFile,
    KeyError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
)  # on reading an archive
CONTENT = ("config.json", "model.weights.h5")  # of a .keras archive; the rest is dates and versions


def content_of(archive: bytes) -> tuple[bytes, bytes]:
    """Return architecture and weights inside a ``.keras`` archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as members:
            # Keras stores without compression: what claims to be larger than its file is not a model but a zip bomb.
            if sum(member.file_size for member in members.infolist()) > len(archive):
                raise InputError(f"expected a {ENDING} model as Keras writes it, got a packed archive")
            architecture, weights = (members.read(name) for name in CONTENT)
    except DAMAGED as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"expected a {ENDING} model of Keras 3, got something else ({error})") from error
    return architecture, weights


def weights_in(data: bytes) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and arrays of all weights in an HDF5 file, without the optimiser's."""
    import h5py

    found: list[h5py.Dataset] = []

    def note(name: str, entry: Any) -> None:
        if isinstance(entry, h5py.Dataset) and not name.startswith("optimizer"):
            found.append(entry)

    try:
        with h5py.File(io.BytesIO(data)) as file:
            if _has_links(file):
                raise InputError(f"expected a {ENDING} model as Keras writes it, got weights that are elsewhere")
            file.visititems(note)
            for entry in found:
                if entry.external or entry.is_virtual or entry.nbytes > len(data):
                    raise InputError(f"expected a {ENDING} model as Keras writes it, got weights that are elsewhere")
                yield str(entry.name), entry[()]
    except (OSError, RuntimeError, KeyError, TypeError) as error:
        raise InputError(f"expected weights in HDF5, as Keras writes them, got damaged weights ({error})") from error


def _has_links(group: Any) -> bool:
    """Return whether anything in an HDF5 group is a link, which may lead into another file."""
    import h5py

    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            return True
        if isinstance(group[name], h5py.Group) and _has_links(group[name]):
            return True
    return False

"""The identity of a path's content: the same path can have other data on another machine or another day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

BLOCK = 1 << 20  # bytes read at a time


@dataclass(frozen=True)
class Identity:
    """The content of one file, or of all files of a folder: how many bytes, and their SHA-256."""

    size: int
    sha256: str


Stamps = tuple[tuple[str, int, int, int], ...]  # of each file its name, size, inode, and time of the last change


def stamps_of(paths: Iterable[Path]) -> Stamps:
    """Return stamps that show, without reading the files, whether they were changed since.

    The time is that of the file's inode (``st_ctime_ns``): unlike the time of its content, it cannot be set.
    """
    states = ((path, path.stat()) for path in paths)
    return tuple((str(path), state.st_size, state.st_ino, state.st_ctime_ns) for path, state in states)


def files_of(path: Path) -> list[Path]:
    """Return the file ``path``, or all files in and below the folder ``path``, in the order of their names."""
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def identity_of(path: Path) -> Identity:
    """Return the identity of a file's content, or of a folder's: every name in it and every byte.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a").write_bytes(b"123"), (Path(folder) / "b").write_bytes(b"4")
    ...     identity_of(Path(folder)).size
    4
    """
    digest, size = hashlib.sha256(), 0
    for file in files_of(path):
        digest.update(f"{file.relative_to(path)} {file.stat().st_size} ".encode(errors="surrogateescape"))
        with file.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
                size += len(block)
    return Identity(size, digest.hexdigest())


def arrays_sha256(*arrays: np.ndarray) -> str:
    """Return the SHA-256 of arrays: of their types, shapes and values.

    >>> import numpy as np
    >>> arrays_sha256(np.arange(3)) == arrays_sha256(np.arange(3.0))
    False
    """
    import numpy as np

    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape} ".encode())
        step = max(BLOCK // max(int(np.prod(array.shape[1:])), 1), 1)
        for start in range(0, len(array), step):
            rows = np.arange(start, min(start + step, len(array)))
            digest.update(np.ascontiguousarray(array[rows]).tobytes())
    return digest.hexdigest()

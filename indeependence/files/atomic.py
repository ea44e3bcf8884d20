"""Atomic writing: a file is either the old one or the whole new one, whatever happens while it is written."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from indeependence.errors import InputError


def write_atomically(path: str | os.PathLike[str], data: bytes | Callable[[BinaryIO], None]) -> None:
    """Write ``path`` as a whole or not at all.

    ``data`` is the content, or a function that writes it to an open binary file.

    Raise `InputError` if the file cannot be written (full disk, no permission, no such folder); an older file is then
    unchanged and no other file is left.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "answer.txt", b"42")
    ...     [(file.name, file.read_bytes()) for file in Path(folder).iterdir()]
    [('answer.txt', b'42')]
    """
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        if callable(data):
            data(file)
        else:
            file.write(data)


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path next to ``path``, for writers that need a file name; rename it at the end.

    It has the ending of ``path``, since some writers choose their format by it. On leaving the block the
    file is flushed to disk and renamed; on any exception it is removed and ``path`` stays as it was.

    Raise `InputError` in place of an `OSError`, on entering (before any long work) or on leaving.
    """
    with one_line_errors(path):
        target = Path(path).resolve()  # a link stays a link: its target is what gets replaced
        if target.exists() and not target.is_file():
            raise InputError(f"cannot write {path}: expected a file there, found a folder or device; name another file")
        temporary = target.with_name(f".{target.stem}-{secrets.token_hex(8)}.tmp{target.suffix}")
        mode = target.stat().st_mode & 0o777 if target.exists() else None
        try:
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666 if mode is None else mode))
            yield temporary
            if mode is not None:
                temporary.chmod(mode)
            _flush(temporary)
            temporary.replace(target)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        if os.name == "posix":  # a rename is on disk only once its folder is; Windows cannot open folders
            _flush(target.parent)


@contextlib.contextmanager
def one_line_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an `OSError` inside the block into an `InputError` about writing ``path``."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"cannot write {os.fspath(path)}: {reason}; free some space or choose a folder you may write to"
        ) from error


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

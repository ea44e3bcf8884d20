"""Atomic writing: a file is either the old one or the whole new one, whatever happens while it is written."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from indeependence.errors import InputError
from indeependence.files.held import WITHOUT, say_without, taken

HINTS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space or choose a folder you may write to"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "choose a folder and a file you may write to"),
    errno.ENAMETOOLONG: "give it a shorter name",
    errno.ELOOP: "its links lead in a circle: name the file itself",
}


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
        target = Path(os.path.realpath(path))  # a link stays a link: its target is what gets replaced
        _check_replaceable(path, target)
        temporary = target.with_name(f".{target.stem}-{secrets.token_hex(8)}.tmp{target.suffix}")
        mode = target.stat().st_mode & 0o777 if target.exists() else None
        try:
            with _held(temporary, 0o666 if mode is None else mode):
                yield temporary
                if mode is not None:
                    _keep_mode(temporary, mode, path)
                _flush(temporary, path)
                temporary.replace(target)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        if os.name == "posix":  # a rename is on disk only once its folder is; Windows cannot open folders
            _flush(target.parent, path)


def _check_replaceable(path: str | os.PathLike[str], target: Path) -> None:
    """Raise `InputError` for what is no file, and `OSError` for links in a circle and for what may not be written."""
    if target.is_symlink():
        raise OSError(errno.ELOOP, "too many links")
    if target.exists() and not target.is_file():
        raise InputError(f"cannot write {path}: expected a file there, found a folder or device; name another file")
    if target.exists() and not os.access(target, os.W_OK):  # a rename would not ask
        raise PermissionError(errno.EACCES, "it may only be read")


@contextlib.contextmanager
def _held(temporary: Path, mode: int) -> Iterator[None]:
    """Make a file and hold its lock inside the block: what nobody holds is left over from a killed process."""
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    if os.name != "posix":  # Windows replaces no open file
        os.close(descriptor)
        yield
        return
    try:
        taken(descriptor)
        yield
    finally:
        os.close(descriptor)


def _keep_mode(temporary: Path, mode: int, path: str | os.PathLike[str]) -> None:
    try:
        temporary.chmod(mode)
    except OSError as error:
        if error.errno not in WITHOUT | {errno.EPERM}:
            raise
        say_without(os.fspath(path), "keeps no permissions: look who may read it")


@contextlib.contextmanager
def one_line_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an `OSError` inside the block into an `InputError` about writing ``path``."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        hint = HINTS.get(error.errno or 0, "choose another folder")
        raise InputError(f"cannot write {os.fspath(path)}: {reason}; {hint}") from error


def _flush(flushed: Path, path: str | os.PathLike[str]) -> None:
    """Wait until a file or a folder is on disk; say so where a file system cannot promise that."""
    folder = flushed.is_dir()
    try:
        descriptor = os.open(flushed, os.O_RDONLY if folder else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in (WITHOUT | {errno.EACCES, errno.EPERM, errno.EBADF} if folder else WITHOUT):
            raise
        say_without(os.fspath(path), "does not say when a file is on disk: a power cut may lose it")

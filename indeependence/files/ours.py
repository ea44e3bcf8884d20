"""What may be replaced without a word: files that this package wrote as the same kind, and nothing else."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from indeependence.errors import InputError
from indeependence.files.atomic import one_line_errors
from indeependence.files.held import remove_litter

SIGN = b"indeependence"  # in the head of each picture that we write
PAGE = b"default-src 'none'; img-src data:; style-src 'unsafe-inline'"  # in the head of each page that we ever wrote
FIRST = {"report.html": PAGE, "error.csv": b"example,label,predicted,running_error"}  # get their names before others
HEAD = 4096  # bytes


def check_ours(path: Path, sign: bytes = SIGN, *, overwrite: bool = False) -> None:
    """Raise `InputError` if a file at ``path`` has no ``sign`` of ours in its head and would be lost.

    An empty file may be replaced, and with ``overwrite`` any other. What killed processes left of ``path`` is removed.
    """
    check_file(path)
    remove_litter(Path(os.path.realpath(path)))
    if path.exists() and not overwrite and not is_ours(path, sign):
        raise InputError(f"{path} is there already and not ours to replace: name another file, or say --overwrite")


def check_file(path: Path, *, folder: bool = False) -> None:
    """Raise `InputError` for what can be no file to write: a pipe, a device, links in a circle, and a folder.

    A ``folder`` passes if that is said.
    """
    with one_line_errors(path):
        there = path.exists()
        target = Path(os.path.realpath(path))
        if target.is_symlink():
            raise OSError(errno.ELOOP, "too many links")
    if not target.name:
        raise InputError(f"cannot write {path}: expected a name in a folder, got the root of all folders")
    if there and not path.is_file() and not (folder and path.is_dir()):
        raise InputError(f"cannot write {path}: expected a file there, found a folder or device; name another file")


def check_folder(folder: Path, names: Iterable[str], *, overwrite: bool = False) -> None:
    """Raise `InputError` if one of the ``names`` in a folder would be lost: if no page or curve there is ours."""
    with one_line_errors(folder):
        folder.exists()
    if os.path.lexists(folder) and not folder.is_dir():
        raise InputError(f"cannot write to {folder}: expected a folder there, found something else; name another one")
    there = [name for name in names if os.path.lexists(folder / name)]
    for name in names:
        check_file(folder / name)
        remove_litter(Path(os.path.realpath(folder / name)))
    if there and not overwrite and not any(is_ours(folder / name, sign) for name, sign in FIRST.items()):
        raise InputError(
            f"{folder / there[0]} is there already and not ours to replace: name another folder, or say --overwrite"
        )


def is_ours(path: Path, sign: bytes) -> bool:
    """Return whether there is a file with our ``sign`` in its head, or an empty one."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; name another file") from error
    return not head or sign in head


def remove_ours(folder: Path, names: Iterable[str]) -> bool:
    """Remove the files of these ``names`` from a folder whose page is ours; return whether it is."""
    if folder.is_symlink() or not is_ours(folder / "report.html", PAGE):
        return False
    with one_line_errors(folder):
        for name in names:
            (folder / name).unlink(missing_ok=True)
    return True

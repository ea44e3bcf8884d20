"""What may be replaced without a word: files that this package wrote as the same kind, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from indeependence.errors import InputError
from indeependence.files.held import remove_litter

SIGN = b"indeependence"  # in the head of each picture that we write
PAGE = b"default-src 'none'; img-src data:; style-src 'unsafe-inline'"  # in the head of each page that we ever wrote
HEAD = 4096  # bytes


def check_ours(path: Path, sign: bytes = SIGN) -> None:
    """Raise `InputError` if a file at ``path`` has no ``sign`` of ours in its head and would be lost.

    An empty file may be replaced. What killed processes left of ``path`` is removed.
    """
    remove_litter(Path(os.path.realpath(path)))
    if not path.exists():
        return
    if not path.is_file():
        raise InputError(f"cannot write {path}: expected a file there, found a folder or device; name another file")
    if not is_ours(path, sign):
        raise InputError(f"{path} is there already and not ours to replace: name another file, or say --overwrite")


def check_folder(folder: Path, names: Iterable[str], *, page: str) -> None:
    """Raise `InputError` if one of the ``names`` in a folder would be lost: if its ``page`` is not one of ours."""
    there = [name for name in names if os.path.lexists(folder / name)]
    for name in names:
        remove_litter(Path(os.path.realpath(folder / name)))
    if there and not is_ours(folder / page, PAGE):
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

"""Exports for other programs: their content has no fingerprint of ours, so a log notes the bytes of their files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from indeependence.errors import InputError
from indeependence.history.entry import Entry, short

ENDINGS = (".keras", ".onnx")


def is_for_others(path: Path) -> bool:
    """Return whether a path is that of an export for other programs: a Keras or ONNX file, or a SavedModel's folder."""
    return path.is_dir() or (path.suffix in ENDINGS and path.is_file())


def digests_of(paths: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of the bytes of each file, and of each file in each folder, by its name beside or inside."""
    found = {}
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                found[file.relative_to(path.parent).as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def check_exported(entries: Sequence[Entry], path: Path) -> int:
    """Return the line of a log by which an export, with all of its files, is as it was written.

    Raise `InputError` where there is no such line, and for the first file that is another one.
    """
    lines = [
        (line, entry.about)
        for line, entry in enumerate(entries, start=1)
        if entry.what == "export" and entry.about.get("output") == path.name
    ]
    if not lines:
        raise InputError(f"{path}: expected an export of this log, got one that no line speaks of")
    line, about = lines[-1]
    noted = about.get("files")
    if not noted or not isinstance(noted, dict):
        raise InputError(
            f"{path}: a file for other programs has no fingerprint, and line {line} notes no digest of it: that export "
            "did not end, or an earlier version made it; export it again with --audit"
        )
    beside = [path.parent / name for name in noted if "/" not in name and name != path.name]
    found = digests_of([path, *(one for one in beside if one.is_file())])
    for name in sorted({*noted, *found}):
        if noted.get(name) != found.get(name):
            there, then = (short(of.get(name)) if name in of else "no such file" for of in (found, noted))
            raise InputError(f"{path}: expected {name} to be {then}, as line {line} wrote it, got {there}")
    return line

"""Older versions of a file beside it: ``NAME.before-1`` is the newest of them."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from indeependence.errors import InputError
from indeependence.files.atomic import atomic_path, one_line_errors

MOST = 1000  # versions


def older(path: Path) -> list[Path]:
    """Return the older versions of ``path`` that are there, the newest first.

    >>> older(Path("nowhere/model.safetensors"))
    []
    """
    found = []
    for number in range(1, MOST + 1):
        version = version_of(path, number)
        if not version.is_file():
            break
        found.append(version)
    return found


def version_of(path: Path, number: int) -> Path:
    """Return where the older version of that ``number``, from 1, is."""
    return path.with_name(f"{path.name}.before-{number}")


def keep_older(path: Path, count: int) -> None:
    """Keep the present file as the newest older version, and ``count`` of them; the caller then replaces it.

    Nothing is copied where the file system has links. If the program is stopped in between, a version may be there
    twice, and none is lost.
    """
    if not path.is_file():
        return
    with one_line_errors(path):
        versions = older(path)
        if versions and os.path.samestat(versions[0].stat(), path.stat()):
            return  # stopped before it was replaced
        for number in range(min(len(versions), count - 1), 0, -1):
            version_of(path, number).replace(version_of(path, number + 1))
        _link(path, version_of(path, 1))
        for version in older(path)[count:]:
            version.unlink()


def check_version(path: Path, number: int) -> Path:
    """Return where the older version of that ``number`` is; raise `InputError` if there is none."""
    versions = older(path)
    if not 1 <= number <= len(versions):
        there = f"1 to {len(versions)}" if versions else "none: a server keeps some with --keep N"
        raise InputError(f"{path} has no older version {number}: expected {there}")
    return version_of(path, number)


def roll_back(path: Path, number: int) -> None:
    """Replace ``path`` by its older version of that ``number``; the file that was there becomes the newest older one.

    So rolling back once more undoes it. Raise `InputError` if there is no such version.
    """
    wanted = check_version(path, number)
    held = path.with_name(f".{path.name}.rolling-back")
    with one_line_errors(path):
        with contextlib.suppress(FileNotFoundError):
            held.unlink()
        if path.is_file():
            _link(path, held)
        with atomic_path(path) as temporary:
            shutil.copyfile(wanted, temporary)
        for place in range(number - 1, 0, -1):
            version_of(path, place).replace(version_of(path, place + 1))
        if held.is_file():
            held.replace(version_of(path, 1))


def _link(path: Path, to: Path) -> None:
    """Make ``to`` the same file as ``path``, or a copy of it where there are no links."""
    try:
        os.link(path, to)
    except FileExistsError:
        to.unlink()
        os.link(path, to)
    except OSError:
        shutil.copyfile(path, to)

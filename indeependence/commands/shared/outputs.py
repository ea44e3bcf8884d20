"""Where results go: nothing is replaced that is not ours, nothing written twice, and that is known before the work."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import click

Check = Callable[[Path], None]  # raises for what may not be replaced at a path
READ = ("data", "model", "file", "files", "encoder", "minus", "like")  # parameters that name what is read
OPTIONS = {"table": "--csv", "file": "MODEL", "files": "FILE"}  # of parameters with another name
PAGE = "report.html"
CURVE = ("error.csv", "error.txt", "error.png")


def check_outputs(choice: dict[str, Any], **checks: Check) -> None:
    """Check each parameter that names a place to write to, unless ``overwrite`` is chosen, which is taken out.

    Raise `UsageError` if two of them are one place, or one of them is what is read; `InputError` if what is there
    would be lost.
    """
    overwrite = choice.pop("overwrite")
    written = {name: choice[name] for name in checks if choice[name] is not None}
    read = {name: choice[name] for name in READ if name not in written and choice.get(name) is not None}
    places = [(name, path) for name, path in written.items()]
    others = [(name, path) for name, one in read.items() for path in (one if isinstance(one, tuple) else (one,))]
    for index, (name, path) in enumerate(places):
        for other, second in (*places[:index], *others):
            if _same(path, second):
                raise click.UsageError(f"{_option(name)} and {_option(other)} are both {path}: name another place")
    for name, path in written.items():
        if not overwrite:
            checks[name](path)


def picture(path: Path) -> None:
    """Raise `UsageError` unless ``path`` names a PNG, and `InputError` if one that is not ours would be lost."""
    from indeependence.files.ours import check_ours

    if path.suffix.lower() != ".png":
        raise click.UsageError(f"--output: expected a name that ends in .png, got {path.name}")
    check_ours(path)


def table(header: str) -> Check:
    """Return the check of a table that begins with this ``header``."""

    def check(path: Path) -> None:
        from indeependence.files.ours import check_ours

        check_ours(path, header.encode())

    return check


def report(*names: str) -> Check:
    """Return the check of a folder for a page, its figures and files of these ``names``."""

    def check(folder: Path) -> None:
        from indeependence.files.ours import check_folder

        check_folder(folder, (PAGE, "results.json", *names), page=PAGE)

    return check


def film(path: Path) -> None:
    """Raise `InputError` if a film, or pictures of its name that are not ours, would be lost."""
    from indeependence.files.lock import check_new
    from indeependence.files.ours import check_ours

    if path.suffix.lower() == ".png":
        for frame in sorted(path.parent.glob(f"{path.stem}-?????.png")):
            check_ours(frame)
    else:
        check_new(path, "name another --record, or say --overwrite")


def model(inputs: Collection[Path] = ()) -> Check:
    """Return the check of a model's file, which may be one of the ``inputs``: it then goes on."""

    def check(path: Path) -> None:
        from indeependence.files.lock import check_new

        if not any(_same(path, one) for one in inputs):
            check_new(path, "name another --output, or say --overwrite")

    return check


def anything(path: Path) -> None:
    """Let anything be replaced: what is there was asked for, or is checked elsewhere."""


def _same(path: Path, other: str | Path) -> bool:
    if path.exists() and Path(other).exists():
        return path.samefile(other)
    # A data set's name is no path unless there is one. Of places that are not there yet, the names decide.
    return isinstance(other, Path) and os.path.realpath(path) == os.path.realpath(other)


def _option(name: str) -> str:
    return OPTIONS.get(name, f"--{name.replace('_', '-')}")

"""Where results go: nothing is replaced that is not ours, nothing written twice, and that is known before the work."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared.given import option_of

Check = Callable[[Path, bool], None]  # raises for what can not, or may not, be replaced at a path
# Parameters that name what is read.
READ = ("data", "target_data", "mask", "model", "file", "files", "encoder", "weights", "minus", "like")
PAGE = "report.html"
CURVE = ("error.csv", "error.txt")


def check_outputs(choice: dict[str, Any], **checks: Check) -> None:
    """Check each parameter that names a place to write to; ``overwrite`` is taken out of the choice.

    Raise `UsageError` if two of them are one place, or one of them is what is read; `InputError` for a pipe, say, and
    unless ``overwrite`` is chosen if what is there would be lost.
    """
    overwrite, checks = choice.pop("overwrite"), {**checks, "cache": features}
    written = {name: choice[name] for name in checks if choice.get(name) is not None}
    read = {name: choice[name] for name in READ if name not in written and choice.get(name) is not None}
    places = list(written.items())
    others = [(name, path) for name, one in read.items() for path in (one if isinstance(one, tuple) else (one,))]
    for index, (name, path) in enumerate(places):
        for other, second in (*places[:index], *others):
            if _same(path, second):
                raise click.UsageError(f"{option_of(name)} and {option_of(other)} are both {path}: name another place")
            if other in read and _is_picture_in(path, second):
                raise click.UsageError(
                    f"{option_of(name)}: {path} is a picture of {option_of(other)}: name another place"
                )
    for name, path in written.items():
        checks[name](path, overwrite)


def features(folder: Path, overwrite: bool) -> None:
    """Accept any folder of a cache: it adds files of its own and replaces no other."""


def picture(path: Path, overwrite: bool) -> None:
    """Check the path of a PNG."""
    from indeependence.files.ours import check_ours

    if path.suffix.lower() != ".png":
        raise click.UsageError(f"--output: expected a name that ends in .png, got {path.name}")
    check_ours(path, overwrite=overwrite)


def side(path: Path, overwrite: bool) -> None:
    """Check where pictures or one side of pairs go: a grid, an array (which has no sign of ours), rows, or a folder."""
    from indeependence.files.ours import SIGN, check_folder, check_ours

    if path.suffix:
        check_ours(path, b"name," if path.suffix.lower() == ".csv" else SIGN, overwrite=overwrite)
        return
    check_folder(path, (), overwrite=overwrite)
    for one in sorted(path.rglob("*.png")) if path.is_dir() else ():
        check_ours(one, overwrite=overwrite)


def table(header: str) -> Check:
    """Return the check of a table that begins with this ``header``."""

    def check(path: Path, overwrite: bool) -> None:
        from indeependence.files.ours import check_ours

        check_ours(path, header.encode(), overwrite=overwrite)

    return check


def report(*names: str, plots: Iterable[str] = ()) -> Check:
    """Return the check of a folder for a page, its figures, files of these ``names``, and ``plots`` in all formats."""

    def check(folder: Path, overwrite: bool) -> None:
        from indeependence.files.ours import check_folder
        from indeependence.report.plots.rendering import FORMATS

        pictures = (f"{plot}.{kind}" for plot in plots for kind in FORMATS)
        check_folder(folder, (PAGE, "results.json", *names, *pictures), overwrite=overwrite)

    return check


def film(path: Path, overwrite: bool) -> None:
    """Check the path of a film, or of pictures with numbers."""
    from indeependence.files.ours import check_ours

    frames = path.parent.glob(f"{glob.escape(path.stem)}-?????.png") if path.suffix.lower() == ".png" else [path]
    for frame in sorted(frames):
        check_ours(frame, overwrite=overwrite)


def model(inputs: Collection[Path] = ()) -> Check:
    """Return the check of a model's file, which may be one of the ``inputs``: it then goes on."""

    def check(path: Path, overwrite: bool) -> None:
        new(path, overwrite or any(_same(path, one) for one in inputs), "name another --output, or say --overwrite")

    return check


def new(path: Path, overwrite: bool, *hint: str) -> None:
    """Check the path of a model's file that is to be new."""
    from indeependence.files.lock import check_new
    from indeependence.files.ours import check_file

    check_file(path)
    if not overwrite:
        check_new(path, *hint)


def of_kind(kind: str) -> Check:
    """Return the check of a file of this ``kind``, as models have them."""

    def check(path: Path, overwrite: bool) -> None:
        from indeependence.files.lock import check_replaces
        from indeependence.files.ours import check_file

        check_file(path)
        if not overwrite:
            check_replaces(path, kind)

    return check


def _is_picture_in(path: Path, folder: str | Path) -> bool:
    """Return whether there is a picture at ``path`` that is read with its folder."""
    from indeependence.data.readers.picture_kinds import PICTURE_SUFFIXES

    within = path.suffix.lower() in PICTURE_SUFFIXES and path.is_file() and Path(folder).is_dir()
    return within and path.resolve().is_relative_to(Path(folder).resolve())


def _same(path: Path, other: str | Path) -> bool:
    if path.exists() and Path(other).exists():
        return path.samefile(other)
    # A data set's name is no path unless there is one. Of places that are not there yet, the names decide.
    return isinstance(other, Path) and os.path.realpath(path) == os.path.realpath(other)

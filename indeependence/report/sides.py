"""One side of pairs, or pictures made whole, as files: pictures in a folder or one grid, an array, rows of a table."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indeependence.errors import InputError
from indeependence.files.atomic import write_atomically
from indeependence.files.lock import make_folder
from indeependence.report.cells import csv_cell
from indeependence.report.pictures.grid import write_grid, write_png

KINDS = ("", ".png", ".npy", ".csv")  # a folder of pictures, a grid, an array, rows
COLUMNS = 16  # pictures of a grid in a row
HEAD = "name,"  # of a table


def check_kind(path: Path, shape: tuple[int, ...]) -> None:
    """Raise `InputError` for another ending than those of `KINDS`, and for one that does not go with this ``shape``."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise InputError(f"--output: expected a name that ends in .png, .npy or .csv, or a folder, got {path.name}")
    if kind in ("", ".png") and len(shape) < 2:
        raise InputError(f"--output: this side has rows of {shape[0]} numbers, no pictures: name a .csv or .npy")
    if kind == ".csv" and len(shape) > 1:
        raise InputError("--output: this side has pictures, no rows: name a folder, a .png or .npy")


def write_side(path: Path, values: np.ndarray, names: Sequence[str], columns: Sequence[str] = ()) -> None:
    """Write one side ``[N, ...]`` of pairs with these ``names``, as the ending of ``path`` says.

    The ``columns`` of a table are numbered where they have no names.
    """
    kind = path.suffix.lower()
    make_folder(path)
    if kind == ".npy":
        held = io.BytesIO()
        np.save(held, values)
        write_atomically(path, held.getvalue())
    elif kind == ".csv":
        write_atomically(path, _table(values, names, columns).encode())
    elif kind == ".png":
        write_grid(path, values.reshape(len(values), -1) / 255, values.shape[1:], min(COLUMNS, len(values)))
    else:
        files = pictures_in(path, names)
        for file, picture in zip(files, np.rint(np.clip(values, 0, 255)).astype(np.uint8), strict=True):
            make_folder(file)
            write_png(file, picture if picture.ndim == 2 else picture[..., ::-1])


def pictures_in(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return the PNG in ``folder`` for each name; raise `InputError` for two names that differ in their endings alone.

    >>> pictures_in(Path("out"), ["a.jpg", "b/c"]) == [Path("out/a.png"), Path("out/b/c.png")]
    True
    """
    files = [(folder / name).with_suffix(".png") if Path(name).suffix else folder / f"{name}.png" for name in names]
    twice = next((file for file, count in Counter(files).items() if count > 1), None)
    if twice is not None:
        raise InputError(f"--output: expected a name for each input, got several for {twice}: rename one of them")
    return files


def _table(values: np.ndarray, names: Sequence[str], columns: Sequence[str]) -> str:
    columns = columns or [str(number) for number in range(1, values.shape[1] + 1)]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["name", *columns])
    rows = zip(names, values.tolist(), strict=True)
    table.writerows([csv_cell(name), *(f"{value:.6g}" for value in row)] for name, row in rows)
    return text.getvalue()

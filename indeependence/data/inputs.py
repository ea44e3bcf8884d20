"""From a path to inputs without labels: what a model is asked about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indeependence.data.columns import in_order
from indeependence.data.datasets import Dataset, load_dataset
from indeependence.data.gate import usable_inputs
from indeependence.data.readers.arrays import holds_npy, read_npy, read_npz_inputs
from indeependence.data.readers.idx import holds_idx, read_idx
from indeependence.data.readers.named import NAMES
from indeependence.data.readers.picture_folders import Labelled, labels_of, passed_over, picture_files, pictures_below
from indeependence.data.readers.picture_kinds import looks_like_a_picture
from indeependence.data.readers.picture_survey import Size
from indeependence.data.readers.pictures_as_read import Given, pictures_as_read
from indeependence.data.readers.sounds import holds_sounds, is_sound, read_sounds
from indeependence.data.reading import Reading
from indeependence.data.sources import (
    as_a_table,
    check_size_is_for_pictures,
    existing,
    one_line_errors,
    table_options,
)
from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.data.readers.tables import TableOptions

_IDX_NAME = re.compile(r"[-.]idx\d-ubyte(\.gz)?$")


@dataclass(frozen=True, eq=False)
class Inputs:
    """Inputs, how the files became these, and what is known of each: its name, and its label where there is one."""

    x: np.ndarray
    reading: Reading = Reading()
    names: tuple[str, ...] = ()  # of each input
    labels: np.ndarray | None = None  # [N], as in the source


def load_inputs(source: str | Path) -> np.ndarray:
    """Return inputs without labels as `read_inputs` reads them.

    >>> load_inputs("digits").shape
    (359, 8, 8)
    """
    return read_inputs(source).x


def read_inputs(
    source: str | Path,
    reading: Reading | None = None,
    *,
    size: Size | None = None,
    label: str | None = None,
    header: bool | None = None,
    ignore: str | Sequence[str] = (),
    id: str | None = None,
) -> Inputs:
    """Read inputs without labels: pictures [N, H, W] or [N, H, W, 3] or vectors [N, D], uint8 or float64.

    `source` is a picture or a sound, a folder of either, an .npy, an .npz (its `x`, else its `x_test`, else its first
    array), a table of inputs only, or an IDX file of pictures. A folder without pictures of its own gives all that
    are below it, or those of its test part, with the names of their folders as labels; a data set gives the inputs of
    its test part. With the ``reading`` of a model they are read as it needs them, and a table may also have the labels.
    ``size``, ``label``, ``header``, ``ignore`` and ``id`` are as in `load_dataset`, and so are the errors.
    """
    options = table_options(source, label=label, header=header, ignore=ignore, id=id)
    given = Given(reading, size)
    found = _found_in_table(Path(source), options, reading) if options else _found(source, given)
    check_size_is_for_pictures(source, size, found.reading)
    if reading is None:
        return found
    kept = replace(
        reading,
        pictures=reading.pictures or found.reading.pictures,
        sounds=reading.sounds or found.reading.sounds,
    )
    return replace(found, x=in_order(reading.columns, found.reading.columns, found.x, source=source), reading=kept)


def _found_in_table(source: Path, options: TableOptions, reading: Reading | None) -> Inputs:
    from indeependence.data.readers.tables import read_table

    with one_line_errors(source):
        table = read_table(existing(source), options, reading, labelled=False)
        x = usable_inputs({str(source): table.x})[str(source)]
    return Inputs(x, table.reading, names=table.names, labels=table.y)


def _found(source: str | Path, given: Given) -> Inputs:
    if str(source) in NAMES:
        return _test_part(load_dataset(source))
    with one_line_errors(source):
        path = existing(source)
        if path.is_dir() and (holds_idx(path) or holds_npy(path)):
            return _test_part(load_dataset(path))
        if holds_sounds(path):
            return _found_sounds(path, given)
        if path.is_dir() or looks_like_a_picture(path):
            return _found_pictures(path, given)
        return Inputs(usable_inputs({str(source): _read_inputs(path)})[str(source)])


def _test_part(dataset: Dataset) -> Inputs:
    return Inputs(dataset.x_test, dataset.reading, labels=dataset.y_test)


def _found_sounds(path: Path, given: Given) -> Inputs:
    """Return one sound, those in a folder, or those below it, with the names of their folders as labels."""
    own = sorted(file for file in path.iterdir() if file.is_file() and is_sound(file)) if path.is_dir() else [path]
    labelled = Labelled(tuple(own)) if own else pictures_below(path, is_sound)[0]
    read = read_sounds(path, labelled.paths, given.sounds, given.size)
    labels = labels_of(labelled.classes) if labelled.classes else None
    return Inputs(read.x, Reading(sounds=read.form.to_json()), _file_names(path, labelled.paths), labels)


def _file_names(path: Path, files: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of files below the folder ``path``, or that of the file itself."""
    return tuple(file.relative_to(path).as_posix() if path.is_dir() else file.name for file in files)


def _found_pictures(path: Path, given: Given) -> Inputs:
    """Return one picture, those in a folder, or those below it, with the names of their folders as labels."""
    own = picture_files(path) if path.is_dir() else [path]
    if own:
        labelled, remarks = Labelled(tuple(own)), passed_over(path, own) if path.is_dir() else ()
    else:
        labelled, remarks = pictures_below(path)
    pictures = pictures_as_read(path, labelled.paths, given, remarks=remarks)
    labels = labels_of(labelled.classes) if labelled.classes else None
    return Inputs(pictures.x, Reading(pictures=pictures.form.as_json()), _file_names(path, labelled.paths), labels)


def _read_inputs(path: Path) -> np.ndarray:
    suffix = path.suffix.lower()
    if _IDX_NAME.search(path.name):
        return read_idx(path, dimensions=(3, 2, 4))
    readers = {".npy": read_npy, ".npz": read_npz_inputs}
    if suffix not in readers:
        raise InputError(
            f"{path} holds no inputs: expected pictures, an .npy, .npz or .csv, or an IDX file{as_a_table(path)}"
        )
    return readers[suffix](path)

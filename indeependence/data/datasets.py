"""From a name or a path to arrays: training and test inputs and labels."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indeependence.data.checks import check_classes, check_same_length
from indeependence.data.columns import in_order
from indeependence.data.gate import usable_inputs, usable_labels
from indeependence.data.readers.arrays import holds_npy, read_npy_folder, read_npz
from indeependence.data.readers.idx import holds_idx, read_idx_folder
from indeependence.data.readers.named import NAMES, load_named
from indeependence.data.readers.picture_folders import PictureFolder, labels_of, picture_folder
from indeependence.data.readers.picture_survey import Size
from indeependence.data.readers.pictures import rows_of
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
from indeependence.data.stratify import stratified_rows
from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.data.readers.tables import TableOptions

TEST_SHARE = 0.2  # of each class, where there is no test part and no other share is given


@dataclass(frozen=True, eq=False)
class Dataset:
    """Inputs and labels to learn from and to test on.

    Inputs are pictures [N, H, W] (grey) or [N, H, W, 3] (RGB), or vectors [N, D]; uint8 or float64. Pictures of a large
    folder stay in their files (`PictureFiles`) until rows are asked for.
    Labels [N] are int64 or text, as in the source. The test part is empty where none was asked for.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    reading: Reading = Reading()  # how the files became these inputs
    names: tuple[str, ...] = ()  # of the training examples: a table's id column, or files of pictures; else empty

    @property
    def classes(self) -> np.ndarray:
        """The labels that occur in training, sorted, each once."""
        return np.unique(self.y_train)


def load_dataset(
    source: str | Path,
    *,
    label: str | None = None,
    test_fraction: float | None = None,
    seed: int = 0,
    size: Size | None = None,
    reading: Reading | None = None,
    header: bool | None = None,
    ignore: str | Sequence[str] = (),
    id: str | None = None,
) -> Dataset:
    """Return the data set that `source` names: digits, mnist, fashion-mnist, cifar10, cifar100, or a path.

    A path is a folder of IDX files with the four official names (plain or .gz), of x_train.npy, y_train.npy,
    x_test.npy and y_test.npy (or x.npy and y.npy), or of pictures (`train/CLASS/*` and `test/CLASS/*`, or `CLASS/*`),
    which are brought to one ``size``, by default one chosen from them, or of sounds (.wav), which become spectrograms
    of one size, by default 32 bands by 32 steps; or an .npz with x_train, y_train, x_test and
    y_test, or x and y, or other names that `readers.array_names` understands; or a table (.csv, .tsv, .txt, each also
    .gz, or .parquet) with labels in its last column or in the one that `label` names. Its first row is a ``header`` by
    a rule, if that is not said; columns to ``ignore`` and the one whose values are an ``id`` of the rows are no inputs.
    Where there is no test part, `test_fraction` of every class, 0.2 if not given, is drawn by `seed`, and 0 keeps
    all for training; elsewhere a share is not used, and a warning says so. A name has precedence over a path: write
    ./digits for a folder of that name. With the ``reading`` of a model, inputs are read as it needs them, or refused.

    Raise `InputError`, one line that says what to correct, for anything that cannot be learned from.

    >>> digits = load_dataset("digits")
    >>> digits.x_train.shape, digits.x_test.shape, digits.x_train.dtype
    ((1438, 8, 8), (359, 8, 8), dtype('uint8'))
    >>> digits.classes
    array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    options = table_options(source, label=label, header=header, ignore=ignore, id=id)
    with one_line_errors(source):
        arrays, found = _arrays(source, options, Given(reading, size))
        check_size_is_for_pictures(source, size, found)
        if "x" in arrays:
            arrays = _with_test_part(arrays, TEST_SHARE if test_fraction is None else test_fraction, seed)
        elif test_fraction:
            warnings.warn(
                f"{source} has a test part of its own, {len(arrays['y_test']):,} examples: --test-fraction is not used",
                UserWarning,
                stacklevel=2,
            )
        dataset = _checked(Path(source).resolve().name, arrays, found)
    return dataset if reading is None else as_read(dataset, reading, source)


def as_read(dataset: Dataset, reading: Reading, source: str | Path) -> Dataset:
    """Return the data set with the columns of its tables in the order of a model's ``reading``."""
    x_train, x_test = (
        in_order(reading.columns, dataset.reading.columns, x, source=source) for x in (dataset.x_train, dataset.x_test)
    )
    found = dataset.reading
    table = reading.table or (None if reading.columns else found.table)
    kept = replace(
        reading,
        columns=reading.columns or found.columns,
        table=table,
        pictures=reading.pictures or found.pictures,
        sounds=reading.sounds or found.sounds,
    )
    return replace(dataset, x_train=x_train, x_test=x_test, reading=kept)


def _arrays(source: str | Path, options: TableOptions | None, given: Given) -> tuple[dict[str, np.ndarray], Reading]:
    """Return the arrays of a data set, and how its files became these."""
    if str(source) in NAMES:
        return load_named(str(source)), Reading()
    if options is None:
        return _read(existing(source), given)
    from indeependence.data.readers.tables import read_table

    table = read_table(existing(source), options, given.reading)
    return {"x": table.x, "y": np.asarray(table.y), **_named(table.names)}, table.reading


def _named(names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the names of examples as one more array, if they have names."""
    return {"names": np.array(names, object)} if len(names) else {}


def _read(path: Path, given: Given) -> tuple[dict[str, np.ndarray], Reading]:
    """Return the arrays of a data set, and how its files became these."""
    if path.is_dir():
        if holds_idx(path):
            return read_idx_folder(path), Reading()
        if holds_npy(path):
            return read_npy_folder(path), Reading()
        return _read_sound_folder(path, given) if holds_sounds(path) else _read_picture_folder(path, given)
    if path.suffix.lower() == ".npz":
        return read_npz(path), Reading()
    expected = "expected a folder, an .npz or a table, such as a .csv"
    if path.suffix == ".npy":
        raise InputError(
            f"{path} is one array and no data set: {expected}; give a folder that holds inputs and labels, as x.npy "
            "and y.npy, or x_train.npy, y_train.npy, x_test.npy and y_test.npy"
        )
    raise InputError(f"{path} is no data set: {expected}{as_a_table(path)}")


def _read_sound_folder(path: Path, given: Given) -> tuple[dict[str, np.ndarray], Reading]:
    """Return x_train, y_train, x_test and y_test, or x and y, and the form of the sounds."""
    folder = picture_folder(path, is_sound)
    paths = [*folder.train.paths, *folder.test.paths]
    read = read_sounds(path, paths, given.sounds, given.size)
    return _by_class(path, folder, read.x), Reading(sounds=read.form.to_json())


def _read_picture_folder(path: Path, given: Given) -> tuple[dict[str, np.ndarray], Reading]:
    """Return x_train, y_train, x_test and y_test, or x and y, and the form of the pictures."""
    folder = picture_folder(path)
    train, test = folder.train, folder.test
    # Read together: train and test must agree on grey or colour.
    read = pictures_as_read(
        path,
        [*train.paths, *test.paths],
        given,
        classes=sorted(set(train.classes)),
        tests=len(test.paths),
        remarks=folder.remarks,
    )
    return _by_class(path, folder, read.x), Reading(pictures=read.form.as_json())


def _by_class(path: Path, folder: PictureFolder, x: np.ndarray) -> dict[str, np.ndarray]:
    """Return x_train, y_train, x_test and y_test, or x and y, of the files of a folder of classes."""
    train, test = folder.train, folder.test
    y, cut = labels_of([*train.classes, *test.classes]), len(train.paths)
    names = _named([file.relative_to(path).as_posix() for file in train.paths])
    if not test.paths:
        return {"x": x, "y": y, **names}
    return {"x_train": x[:cut], "y_train": y[:cut], "x_test": x[cut:], "y_test": y[cut:], **names}


def _with_test_part(arrays: dict[str, np.ndarray], test_fraction: float, seed: int) -> dict[str, np.ndarray]:
    x, y = usable_inputs({"x": arrays["x"]})["x"], usable_labels("y", arrays["y"])
    check_same_length("x", x, "y", y)
    names = {"names": arrays["names"]} if "names" in arrays else {}
    if test_fraction == 0:
        return {"x_train": x, "y_train": y, **names}
    train, test = stratified_rows(y, test_fraction=test_fraction, seed=seed)
    if not len(test):  # no class has a second example; what measures says so
        return {"x_train": x, "y_train": y, **names}
    names = {name: rows[train] for name, rows in names.items()}
    return {"x_train": rows_of(x, train), "y_train": y[train], "x_test": rows_of(x, test), "y_test": y[test], **names}


def _checked(name: str, arrays: dict[str, np.ndarray], reading: Reading) -> Dataset:
    parts = ("train", "test") if "x_test" in arrays else ("train",)
    inputs = usable_inputs({f"x_{part}": arrays[f"x_{part}"] for part in parts})
    labels = {f"y_{part}": usable_labels(f"y_{part}", arrays[f"y_{part}"]) for part in parts}
    for part in parts:
        check_same_length(f"x_{part}", inputs[f"x_{part}"], f"y_{part}", labels[f"y_{part}"])
    x_train, y_train = inputs["x_train"], labels["y_train"]
    x_test, y_test = inputs.get("x_test", rows_of(x_train, np.array([], int))), labels.get("y_test", y_train[:0])
    check_classes(y_train, y_test)
    return Dataset(name, x_train, y_train, x_test, y_test, reading, tuple(arrays.get("names", ())))

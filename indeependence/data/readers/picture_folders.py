"""Folders of pictures, one folder for each class."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from indeependence.data.readers.pictures import read_pictures
from indeependence.errors import InputError

PICTURE_SUFFIXES = frozenset(".png .jpg .jpeg .bmp .webp .tif .tiff .pgm .ppm".split())


def read_picture_folder(folder: Path) -> dict[str, np.ndarray]:
    """Return the arrays of `train/CLASS/*` and `test/CLASS/*`, or of `CLASS/*`.

    They are x_train, y_train, x_test and y_test, or x and y. Labels are the folders' names, int64 if all are decimal
    numbers. Classes and files are in the order of their names. Files of other kinds and hidden ones are ignored. Very
    many pictures stay in their files until they are needed. Raise `InputError` for a class without pictures, for
    pictures of different sizes and for files that OpenCV cannot read.
    """
    if (folder / "train").is_dir() != (folder / "test").is_dir():
        raise InputError(f"{folder} has only one of train and test; expected both, or one folder a class")
    parts = ("train", "test") if (folder / "train").is_dir() else (".",)
    found = [[pair for of_class in _class_folders(folder / part) for pair in of_class] for part in parts]
    # Read together: train and test must agree on grey or colour.
    x = read_pictures([path for pairs in found for path, _ in pairs])
    y = _labels([name for pairs in found for _, name in pairs])
    if len(parts) == 1:
        return {"x": x, "y": y}
    cut = len(found[0])
    return {"x_train": x[:cut], "y_train": y[:cut], "x_test": x[cut:], "y_test": y[cut:]}


def picture_files(folder: Path) -> list[Path]:
    """Return the pictures in the folder itself, in the order of their names."""
    return [path for path in _visible(folder) if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()]


def _class_folders(folder: Path) -> Iterator[list[tuple[Path, str]]]:
    """Yield for each class the paths of its pictures, each with the class's name."""
    classes = [path for path in _visible(folder) if path.is_dir()]
    if not classes:
        raise InputError(f"{folder} holds no data: expected IDX or .npy files, or one folder of pictures a class")
    for path in classes:
        files = picture_files(path)
        if not files:
            raise InputError(
                f"class {path.name!r} is empty: {path} holds no picture; "
                "put some there (.png, .jpg, …), or remove the folder"
            )
        yield [(file, path.name) for file in files]


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _labels(names: list[str]) -> np.ndarray:
    if all(name.isascii() and name.isdecimal() for name in names):
        return np.array([int(name) for name in names])
    return np.array(names)

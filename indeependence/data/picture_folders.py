"""Folders of pictures, one folder a class, read by OpenCV."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from indeependence.errors import InputError

LARGEST = 1 << 26  # pixels of one picture: what claims more is not unpacked
PICTURE_SUFFIXES = frozenset(".png .jpg .jpeg .bmp .webp .tif .tiff .pgm .ppm".split())


def read_picture_folder(folder: Path) -> dict[str, np.ndarray]:
    """The arrays x_train, y_train, x_test and y_test of `train/CLASS/*` and `test/CLASS/*`, or x and y of `CLASS/*`.

    Labels are the folders' names, int64 if all are decimal numbers. Classes and files come in the order of
    their names. Raises InputError for a class without pictures, for pictures of different sizes and for
    files that OpenCV cannot read; files of other kinds and hidden ones are passed over.
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
    """The pictures that lie in the folder itself, by name."""
    return [path for path in _visible(folder) if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()]


def read_pictures(paths: list[Path]) -> np.ndarray:
    """Pictures [N, H, W, 3] uint8 in RGB order, or [N, H, W] if every one of them is grey.

    A picture is grey if its three channels are equal, however it was stored. 16-bit pictures are brought to 8 bits
    and transparency is dropped. Raises InputError for an unreadable file and for different sizes.
    """
    pictures: list[np.ndarray] = []
    with _quiet_opencv():
        for path in paths:
            picture = _read_picture(path)
            if pictures and picture.shape[:2] != pictures[0].shape[:2]:
                raise InputError(
                    f"pictures of mixed sizes: {paths[0]} is {_size(pictures[0])} and {path} is {_size(picture)} "
                    "pixels; bring them to one size"
                )
            pictures.append(picture)
    if all(picture.ndim == 2 for picture in pictures):
        return np.stack(pictures)
    return np.stack([np.dstack([p, p, p]) if p.ndim == 2 else p for p in pictures])


def _class_folders(folder: Path) -> Iterator[list[tuple[Path, str]]]:
    """For each class the paths of its pictures, each with the class's name."""
    classes = [path for path in _visible(folder) if path.is_dir()]
    if not classes:
        raise InputError(f"{folder} holds no data: expected IDX or .npy files, or one folder of pictures a class")
    for path in classes:
        files = picture_files(path)
        if not files:
            raise InputError(f"class {path.name!r} is empty: {path} holds no picture")
        yield [(file, path.name) for file in files]


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _read_picture(path: Path) -> np.ndarray:
    import cv2

    data = np.frombuffer(path.read_bytes(), np.uint8)
    try:
        picture = cv2.imdecode(data, cv2.IMREAD_ANYCOLOR) if _has_its_chunks(data.tobytes()) else None
    except cv2.error:  # a header that claims more pixels than OpenCV allows
        picture = None
    if picture is None:
        raise InputError(f"{path} is no picture that OpenCV can read; damaged or truncated?")
    if picture.ndim == 3:
        blue, green, red = (picture[..., channel] for channel in range(3))
        is_grey = np.array_equal(blue, green) and np.array_equal(green, red)
        picture = np.ascontiguousarray(blue if is_grey else picture[..., ::-1])
    return picture


def _has_its_chunks(data: bytes) -> bool:
    """Whether a file has bytes and, if it is a PNG, those that its chunks claim: OpenCV allocates by the claim."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return bool(data)
    start, kind = 8, b""
    while kind != b"IEND" and start < len(data):
        kind = data[start + 4 : start + 8]
        start += 12 + int.from_bytes(data[start : start + 4], "big")  # length, kind, content, checksum
    return kind == b"IEND" and start <= len(data)


@contextmanager
def _quiet_opencv() -> Iterator[None]:
    """OpenCV prints paragraphs about a damaged file to stderr; the InputError says it in one line.

    What libpng itself prints about some damage cannot be switched off. OpenCV reads its limits when it is imported.
    """
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(LARGEST))
    import cv2.utils.logging

    level = cv2.utils.logging.setLogLevel(0)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


def _labels(names: list[str]) -> np.ndarray:
    if all(name.isascii() and name.isdecimal() for name in names):
        return np.array([int(name) for name in names])
    return np.array(names)


def _size(picture: np.ndarray) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]}"

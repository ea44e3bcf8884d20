"""IDX files, the format of MNIST: a magic number, the sizes, then bytes (http://yann.lecun.com/exdb/mnist)."""

import gzip
import math
import zlib
from pathlib import Path
from typing import IO, cast

import numpy as np

from indeependence.data.readers.claimed_bytes import check_size, read_claimed
from indeependence.errors import InputError

_PARTS = {"x_train": "train-images", "y_train": "train-labels", "x_test": "t10k-images", "y_test": "t10k-labels"}
_ENDINGS = [f"{mark}idx{n}-ubyte{packed}" for packed in ("", ".gz") for mark in ("-", ".") for n in (3, 1, 2, 4)]
_BYTES = 0x08  # the IDX code of unsigned bytes, the third byte of the magic number


def read_idx_folder(folder: Path) -> dict[str, np.ndarray]:
    """Return the arrays x_train, y_train, x_test and y_test of a folder with the four official file names.

    A plain file is preferred to its gzipped twin and is mapped, not copied. Raise `InputError` if a file is
    missing, truncated, not an IDX file of bytes, or of another size than its header says.
    """
    arrays = {}
    for part, stem in _PARTS.items():
        path = _find(folder, stem)
        if path is None:
            raise InputError(
                f"{folder} has no {stem}-idx{1 if 'labels' in stem else 3}-ubyte, plain or .gz; "
                "expected all four files by their official names"
            )
        arrays[part] = read_idx(path, dimensions=(1,) if "labels" in stem else (3, 2, 4))
    return arrays


def holds_idx(folder: Path) -> bool:
    """Return whether any of the four official files is in the folder."""
    return any(_find(folder, stem) for stem in _PARTS.values())


def read_idx(path: Path, *, dimensions: tuple[int, ...]) -> np.ndarray:
    """Return the uint8 array in an IDX file, plain or gzipped, of one of the given numbers of dimensions.

    Raise `InputError` for a wrong magic number, for an empty array, or if the file has fewer or more bytes
    than the header claims; sizes are compared before anything is allocated.
    """
    if path.suffix == ".gz":
        return _read_gzipped(path, dimensions)
    with path.open("rb") as stream:
        shape = _read_header(stream, path, dimensions)
        start = stream.tell()
    check_size(path, math.prod(shape), path.stat().st_size - start)
    return np.asarray(np.memmap(path, np.uint8, "r", start, shape))


def _read_gzipped(path: Path, dimensions: tuple[int, ...]) -> np.ndarray:
    try:
        with gzip.open(path) as unpacked:
            stream = cast(IO[bytes], unpacked)
            shape = _read_header(stream, path, dimensions)
            return np.frombuffer(
                read_claimed(stream, math.prod(shape), path, packed=path.stat().st_size), np.uint8
            ).reshape(shape)
    except EOFError:
        raise InputError(f"{path} is truncated: the gzip stream breaks off; fetch the file again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path} is no intact gzip file: {error}; fetch the file again") from error


def _read_header(stream: IO[bytes], path: Path, dimensions: tuple[int, ...]) -> tuple[int, ...]:
    magic = int.from_bytes(_exactly(stream, 4, path), "big")
    if magic not in {_BYTES << 8 | n for n in dimensions}:
        raise InputError(
            f"{path} has the wrong IDX magic number: expected {_BYTES << 8 | dimensions[0]} "
            f"({'labels' if dimensions == (1,) else 'pictures'} as bytes), got {magic}"
        )
    sizes = _exactly(stream, 4 * (magic & 0xFF), path)
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    if 0 in shape:
        raise InputError(f"{path} is empty: its IDX header gives the shape {shape}")
    return shape


def _exactly(stream: IO[bytes], count: int, path: Path) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise InputError(f"{path} is truncated: it ends inside its IDX header; fetch the file again")
    return data


def _find(folder: Path, stem: str) -> Path | None:
    return next((folder / (stem + end) for end in _ENDINGS if (folder / (stem + end)).is_file()), None)

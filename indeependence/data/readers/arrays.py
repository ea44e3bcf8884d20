"""NumPy's own files: one .npz, or a folder of .npy. Nothing is ever unpickled."""

import io
import math
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from indeependence.data.readers.array_names import FOUR, parts_among, parts_of
from indeependence.data.readers.claimed_bytes import check_size, read_claimed
from indeependence.errors import InputError

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays x_train, y_train, x_test and y_test of an .npz, or x and y if it has only those.

    Their names may be others that `array_names` understands. Raise `InputError` if arrays are missing, for Python
    objects, and for a damaged or truncated file.
    """
    with _archive(path) as archive:
        keys = [name.removesuffix(".npy") for name in archive.namelist()]
        return {part: _read_member(archive, key, path) for part, key in parts_among(keys, path).items()}


def read_npz_inputs(path: Path) -> np.ndarray:
    """Return the array `x` of an .npz, else its `x_test`, else its first; raise `InputError` as `read_npz` does."""
    with _archive(path) as archive:
        keys = [name.removesuffix(".npy") for name in archive.namelist()]
        if not keys:
            raise InputError(f"{path} holds no array: expected x, x_test or one of any name")
        known = parts_of(keys)
        key = next((known[part] for part in ("x", "x_test") if part in known), keys[0])
        return _read_member(archive, key, path)


def holds_npy(folder: Path) -> bool:
    """Return whether the folder has x_train.npy or another of the four, or two .npy files named as parts of a set."""
    known = parts_of([path.stem for path in _npy_files(folder)])
    return len(known) > 1 or any(part in FOUR for part in known)


def read_npy_folder(folder: Path) -> dict[str, np.ndarray]:
    """Return the arrays of x_train.npy, y_train.npy, x_test.npy and y_test.npy, or of x.npy and y.npy, not copied.

    Their names may be others that `array_names` understands. Raise `InputError` if one is missing, truncated or holds
    Python objects.
    """
    files = {path.stem: path for path in _npy_files(folder)}
    return {part: read_npy(files[name]) for part, name in parts_among(list(files), folder).items()}


def read_npy(path: Path) -> np.ndarray:
    """Return the array of an .npy file, mapped read-only; raise `InputError` for damage and for Python objects."""
    with path.open("rb") as stream:
        shape, _, dtype = _read_header(stream, path)
        check_size(path, math.prod(shape) * dtype.itemsize, path.stat().st_size - stream.tell())
    return np.asarray(np.load(path, mmap_mode="r" if math.prod(shape) else None, allow_pickle=False))


def npy_in(data: bytes, name: str) -> np.ndarray:
    """Return the array in the bytes of an .npy file, not copied; raise `InputError` as `read_npy` does.

    >>> import io
    >>> np.save(held := io.BytesIO(), np.arange(3))
    >>> npy_in(held.getvalue(), "x")
    array([0, 1, 2])
    """
    stream = io.BytesIO(data)
    shape, fortran, dtype = _read_header(stream, Path(name))
    check_size(Path(name), math.prod(shape) * dtype.itemsize, len(data) - stream.tell())
    try:
        values = np.frombuffer(data, dtype, math.prod(shape), stream.tell()) if math.prod(shape) else np.empty(0, dtype)
        return values.reshape(shape, order="F" if fortran else "C")
    except (ValueError, TypeError, OverflowError) as error:  # sizes of 0 with absurd others
        raise InputError(f"{name} is no array of shape {shape}: {error}; write it again") from error


def _npy_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() == ".npy" and path.is_file())


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise InputError(f"{path} is no intact .npz ({error}); truncated? fetch or write it again") from error


def _read_member(archive: zipfile.ZipFile, key: str, path: Path) -> np.ndarray:
    inside = Path(f"{path}:{key}")
    try:
        with archive.open(f"{key}.npy" if f"{key}.npy" in archive.namelist() else key) as stream:
            shape, fortran, dtype = _read_header(stream, inside)
            data = read_claimed(stream, math.prod(shape) * dtype.itemsize, inside, packed=path.stat().st_size)
    except (zipfile.BadZipFile, zlib.error, struct.error, UnicodeError, EOFError, RuntimeError) as error:
        raise InputError(f"{inside} cannot be unpacked ({error}); fetch or write it again") from error
    try:
        return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
    except (ValueError, OverflowError) as error:  # sizes of 0 with absurd others
        raise InputError(f"{inside} is no array of shape {shape}: {error}; write it again") from error


def _read_header(stream: IO[bytes], path: Path) -> tuple[tuple[int, ...], bool, np.dtype]:
    try:
        shape, fortran, dtype = _HEADERS[npy.read_magic(stream)](stream)
    except Exception as error:  # NumPy reads the header with Python's tokenizer, and lets its errors through
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path} is no intact .npy array: {reason}; truncated? write it again") from error
    if dtype.hasobject:
        raise InputError(
            f"{path} holds Python objects; expected numbers or text, which need no pickle: save labels as "
            "y=np.array(labels).astype(str), numbers as .astype(float)"
        )
    return shape, fortran, dtype

"""Pictures, read by OpenCV: all at once where they fit into memory, or a few at a time."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from indeependence.errors import InputError

LARGEST = 1 << 26  # pixels of one picture: one that claims more is not unpacked
IN_MEMORY = 1 << 28  # bytes of pictures that are held at once; more stay in their files until needed


@dataclass(frozen=True, eq=False)
class PictureFiles:
    """Pictures ``[N, H, W]`` or ``[N, H, W, 3]`` uint8 that stay in their files: used in place of an array.

    Indexed by a slice it returns fewer files; by a row number, or an array of them, the pictures, read again each
    time. As with an array, the content cannot change: `InputError` is raised where a file is gone, or has other bytes
    than when it was first read, here or on another machine.
    """

    paths: tuple[str, ...]
    digests: tuple[bytes, ...]  # of each file's bytes
    shape_of_one: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, as of an array."""
        return (len(self.paths), *self.shape_of_one)

    @property
    def ndim(self) -> int:
        """The number of dimensions, as of an array."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of values, as of an array."""
        return int(np.prod(self.shape))

    @property
    def dtype(self) -> np.dtype:
        """The type of the values, as of an array."""
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, rows):
        if isinstance(rows, slice):
            return PictureFiles(self.paths[rows], self.digests[rows], self.shape_of_one)
        if np.ndim(rows) == 0:
            return self._read([int(rows)])[0]
        wanted = np.asarray(rows)
        return self._read(np.flatnonzero(wanted) if wanted.dtype == bool else wanted)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return self._read(range(len(self))).astype(dtype or np.uint8, copy=False)

    def only(self, rows: np.ndarray) -> "PictureFiles":
        """Return the files of these rows, unread."""
        paths, digests = (tuple(of_all[row] for row in rows) for of_all in (self.paths, self.digests))
        return PictureFiles(paths, digests, self.shape_of_one)

    def _read(self, rows) -> np.ndarray:
        pictures = np.empty((len(rows), *self.shape_of_one), np.uint8)
        with _quiet_opencv():
            for place, row in enumerate(rows):
                data = Path(self.paths[row]).read_bytes()
                if digest_of(data) != self.digests[row]:
                    raise InputError(f"{self.paths[row]} has changed while it was in use: begin again")
                picture = decoded(data, self.paths[row])
                pictures[place] = picture[..., None] if picture.ndim < len(self.shape_of_one) else picture
        return pictures


def read_pictures(paths: list[Path]) -> np.ndarray:
    """Return pictures [N, H, W, 3] uint8 in RGB order, or [N, H, W] if every one of them is grey.

    A picture is grey if its three channels are equal, however it was stored. 16-bit pictures are converted to 8 bits
    and transparency is dropped. All are read once; if they are larger than `IN_MEMORY` they are not held. Raise
    `InputError` for an unreadable file and for different sizes.
    """
    held: list[np.ndarray] = []
    digests: list[bytes] = []
    first, total, all_grey = None, 0, True
    with _quiet_opencv():
        for path in paths:
            data = path.read_bytes()
            digests.append(digest_of(data))
            picture = decoded(data, path)
            first = picture if first is None else first
            if picture.shape[:2] != first.shape[:2]:
                raise InputError(
                    f"pictures of mixed sizes: {paths[0]} is {_size(first)} and {path} is {_size(picture)} "
                    "pixels; bring them to one size"
                )
            total += picture.nbytes
            all_grey &= picture.ndim == 2
            if total <= IN_MEMORY:
                held.append(picture)
            else:
                held.clear()
    if first is not None and total > IN_MEMORY:
        files = PictureFiles(
            tuple(str(path.absolute()) for path in paths),
            tuple(digests),
            first.shape[:2] if all_grey else (*first.shape[:2], 3),
        )
        return cast(np.ndarray, files)  # it can be used as one wherever rows are taken
    if all_grey:
        return np.stack(held)
    return np.stack([np.dstack([p, p, p]) if p.ndim == 2 else p for p in held])


def rows_of(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return some rows of ``x``, by their numbers; for picture files the files, unread."""
    files: object = x
    return cast(np.ndarray, files.only(rows)) if isinstance(files, PictureFiles) else x[rows]


def digest_of(data: bytes) -> bytes:
    """Return a digest that identifies a file's bytes."""
    return hashlib.blake2b(data, digest_size=16).digest()


def decoded(data: bytes, path: str | Path) -> np.ndarray:
    """Return the picture ``[H, W]`` or ``[H, W, 3]`` uint8 in the bytes of the file ``path``; grey if it has no colour.

    Raise `InputError` where OpenCV cannot read it.
    """
    import cv2

    try:
        whole = np.frombuffer(data, np.uint8)
        picture = cv2.imdecode(whole, cv2.IMREAD_ANYCOLOR) if _has_its_chunks(data) else None
    except cv2.error:  # a header that claims more pixels than OpenCV allows
        picture = None
    if picture is None:
        raise InputError(f"{path} is no picture that OpenCV can read; damaged or truncated? fetch it again")
    if picture.ndim == 3:
        blue, green, red = (picture[..., channel] for channel in range(3))
        is_grey = np.array_equal(blue, green) and np.array_equal(green, red)
        picture = np.ascontiguousarray(blue if is_grey else picture[..., ::-1])
    return picture


def _has_its_chunks(data: bytes) -> bool:
    """Return whether a file has bytes and, if a PNG, those that its chunks claim: OpenCV allocates by the claim."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return bool(data)
    start, kind = 8, b""
    while kind != b"IEND" and start < len(data):
        kind = data[start + 4 : start + 8]
        start += 12 + int.from_bytes(data[start : start + 4], "big")  # length, kind, content, checksum
    return kind == b"IEND" and start <= len(data)


@contextmanager
def _quiet_opencv() -> Iterator[None]:
    """Silence OpenCV inside the block: it prints paragraphs about a damaged file, which an `InputError` reports.

    What libpng itself prints about some damage cannot be switched off. OpenCV reads its limits when it is imported.
    """
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(LARGEST))
    import cv2.utils.logging

    level = cv2.utils.logging.setLogLevel(0)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


def _size(picture: np.ndarray) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]}"

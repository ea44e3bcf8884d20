"""Many pictures as one, and pictures as PNG files."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indeependence.errors import InputError
from indeependence.files.atomic import write_atomically
from indeependence.files.lock import make_folder
from indeependence.files.ours import SIGN

GAP = 2  # pixels between pictures
SIDE = 56  # pixels that small pictures are enlarged to
HEAD = 18  # pixels for titles of columns
PAPER = 255
HEADER = 33  # bytes of a PNG's signature and first chunk


def grid(pictures: np.ndarray, *, columns: int, zoom: int = 1) -> np.ndarray:
    """Return pictures ``[N, H, W]`` or ``[N, H, W, 3]`` uint8 side by side, row after row, on white.

    >>> grid(np.zeros((3, 2, 2), np.uint8), columns=2).shape
    (10, 10)
    """
    rows = -(-len(pictures) // columns)
    height, width = pictures.shape[1] * zoom, pictures.shape[2] * zoom
    shape = rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, *pictures.shape[3:]
    whole = np.full(shape, PAPER, np.uint8)
    for index, picture in enumerate(pictures.repeat(zoom, 1).repeat(zoom, 2)):
        top, left = GAP + index // columns * (height + GAP), GAP + index % columns * (width + GAP)
        whole[top : top + height, left : left + width] = picture
    return whole


def spaced(pictures: np.ndarray, columns: int) -> np.ndarray:
    """Return pictures row after row, one pixel apart, as one ``[H', W', 4]``: red, green, blue, and 0 where a gap is.

    >>> spaced(np.zeros((3, 2, 2), np.uint8), 2)[..., 3]
    array([[255, 255,   0, 255, 255],
           [255, 255,   0, 255, 255],
           [  0,   0,   0,   0,   0],
           [255, 255,   0,   0,   0],
           [255, 255,   0,   0,   0]], dtype=uint8)
    """
    columns = min(columns, len(pictures))
    rows, (height, width) = -(-len(pictures) // columns), pictures.shape[1:3]
    whole = np.zeros((rows * (height + 1) - 1, columns * (width + 1) - 1, 4), np.uint8)
    for index, picture in enumerate(pictures):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        tile = whole[top : top + height, left : left + width]
        tile[..., :3], tile[..., 3] = picture if picture.ndim == 3 else picture[..., None], 255
    return whole


def write_png(path: str | Path, picture: np.ndarray) -> None:
    """Write a picture ``[H, W]`` or ``[H, W, 3]``, blue first, as PNG; raise `InputError` for other shapes."""
    import cv2

    done, content = cv2.imencode(".png", picture)
    if not done:
        raise InputError(
            f"cannot write {path}: no picture of shape {picture.shape} can be a PNG; expected [H, W] or [H, W, 3]"
        )
    write_atomically(path, _signed(content.tobytes()))


def _signed(png: bytes) -> bytes:
    """Return a PNG with a chunk after its header that says who wrote it, so that only ours are replaced."""
    text = b"tEXtSoftware\0" + SIGN
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return png[:HEADER] + chunk + png[HEADER:]


def titled(whole: np.ndarray, titles: Sequence[str]) -> np.ndarray:
    """Return a `grid` with the title of each column above it.

    >>> titled(np.zeros((10, 20), np.uint8), ["a", "b"]).shape
    (28, 20)
    """
    import cv2

    head = np.full((HEAD, *whole.shape[1:]), PAPER, np.uint8)
    for column, title in enumerate(titles):
        left = GAP + column * (whole.shape[1] - GAP) // len(titles)
        cv2.putText(head, title, (left, HEAD - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([head, whole])


def write_grid(
    path: Path, pictures: np.ndarray, shape: tuple[int, ...], columns: int, titles: Sequence[str] = ()
) -> None:
    """Write pictures ``[N, D]`` of ``shape``, red first and of values 0..1, as one PNG; make its folder if need be.

    The columns may have titles. Raises `InputError` where that is not possible.
    """
    whole = np.round(255 * np.clip(pictures, 0, 1)).astype(np.uint8).reshape(-1, *shape)
    make_folder(path)
    picture = grid(whole, columns=columns, zoom=max(1, SIDE // shape[0]))
    picture = titled(picture, titles) if titles else picture
    write_png(path, picture if picture.ndim == 2 else picture[..., ::-1])

"""Which values of a picture are known: what a word names, or what is white in another picture, is hidden."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indeependence.errors import InputError

HALVES = ("top", "bottom", "left", "right")
WHITE = 128  # from here on a value of a mask hides


def known_part(hidden: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return which values of a picture of this ``shape`` stay known, bool ``[*shape]``.

    ``hidden`` is a half of it ("top", …), its "centre" of half the height and width, or the file of a picture of the
    same size in which what is hidden is white. Raise `InputError` for the shape of a vector, for a mask of another
    size, and for one that hides nothing or everything.

    >>> known_part("left", (1, 4))
    array([[False, False,  True,  True]])
    """
    if len(shape) < 2:
        raise InputError("--mask hides a part of pictures, got vectors: leave it out")
    hides = _named(hidden, shape[:2]) if hidden in (*HALVES, "centre") else _drawn(Path(hidden), shape[:2])
    return ~np.broadcast_to(hides.reshape(*shape[:2], *[1] * (len(shape) - 2)), shape)


def _named(hidden: str, size: tuple[int, ...]) -> np.ndarray:
    rows, columns = np.indices(size)
    height, width = size[0] // 2, size[1] // 2
    if hidden == "centre":
        top, left = (size[0] - height) // 2, (size[1] - width) // 2
        return (rows >= top) & (rows < top + height) & (columns >= left) & (columns < left + width)
    return {"top": rows < height, "bottom": rows >= height, "left": columns < width, "right": columns >= width}[hidden]


def _drawn(path: Path, size: tuple[int, ...]) -> np.ndarray:
    from indeependence.data.readers.decoding import decoded, quiet_decoders

    if not path.is_file():
        raise InputError(f"--mask: expected {', '.join(HALVES)}, centre or a picture, found none at {path}")
    with quiet_decoders():
        values = decoded(path.read_bytes(), path).values
    if values.shape[:2] != size:
        found, wanted = ("x".join(map(str, sides)) for sides in (values.shape[:2], size))
        raise InputError(f"--mask: expected a picture of {wanted} pixels as the model's are, got {found} in {path}")
    hides = values.reshape(*size, -1).max(axis=2) >= (WHITE if values.dtype == np.uint8 else values.max() / 2)
    if hides.all() or not hides.any():
        many = "everything" if hides.all() else "nothing"
        raise InputError(f"--mask: expected a picture that is white where something is hidden, {path} hides {many}")
    return hides

"""Pictures, read by OpenCV: all at once where they fit into memory, or a few at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from indeependence.data.picture_form import PictureForm
from indeependence.data.readers.decoding import decoded, quiet_decoders
from indeependence.data.readers.picture_notes import Notes
from indeependence.data.readers.picture_survey import Header, MixedSizes, Size, chosen_form, header_of
from indeependence.errors import InputError

IN_MEMORY = 1 << 28  # bytes of pictures that are held at once; more stay in their files until needed


@dataclass(frozen=True, eq=False)
class PictureFiles:
    """Pictures ``[N, H, W]`` or ``[N, H, W, 3]`` uint8 that stay in their files: used in place of an array.

    Indexed by a slice it returns fewer files; by a row number, or an array of them, the pictures, read again each
    time and brought into the same form. As with an array, the content cannot change: `InputError` is raised where a
    file is gone, or has other bytes than when it was first read, here or on another machine.
    """

    paths: tuple[str, ...]
    digests: tuple[bytes, ...]  # of each file's bytes
    form: PictureForm

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, as of an array."""
        return (len(self.paths), *self.form.shape)

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
            return PictureFiles(self.paths[rows], self.digests[rows], self.form)
        if np.ndim(rows) == 0:
            return self._read([int(rows)])[0]
        wanted = np.asarray(rows)
        return self._read(np.flatnonzero(wanted) if wanted.dtype == bool else wanted)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return self._read(range(len(self))).astype(dtype or np.uint8, copy=False)

    def only(self, rows: np.ndarray) -> PictureFiles:
        """Return the files of these rows, unread."""
        paths, digests = (tuple(of_all[row] for row in rows) for of_all in (self.paths, self.digests))
        return PictureFiles(paths, digests, self.form)

    def _read(self, rows) -> np.ndarray:
        pictures = np.empty((len(rows), *self.form.shape), np.uint8)
        with quiet_decoders():
            for place, row in enumerate(rows):
                data = Path(self.paths[row]).read_bytes()
                if digest_of(data) != self.digests[row]:
                    raise InputError(f"{self.paths[row]} has changed while it was in use: begin again")
                picture = decoded(data, self.paths[row])
                pictures[place] = self.form.of(picture.values, picture.alpha)
        return pictures


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures as inputs, an array or `PictureFiles`, their form, and what was noticed."""

    x: np.ndarray
    form: PictureForm
    notes: Notes


def read_pictures(
    paths: Sequence[Path], form: PictureForm | None = None, *, size: Size | None = None, bounded: bool = True
) -> Pictures:
    """Return pictures [N, H, W, 3] uint8 in RGB order, or [N, H, W], in the ``form`` of a model or one chosen here.

    A chosen form is grey if the three channels are equal in all pictures, however they were stored; how it is chosen
    says `chosen_form`. 8-bit pictures of the form's size are taken bit for bit. All are read once; if they are larger
    than `IN_MEMORY` they are not held. Raise `InputError` for an unreadable file.
    """
    with quiet_decoders():
        if form is not None:
            return _read(paths, form, Notes(form), colour=form.colour)
        headers = [header_of(path) for path in paths]
        try:
            form = chosen_form(paths, headers, size, bounded=bounded)
        except MixedSizes as mixed:
            raise _refusal(paths, headers, mixed.row) from None
        return _read(paths, form, Notes(form, headers), colour=None)


def _read(paths: Sequence[Path], form: PictureForm, notes: Notes, *, colour: bool | None) -> Pictures:
    """Read all pictures; where ``colour`` is open it is decided by them."""
    held: list[np.ndarray] = []
    digests: list[bytes] = []
    total = 0
    for path in paths:
        data = path.read_bytes()
        digests.append(digest_of(data))
        picture = decoded(data, path)
        fitted = form.fitted(form.levels(picture.values, picture.alpha))
        notes.add(path, picture, fitted)
        total += fitted.nbytes
        if total <= IN_MEMORY:
            held.append(fitted)
        else:
            held.clear()
    form = notes.form = replace(form, colour=notes.coloured > 0 if colour is None else colour)
    if total > IN_MEMORY:
        files = PictureFiles(tuple(str(path.absolute()) for path in paths), tuple(digests), form)
        return Pictures(cast(np.ndarray, files), form, notes)  # it can be used as one wherever rows are taken
    x = np.empty((len(paths), *form.shape), np.uint8)
    for row, one in enumerate(held):
        x[row] = form.of(one)
    return Pictures(x, form, notes)


def _refusal(paths: Sequence[Path], headers: Sequence[Header], row: int) -> InputError:
    first, other = (f"{headers[of].height}x{headers[of].width}" for of in (0, row))
    return InputError(
        f"pictures of mixed sizes, and the model does not know which it needs: {paths[0]} is {first} and {paths[row]} "
        f"is {other} pixels; give --size HxW"
    )


def rows_of(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return some rows of ``x``, by their numbers; for picture files the files, unread."""
    files: object = x
    return cast(np.ndarray, files.only(rows)) if isinstance(files, PictureFiles) else x[rows]


def digest_of(data: bytes) -> bytes:
    """Return a digest that identifies a file's bytes."""
    return hashlib.blake2b(data, digest_size=16).digest()

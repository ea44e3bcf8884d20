"""Pictures that are made whole come back as they were: of the same size and name, and beside those that were read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from indeependence.data.readers.picture_kinds import PICTURE_SUFFIXES
from indeependence.data.readers.picture_survey import header_of
from indeependence.errors import InputError
from indeependence.report.sides import pictures_in


def check_sizes(data: str, names: Sequence[str], shape: tuple[int, ...], output: Path) -> None:
    """Raise `InputError` unless pictures in a folder ``output`` are of the size of those in ``data``, and no such file.

    Pictures of another size were fitted to the model's ``shape``, and would not come back as they were.
    """
    place = Path(data)
    if output.suffix or len(shape) < 2 or not names:
        return
    written = {file.resolve() for file in pictures_in(output, names)}
    for name in names:
        path = place / name if place.is_dir() else place
        if not path.is_file() or path.suffix.lower() not in PICTURE_SUFFIXES:
            return
        if path.resolve() in written:
            raise InputError(f"--output: {path} is read and would be replaced: name another folder")
        found = header_of(path)
        if (found.height, found.width) != shape[:2]:
            raise InputError(
                f"{path}: expected {shape[0]}x{shape[1]} pixels, as the model has learned, got {found.height}x"
                f"{found.width}: scale it first, or name a .png or .npy as --output"
            )

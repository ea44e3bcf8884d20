"""Frames to a film or to numbered pictures, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from indeependence.errors import InputError
from indeependence.files.atomic import atomic_path
from indeependence.report.frames.panels import panels, side_by_side
from indeependence.report.frames.view import View
from indeependence.report.pictures.grid import write_png

RATE = 25.0  # frames a second of a film
Screen = Callable[[View], None]


@contextmanager
def recording(path: str | Path) -> Iterator[Screen]:
    """Yield what writes views as a film to ``path`` if that ends in .mp4, or pictures NAME-00001.png, … if in .png.

    Raises `InputError` for other names, or if OpenCV cannot write films.
    """
    path = Path(path)
    if path.suffix.lower() == ".png":
        count = 0

        def write(view: View) -> None:
            nonlocal count
            count += 1
            write_png(path.with_name(f"{path.stem}-{count:05}.png"), _frame(view))

        yield write
    elif path.suffix.lower() == ".mp4":
        yield from _kept_when_stopped(path)
    else:
        raise InputError(f"--record: expected a name that ends in .mp4 or .png, got '{path.name}'")


def _kept_when_stopped(path: Path) -> Iterator[Screen]:
    """Yield what writes a film, which is also kept as far as it came when the work is stopped by the user."""
    stopped = None
    with atomic_path(path) as temporary:
        try:
            with _film(temporary) as screen:
                yield screen
        except KeyboardInterrupt as error:
            if not temporary.exists() or not temporary.stat().st_size:  # before the first frame
                raise
            stopped = error
    if stopped:
        raise stopped


@contextmanager
def _film(path: Path) -> Iterator[Screen]:
    import cv2

    writer = cv2.VideoWriter()

    def write(view: View) -> None:
        picture = _frame(view)
        height, width = picture.shape[:2]
        if not writer.isOpened() and not writer.open(str(path), _codec(), RATE, (width, height)):
            raise InputError("cannot write a film: this OpenCV has no encoder for .mp4; use --record NAME.png")
        writer.write(picture)

    try:
        yield write
    finally:
        writer.release()


def _frame(view: View) -> np.ndarray:
    return side_by_side(panels(view))[..., ::-1]


def _codec() -> int:
    import cv2

    return cv2.VideoWriter.fourcc(*"mp4v")

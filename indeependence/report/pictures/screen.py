"""Frames to a window, to a film or to numbered pictures, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from indeependence.errors import InputError
from indeependence.files.atomic import atomic_path
from indeependence.report.pictures.grid import write_png

Screen = Callable[[np.ndarray], None]  # takes a frame [H, W, 3] uint8, blue first
RATE = 25.0  # frames a second of a film


@contextmanager
def window(name: str = "indeependence") -> Iterator[Screen]:
    """Yield a live window as a screen.

    Raises `InputError` if OpenCV was built without windows or there is no screen.
    """
    import cv2

    def show(picture: np.ndarray) -> None:
        try:
            cv2.imshow(name, picture)
            cv2.waitKey(1)
        except cv2.error as error:
            raise InputError(
                "cannot open a window: this OpenCV is built without them, or there is no screen; "
                "install opencv-python for one, or use --record FILE.mp4"
            ) from error

    show(np.zeros((1, 1, 3), np.uint8))
    yield show
    cv2.destroyWindow(name)


@contextmanager
def recording(path: str | Path) -> Iterator[Screen]:
    """Yield a screen that writes a film to ``path`` if that ends in .mp4, or pictures NAME-00001.png, … if in .png.

    Raises `InputError` for other names, or if OpenCV cannot write films.
    """
    path = Path(path)
    if path.suffix.lower() == ".png":
        count = 0

        def write(picture: np.ndarray) -> None:
            nonlocal count
            count += 1
            write_png(path.with_name(f"{path.stem}-{count:05}.png"), picture)

        yield write
    elif path.suffix.lower() == ".mp4":
        with atomic_path(path) as temporary, _film(temporary) as screen:
            yield screen
    else:
        raise InputError(f"--record: expected a name that ends in .mp4 or .png, got '{path.name}'")


@contextmanager
def _film(path: Path) -> Iterator[Screen]:
    import cv2

    writer = cv2.VideoWriter()

    def write(picture: np.ndarray) -> None:
        height, width = picture.shape[:2]
        if not writer.isOpened() and not writer.open(str(path), _codec(), RATE, (width, height)):
            raise InputError("cannot write a film: this OpenCV has no encoder for .mp4; use --record NAME.png")
        writer.write(picture)

    try:
        yield write
    finally:
        writer.release()


def _codec() -> int:
    import cv2

    return cv2.VideoWriter.fourcc(*"mp4v")

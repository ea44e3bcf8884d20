"""Scalars, pictures and histograms for TensorBoard, written without TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.models.galleries import Inside, Measures
from indeependence.report.pictures.grid import spaced

FLUSH = 2  # seconds until what was written can be seen


@dataclass(frozen=True, eq=False)
class Board:
    """A log of a run, step by step; steps count examples or parts."""

    writer: Any  # tensorboardX.SummaryWriter

    def scalars(self, values: Mapping[str, float | None], step: int) -> None:
        """Write each value that is not None."""
        for name, value in values.items():
            if value is not None:
                self.writer.add_scalar(name, float(value), step)

    def picture(self, name: str, picture: np.ndarray, step: int) -> None:
        """Write a picture uint8 ``[H, W, 3]`` or ``[H, W, 4]``, red first."""
        self.writer.add_image(name, picture, step, dataformats="HWC")

    def histogram(self, name: str, values: np.ndarray, step: int) -> None:
        """Write how the values are spread."""
        self.writer.add_histogram(name, np.asarray(values).ravel(), step)

    def measures(self, measures: Measures, step: int) -> None:
        """Write the measures of a model: its numbers, and how the values of each kind are spread."""
        self.scalars(measures.numbers, step)
        for name, values in measures.spread.items():
            self.histogram(name, values, step)

    def inside(self, inside: Inside, step: int) -> None:
        """Write all pictures of a model's inside, and its spectrum."""
        for gallery in inside.galleries:
            self.picture(gallery.title.lower().replace(" ", "_"), spaced(gallery.pictures, gallery.columns), step)
        if inside.spectrum is not None:
            self.histogram("code/eigenvalues", inside.spectrum.eigenvalues, step)
            self.scalars({"code/effective_dimensions": inside.spectrum.effective}, step)


@contextmanager
def board(folder: Path | None) -> Iterator[Board | None]:
    """Yield a board that is written to ``folder``, made if need be; None for None.

    Raises `InputError` if tensorboardX is not installed or the folder cannot be written.
    """
    if folder is None:
        yield None
        return
    try:
        from tensorboardX import SummaryWriter
    except ImportError:
        raise InputError("--tensorboard needs tensorboardX: pip install 'indeependence[tensorboard]'") from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A file is named by the second: without the suffix, a second run within it would overwrite the first one's.
        writer = SummaryWriter(str(folder), flush_secs=FLUSH, filename_suffix=f".{time.time_ns()}")
    except OSError as error:
        raise InputError(f"--tensorboard: cannot write to {folder}: {error.strerror}; name another folder") from error
    with writer:
        yield Board(writer)

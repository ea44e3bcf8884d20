"""The running error of a stream as text, CSV and picture, and frames of pictures and their reconstructions."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from indeependence.models.autoencoder.completion import reconstructed
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.online import Step
from indeependence.report.cells import csv_cell
from indeependence.report.pictures.screen import Screen
from indeependence.report.plots.curves import running_figure
from indeependence.report.plots.rendering import picture_files
from indeependence.report.write import write_files

SIDE = 160  # pixels of a picture in a frame
ROWS = 60  # of the curve as text, at most


def write_running_error(
    folder: str | os.PathLike[str], errors: Sequence[float], labels: Sequence, predicted: Sequence
) -> Path:
    """Write ``error.csv``, ``error.txt`` and the curve as PNG, SVG and PDF to ``folder`` and return the folder.

    ``errors [N]`` is the running error after each example, ``labels`` and ``predicted`` its label and the guess.

    Raises `InputError` if the folder or a file in it cannot be written.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["example", "label", "predicted", "running_error"])
    writer.writerows(
        [i + 1, csv_cell(label), "" if guess is None else csv_cell(guess), f"{error:.6f}"]
        for i, (label, guess, error) in enumerate(zip(labels, predicted, errors, strict=True))
    )
    files = {
        "error.txt": error_text(errors).encode(),
        **picture_files("error", running_figure(errors)),
        "error.csv": table.getvalue().encode(),  # the last is the first that gets its name: by it the others are ours
    }
    return write_files(folder, files)


def error_text(errors: Sequence[float]) -> str:
    """Return the curve as text, a bar on each line, evenly spaced over the examples.

    >>> print(error_text([1.0, 0.5]))
           1  1.0000  ##################################################
           2  0.5000  #########################
    """
    shown = np.unique(np.linspace(0, len(errors) - 1, min(ROWS, len(errors))).round().astype(int))
    return "\n".join(f"{i + 1:8}  {errors[i]:.4f}  {'#' * round(50 * errors[i])}" for i in shown)


def frame(picture: np.ndarray, again: np.ndarray, errors: Sequence[float]) -> np.ndarray:
    """Return a frame ``[160, 480, 3]`` uint8, blue first: a picture, its reconstruction, the running error so far.

    >>> frame(np.zeros((8, 8), np.uint8), np.zeros((8, 8), np.uint8), [1.0, 0.8]).shape
    (160, 480, 3)
    """
    import cv2

    pair = [cv2.resize(one, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST) for one in (picture, again)]
    colours = [cv2.cvtColor(one, cv2.COLOR_GRAY2BGR) if one.ndim == 2 else one[..., ::-1] for one in pair]
    curve = np.full((SIDE, SIDE, 3), 255, np.uint8)
    shown = np.asarray(errors)[np.linspace(0, len(errors) - 1, SIDE).astype(int)]
    points = np.stack([np.arange(SIDE), (SIDE - 1) * (1 - shown)], axis=1).round().astype(np.int32)
    cv2.polylines(curve, [points], False, (178, 114, 0), 2)
    return np.ascontiguousarray(np.hstack([*colours, curve]))


def frames_to(screens: Sequence[Screen]) -> Callable[[LabelledAutoencoder, np.ndarray, list[Step]], None]:
    """Return a function that shows an input, what the top code makes of it, and the errors so far on all screens."""

    def show(model: LabelledAutoencoder, picture: np.ndarray, steps: list[Step]) -> None:
        pair = reconstructed(model, picture[None])
        original, decoded = (one[0] if one.ndim > 2 else one for one in pair)  # a vector becomes one row of pixels
        for screen in screens:
            screen(frame(original, decoded, [step.error for step in steps]))

    return show

"""The running error of a stream as text, CSV and picture."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indeependence.report.cells import csv_cell
from indeependence.report.plots.curves import running_figure
from indeependence.report.plots.rendering import picture_files
from indeependence.report.write import write_files

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

"""The result as files in a folder."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from indeependence.errors import InputError
from indeependence.files.atomic import atomic_path
from indeependence.report.page.page import page
from indeependence.report.plots import plots
from indeependence.report.result import Result


def write_report(result: Result, folder: str | os.PathLike[str]) -> Path:
    """The path of ``report.html`` in ``folder``, written with ``results.json`` and the two plots as PNG.

    The folder is made if need be; files of these names are replaced, others are left alone. All four are
    written under other names first and then renamed: a full disk changes nothing.

    Raises `InputError` if the folder or a file in it cannot be written.
    """
    files = {
        "results.json": (json.dumps(result.to_json(), indent=2, allow_nan=False) + "\n").encode(),
        "accuracy_matrix.png": plots.png(plots.accuracy_matrix_figure(result)),
        "learning_curve.png": plots.png(plots.learning_curve_figure(result)),
        "report.html": page(result).encode(),
    }
    return write_files(folder, files) / "report.html"


def write_files(folder: str | os.PathLike[str], files: dict[str, bytes]) -> Path:
    """The folder, made if need be, with all ``files`` written in it under other names first and then renamed.

    Raises `InputError` if the folder or a file in it cannot be written.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}; name another one") from error
    with contextlib.ExitStack() as stack:
        for name, content in files.items():
            stack.enter_context(atomic_path(folder / name)).write_bytes(content)
    return folder

"""Results as files in a folder."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from indeependence.errors import InputError
from indeependence.files.atomic import atomic_path
from indeependence.report.comparison import Entry, comparison_json
from indeependence.report.joint import joint_json
from indeependence.report.model_test import ModelTest
from indeependence.report.page.comparison import comparison_page
from indeependence.report.page.evaluation import evaluation_page
from indeependence.report.page.joint import joint_page
from indeependence.report.page.model_test import model_test_page
from indeependence.report.page.training import Training, training_page
from indeependence.report.plots.comparison import accuracy_by_bytes_figure, accuracy_by_task_figure
from indeependence.report.plots.learning_curve import learning_curve_figure
from indeependence.report.plots.matrices import accuracy_matrix_figure
from indeependence.report.plots.rendering import picture_files
from indeependence.report.result import Asked, Result
from indeependence.report.series import Series
from indeependence.report.tables import table_files


def write_report(result: Result, folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html``, ``results.json`` and two plots to ``folder``, and return the page's path.

    Plots are PNG, SVG and PDF. The folder is made if need be; files of these names are replaced, others are left alone.
    All are written under other names first and then renamed: a full disk changes nothing.

    Raises `InputError` if the folder or a file in it cannot be written.
    """
    files = {
        "results.json": json_bytes(result.to_json()),
        **picture_files("accuracy_matrix", accuracy_matrix_figure(result)),
        **picture_files("learning_curve", learning_curve_figure(result)),
        "report.html": evaluation_page(result).encode(),
    }
    return write_files(folder, files) / "report.html"


def write_joint(
    series: Sequence[Series], folders: Sequence[Sequence[str]], asked: Asked, folder: str | os.PathLike[str]
) -> Path:
    """Write the page of several runs, ``results.json``, tables and a plot to ``folder``, and return the page's path.

    ``folders``: where the page of each run is, beside this one. Raises `InputError` if the folder or a file in it
    cannot be written.
    """
    files = {
        "results.json": json_bytes(joint_json(series, asked)),
        **table_files(series, "model"),
        **picture_files("accuracy_by_task", accuracy_by_task_figure(series)),
        "report.html": joint_page(series, asked, folders).encode(),
    }
    return write_files(folder, files) / "report.html"


def write_comparison(entries: Sequence[Entry], asked: Asked, folder: str | os.PathLike[str]) -> Path:
    """Write the page of a comparison, ``results.json``, tables and plots to ``folder``, and return the page's path.

    Raises `InputError` if the folder or a file in it cannot be written.
    """
    files = {
        "results.json": json_bytes(comparison_json(entries, asked)),
        **table_files(entries, "method"),
        **picture_files("accuracy_by_task", accuracy_by_task_figure(entries)),
        **picture_files("accuracy_by_bytes", accuracy_by_bytes_figure(entries)),
        "report.html": comparison_page(entries).encode(),
    }
    return write_files(folder, files) / "report.html"


def write_training_report(training: Training, folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html`` and ``results.json`` to ``folder``, and return the page's path.

    Raises `InputError` if the folder or a file in it cannot be written.
    """
    files = {"results.json": json_bytes(training.to_json()), "report.html": training_page(training).encode()}
    return write_files(folder, files) / "report.html"


def write_model_test(test: ModelTest, folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html``, ``results.json`` and ``classes.csv`` to ``folder``, and return the page's path.

    Raises `InputError` if the folder or a file in it cannot be written.
    """
    files = {
        "results.json": json_bytes(test.to_json()),
        "classes.csv": test.to_csv().encode(),
        "report.html": model_test_page(test).encode(),
    }
    return write_files(folder, files) / "report.html"


def write_files(folder: str | os.PathLike[str], files: dict[str, bytes]) -> Path:
    """Write ``files`` to ``folder``, made if need be, and return it; all get other names first and are then renamed.

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


def json_bytes(content: dict[str, Any]) -> bytes:
    """Return JSON values as the text of a file."""
    return (json.dumps(content, indent=2, allow_nan=False) + "\n").encode()

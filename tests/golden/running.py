"""The command line as a user runs it, ``python cli.py …``, but in this process; and what is in a file."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import runpy
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from safetensors import safe_open

FILES = Path(__file__).parent / "files"
ROOT = Path(__file__).parent.parent.parent
KEY = "indeependence"  # of the header in a model file's metadata
PLACES = ("model", "file", "output", "report")  # facts that are paths


def file_of(name: str) -> Path:
    """Return the path of the golden file ``name``, a model file unless it ends otherwise."""
    return FILES / (name if Path(name).suffix else f"{name}.safetensors")


def run(*arguments: Any, folder: Path) -> str:
    """Return what ``python cli.py`` prints with these arguments in ``folder``."""
    words = ["cli.py", *map(str, arguments)]
    printed, said = io.StringIO(), io.StringIO()
    with (
        _inside(folder),
        patch.object(sys, "argv", words),
        patch.dict(os.environ, {"COLUMNS": "80"}),
        patch.object(warnings, "showwarning", warnings.showwarning),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(said),
    ):
        warnings.simplefilter("default")  # a note to the user, as outside the tests
        try:
            runpy.run_path(str(ROOT / "cli.py"), run_name="__main__")
        except SystemExit as end:
            raise AssertionError(f"{' '.join(words)}: {said.getvalue()}") from end
    return printed.getvalue()


def told(*arguments: Any, folder: Path) -> dict[str, Any]:
    """Return the facts that a command tells as JSON, but for paths."""
    facts = json.loads(run(*arguments, "--json", folder=folder))
    return {name: value for name, value in facts.items() if name not in PLACES}


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def content(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a model file's header but for the version, and type, shape and SHA-256 of each of its arrays."""
    header, found = arrays(path)
    described = {name: [array.dtype.str, list(array.shape), sha256(array)] for name, array in found.items()}
    return {name: value for name, value in header.items() if name != "version"}, described


def arrays(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return a model file's header and arrays."""
    with safe_open(path, framework="numpy") as file:
        found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        return json.loads(file.metadata()[KEY]), found


def sha256(array: np.ndarray) -> str:
    """Return the SHA-256 of an array's bytes."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def labelled(facts: dict[str, Any]) -> dict[str, Any]:
    """Return what ``infer`` tells with its answers as they were pinned: the labels of each input, best first."""
    of_number = ("label", "probability", "score")
    answers = [
        [{name: one[name] for name in of_number if name in one} for one in (answer, *answer["others"])]
        for answer in facts["answers"]
    ]
    return {**facts, "answers": answers}

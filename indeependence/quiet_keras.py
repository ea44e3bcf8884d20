"""Keras and TensorFlow, without the notes that C++ prints on stderr; every module takes them from here first.

TF_CPP_MIN_LOG_LEVEL says which notes are shown: 3 here, unless the user chose another, so errors that end a process
alone. TensorFlow heeds it only once it is loaded, so what it prints while it is loaded is sorted out here.
"""

from __future__ import annotations

import os
import re
import sys

from indeependence.stderr import caught_stderr

__all__ = ["keras", "tf"]
LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_NOTE = re.compile(r"(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: )?([IWEF])(?:\d{4})? \S")
_PREFACES = ("WARNING: All log messages before absl::InitializeLog()", "To enable the following instructions:")


def sorted_out(lines: list[str], level: int) -> list[str]:
    """Return the lines without TensorFlow's notes below ``level``: 1 leaves out notes, 2 warnings, 3 errors, too.

    >>> sorted_out(["I0000 00:00:17.1 1 port.cc:153] oneDNN", "E0000 00:00:17.1 1 cuda.cc:52] cuInit", "Killed"], 2)
    ['E0000 00:00:17.1 1 cuda.cc:52] cuInit', 'Killed']
    """
    below = "IWE"[:level]
    return [
        line
        for line in lines
        if not line.startswith(_PREFACES) and not ((note := _NOTE.match(line)) and note[1] in below)
    ]


def _load() -> None:
    """Load both; if that fails, all that was printed is shown."""
    level = os.environ.setdefault(LEVEL, "3")
    if "tensorflow" in sys.modules or not level.isdecimal() or not int(level):
        return
    loaded = False
    try:
        with caught_stderr() as lines:
            import keras  # noqa: F401
            import tensorflow  # noqa: F401

            loaded = True
    finally:
        for line in sorted_out(lines(), int(level)) if loaded else lines():
            print(line, file=sys.stderr)


_load()
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

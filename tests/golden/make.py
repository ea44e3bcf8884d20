"""Writes the golden files and pins that are not there yet: ``python -m tests.golden.make``. Never changes one."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from . import pins  # noqa: E402 (TensorFlow reads its level of messages when it loads)
from .catalogue import GOLDEN
from .running import file_of  # noqa: E402


def make_file(name: str) -> None:
    """Write the golden file ``name`` unless there is one."""
    path = file_of(name)
    if path.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / path.name
        GOLDEN[name].recipe(GOLDEN[name].given, made)
        shutil.copy(made, path)
    print(f"{path.stat().st_size:8} bytes  {path.name}")


def make_pins() -> None:
    """Measure the facts that have no pin, and add them."""
    known = pins.read()
    for name, fact in pins.PLACES:
        if fact not in known.setdefault(name, {}):
            known[name][fact] = pins.measured(name, fact)
            print(f"pinned {name} {fact}")
    pins.write({name: facts for name, facts in known.items() if facts})


if __name__ == "__main__":
    for name in GOLDEN:
        make_file(name)
    make_pins()

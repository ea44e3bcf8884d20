"""The journal that a server keeps beside a model's file: what it has learned since it wrote the file."""

from __future__ import annotations

import os
from pathlib import Path

from indeependence.errors import InputError


def journal_of(path: str | os.PathLike[str]) -> Path:
    """Return where the journal of the model in the file ``path`` is.

    >>> journal_of(Path("folder/model.safetensors")).name
    '.model.safetensors.journal'
    """
    target = Path(os.path.realpath(path))
    return target.with_name(f".{target.name}.journal")


def check_no_journal(path: str | os.PathLike[str]) -> None:
    """Raise `InputError` if a server that was killed has left what it learned in a journal beside ``path``."""
    journal = journal_of(path)
    if journal.is_file() and journal.stat().st_size:
        raise InputError(
            f"{path}: a server was killed, and {journal.name} holds what it had learned since: start serve --model "
            f"{path} once, which takes it in"
        )

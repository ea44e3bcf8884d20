"""A model that keeps its last tasks alone: what is older is taken out exactly, by its ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indeependence.errors import InputError


def check_window(path: Path, model: Any, window: int | None) -> None:
    """Raise `InputError` if a ``window`` of tasks is asked of a model that does not keep their sums apart."""
    if window is None:
        return
    ledger = getattr(model, "ledger_", None)
    if ledger is None or ledger.kind != "task":
        raise InputError(
            f"--window takes old tasks out by a ledger by task, and {path} has none: begin a new model with --window "
            "or --ledger task"
        )


def drop_older(model: Any, window: int | None) -> list[int]:
    """Take all but the last ``window`` tasks out of a model, exactly, and return their numbers.

    The model is then, to the bit, one that learned only the others with the same encoder.
    """
    tasks = sorted(int(task) for task in model.ledger_.parts) if window is not None else []
    gone = tasks[: -window if window else None]
    for task in gone:
        model.forget_task(task)
    return gone

"""What a server says of itself and of its model: facts for people and programs, and numbers to watch it by."""

from __future__ import annotations

from typing import Any

from indeependence.data.reading import Reading
from indeependence.serve.keeper import Keeper
from indeependence.serve.metrics import resident_bytes
from indeependence.serve.service import Service

Gauges = dict[str, tuple[str, float]]


def facts_of(service: Service) -> dict[str, Any]:
    """Return facts about the model and its server, as plain JSON values."""
    by, fixed = service.answering, service.fixed
    about: dict[str, Any] = {
        "answering_sha256": by.sha256 if by else None,
        "learns": service.keeper is not None,
        "draws": bool(fixed and fixed.draw),
        "batch": service.limits.batch,
        "body": service.limits.body,
        "stored_examples": 0,
    }
    if service.keeper is None:
        return about | (fixed.facts if fixed else {})
    return about | _learning(service.keeper)


def _learning(keeper: Keeper) -> dict[str, Any]:
    """Return facts about a model that learns, and about what only its journal holds."""
    about: dict[str, Any] = {"journal_bytes": keeper.journal.size, "unwritten_changes": keeper.unwritten}
    about["can_undo"] = keeper.can_undo
    held = keeper.held
    if held is None:
        about |= {"model_sha256": None, "input_shape": None, "examples": 0, "classes": []}
        return about | {"photograph_shape": list(keeper.beginning.photograph)}
    return about | held.model().facts() | {"columns": _columns(held.reading), "version": held.version}


def _columns(reading: Reading) -> list[str]:
    """Return the names of the columns of a model's tables, as people call them."""
    columns = list((reading.table or {}).get("columns", ())) or list(reading.columns)
    return [str(one["name"]) if isinstance(one, dict) else str(one) for one in columns]


def gauges_of(service: Service) -> Gauges:
    """Return numbers to watch a server by."""
    keeper = service.keeper
    held = keeper.held if keeper else None
    found: Gauges = {
        "resident_bytes": ("Memory of the process.", resident_bytes()),
        "changes_waiting": ("Changes that wait to be learned.", service.waiting),
        "classes": ("Classes learned.", len(held.counts) if held else 0),
        "examples": ("Examples learned.", held.examples if held else 0),
        "stored_examples": ("Examples kept.", 0),
    }
    if keeper and held:
        known = service.answering.version if service.answering else 0
        found["sums_bytes"] = ("Bytes of the sums as a file has them.", held.ledger.total.nbytes)
        found["journal_bytes"] = ("Bytes of the journal.", keeper.journal.size)
        found["versions_behind"] = ("Changes that answers do not know.", held.version - known)
    return found

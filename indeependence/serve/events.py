"""What happened to a model in service, for its history, for its log, and for the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from indeependence.models.classifier.merged import Merged
from indeependence.moments.moments import Label
from indeependence.serve.journal import Change
from indeependence.serve.state import Held


@dataclass(frozen=True)
class Event:
    """One acknowledged change: who made it, what it added or took, and the fingerprints before and after."""

    when: str
    by: str
    what: str
    examples: int
    classes: tuple[tuple[Label, int], ...]
    before: str
    after: str
    version: int = field(default=0, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Return the event as plain JSON values."""
        changed = [{"class": label, "examples": count} for label, count in self.classes]
        return {
            "when": self.when,
            "by": self.by,
            "what": self.what,
            "examples": self.examples,
            "classes": changed,
            "before": self.before,
            "after": self.after,
        }


def event_of(what: str, by: str, before: Held, after: Held, when: str) -> Event:
    """Return the event that led from one state to the next."""
    old, new = before.counts, after.counts
    changes = ((label, new.get(label, 0) - old.get(label, 0)) for label in {**old, **new})
    moved = tuple((label, change) for label, change in changes if change)
    return Event(when, by, what, after.examples - before.examples, moved, before.sha256, after.sha256, after.version)


def by_whom(events: list[Event]) -> list[dict[str, Any]]:
    """Return who did what, in order, for a log: successive requests of one kind and name together."""
    found: list[dict[str, Any]] = []
    for event in events:
        if not found or (found[-1]["by"], found[-1]["what"]) != (event.by, event.what):
            found.append({"by": event.by, "what": event.what, "requests": 0, "examples": 0, "after": ""})
        found[-1]["requests"] += 1
        found[-1]["examples"] += event.examples
        found[-1]["after"] = event.after
    return found


@dataclass(frozen=True, eq=False)
class Back:
    """The way back from a change: its inverse, or the state before it."""

    event: Event
    change: Change | None
    before: Held | None  # where there is no inverse; it is as large as the model
    merged: Merged

    @property
    def nbytes(self) -> int:
        """What is held in memory for it."""
        codes = self.change.codes.nbytes if self.change else 0
        return codes + (self.before.ledger.total.nbytes if self.before else 0)

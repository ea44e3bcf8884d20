"""One line of an audit log: a step in the life of a model, sealed by its own hash and that of the line before."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

from indeependence import __version__
from indeependence.errors import InputError

FORMAT = 1
FIRST = "0" * 64  # in place of the hash of a line before the first
WHAT = ("bootstrap", "learn", "merge", "forget", "prune", "export", "rollback", "void")
SHOWN = 12  # characters of a fingerprint in a message
_HASH, _TIME = re.compile(r"[0-9a-f]{64}"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

Counts = tuple[tuple[Any, int], ...]  # labels, and how many examples of each


@dataclass(frozen=True)
class State:
    """A model at one time: its fingerprint, and how many examples it has learned, where that is known."""

    sha256: str
    examples: int | None = None
    classes: Counts | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> State:
        """Return the state that a model's ``facts()`` describe; raise `InputError` for binary codes.

        >>> State.of({"model_sha256": "ab", "examples": 2, "classes": [{"class": "x", "examples": 2}]})
        State(sha256='ab', examples=2, classes=(('x', 2),))
        """
        sha256 = facts.get("model_sha256") or facts.get("weights_sha256")
        if sha256 is None:
            raise InputError("expected a model with a fingerprint, got a file of another kind: a log has none such")
        counted = facts.get("classes")
        classes = None if counted is None else tuple((one["class"], one["examples"]) for one in counted)
        return cls(str(sha256), facts.get("examples"), classes)


@dataclass(frozen=True)
class Step:
    """What is to be noted of a model's file: its states before and after, and whatever else is known ``about`` it.

    ``before`` is None where there was no model; ``anew`` says that what was there is replaced, not continued.
    """

    what: str
    model: str  # the name of its file
    before: State | None
    after: State
    anew: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)

    def sealed(self, previous: str = FIRST) -> Entry:
        """Return the entry of this step, at this time, after a line with the hash ``previous``."""
        base = None if self.anew else self.before
        counts = (self.after.examples, base.examples if base else 0)
        return Entry(
            when=now(),
            what=self.what,
            model=self.model,
            anew=self.anew,
            examples=None if counts[0] is None or counts[1] is None else counts[0] - counts[1],
            classes=_change(base, self.after),
            total=self.after.examples,
            before=self.before.sha256 if self.before else None,
            after=self.after.sha256,
            about=dict(self.about),
            previous=previous,
        )


@dataclass(frozen=True)
class Entry:
    """A line of a log. Counts are of what this step added; below 0, of what it removed; None where not known."""

    when: str  # UTC, ISO 8601
    what: str
    model: str
    anew: bool
    examples: int | None
    classes: Counts | None
    total: int | None  # examples in the model afterwards
    before: str | None  # its fingerprint; None where there was no model
    after: str | None
    about: Mapping[str, Any]
    previous: str  # the hash of the line before
    version: str = __version__
    format: int = FORMAT

    @cached_property
    def sha256(self) -> str:
        """The hash of everything in this line, and so of all lines before it."""
        return hashlib.sha256(_text(asdict(self)).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the entry and its hash in plain JSON values."""
        return {**asdict(self), "sha256": self.sha256}

    @property
    def line(self) -> str:
        """The line that stands in the log, in ASCII."""
        return _text(self.to_json())

    @classmethod
    def of_json(cls, kept: Any) -> Entry:
        """Return the entry that `to_json` wrote; raise `InputError` for anything else, and for another hash."""
        if not isinstance(kept, dict) or kept.keys() != _FIELDS.keys():
            raise InputError("expected an entry of an audit log, got something else")
        for name, fits in _FIELDS.items():
            if not fits(kept[name]):
                raise InputError(f"expected a valid {name!r}, got {str(kept[name])[:40]!r}")
        classes = None if kept["classes"] is None else tuple((label, count) for label, count in kept["classes"])
        entry = cls(**{**{name: kept[name] for name in kept if name != "sha256"}, "classes": classes})
        try:
            found = entry.sha256
        except (ValueError, RecursionError) as error:
            raise InputError("expected plain values about a step, got others") from error
        if found != kept["sha256"]:
            raise InputError(f"expected the hash {short(found)}, got {short(kept['sha256'])}: it was changed")
        return entry

    @classmethod
    def of_line(cls, line: bytes) -> Entry:
        """Return the entry in a ``line`` of a log; raise `InputError` unless every byte is as it was written."""
        try:
            kept = values_in(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"expected an entry of an audit log, got {line[:40]!r}") from error
        entry = cls.of_json(kept)
        if entry.line.encode() != line:
            raise InputError("expected the spelling of an audit log, got another: it was changed")
        return entry


def values_in(text: bytes) -> Any:
    """Return the JSON values in an ASCII text; raise `ValueError` or `RecursionError` for anything else."""
    return json.loads(text.decode("ascii"), parse_constant=_refused)


def now() -> str:
    """Return the present time, UTC, as ISO 8601."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def short(sha256: str | None) -> str:
    """Return the beginning of a fingerprint, for a message."""
    return sha256[:SHOWN] if sha256 else "no model"


def _change(before: State | None, after: State) -> Counts | None:
    """Return the classes of which there are more or fewer examples afterwards."""
    if after.classes is None or (before is not None and before.classes is None):
        return None
    counts = dict(before.classes or ()) if before else {}
    kept = dict(after.classes)
    changes = ((label, kept.get(label, 0) - counts.get(label, 0)) for label in {**counts, **kept})
    return tuple((label, change) for label, change in changes if change)


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _refused(constant: str) -> None:
    raise ValueError(constant)


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_counts(value: Any) -> bool:
    if not isinstance(value, list) or not all(isinstance(one, list) and len(one) == 2 for one in value):
        return False
    labels = [label for label, _ in value]
    plain = all(isinstance(label, str | int | float) and not isinstance(label, bool) for label in labels)
    return plain and len(set(labels)) == len(labels) and all(_is_count(count) for _, count in value)


def _or_none(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "when": lambda value: isinstance(value, str) and _TIME.fullmatch(value) is not None,
    "what": lambda value: value in WHAT,
    "model": lambda value: isinstance(value, str),
    "anew": lambda value: isinstance(value, bool),
    "examples": _or_none(_is_count),
    "classes": _or_none(_are_counts),
    "total": _or_none(lambda value: _is_count(value) and value >= 0),
    "before": _or_none(_is_hash),
    "after": _or_none(_is_hash),
    "about": lambda value: isinstance(value, dict),
    "previous": _is_hash,
    "version": lambda value: isinstance(value, str),
    "format": lambda value: value == FORMAT and _is_count(value),
    "sha256": _is_hash,
}

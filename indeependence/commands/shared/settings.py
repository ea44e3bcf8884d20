"""From what click parsed to the frozen settings that the library takes."""

from __future__ import annotations

import shlex
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from indeependence.report.result import Asked

Settings = TypeVar("Settings")


def taken(kind: type[Settings], choice: dict[str, Any], **more: Any) -> Settings:
    """Return settings of a ``kind``, which is a dataclass, from the options of the same names and from ``more``.

    >>> from indeependence.data.selection import Part
    >>> taken(Part, {"skip": 3, "limit": None, "quiet": True})
    Part(classes=None, skip=3, limit=None)
    """
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in choice.items() if name in names}, **more)


def asked(choice: dict[str, Any]) -> Asked:
    """Return how a report was made: the data, all options, and the command to make it again."""
    from indeependence.report.result import Asked

    plain = str | int | float | list | tuple | dict | None
    options = {name: value if isinstance(value, plain) else str(value) for name, value in choice.items()}
    return Asked(choice["data"], options, shlex.join(["python", "cli.py", *sys.argv[1:]]))

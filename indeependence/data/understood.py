"""The one line that says how files were understood; the command line prints it on stderr, Python keeps quiet."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from indeependence.errors import shown

log = logging.getLogger(__name__)
SHOWN = 3  # names at the beginning of a longer list


def say(text: str) -> None:
    """Note in one line what was understood of files.

    The command line shows notes of this level from this logger, whatever its own level is.
    """
    log.info("%s", shown(text))


def some(names: Sequence[str]) -> str:
    """Return the first of the names as text, and dots if there are more.

    >>> some(["a.txt", "b.txt", "c", "d"])
    'a.txt, b.txt, c, …'
    """
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    >>> counted(1, "picture"), counted(2000, "picture"), counted(2, "class", "classes")
    ('1 picture', '2,000 pictures', '2 classes')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"

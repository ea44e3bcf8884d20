"""The history of a model as a plain table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from indeependence.errors import shown

if TYPE_CHECKING:
    from indeependence.history.entry import Entry

HEADS = ("line", "when (UTC)", "what", "examples", "in all", "fingerprint before and after")


def history_table(numbered: Sequence[tuple[int, Entry]]) -> str:
    """Return one line of text for each entry of a log, under a line of heads."""
    rows = [HEADS, *(_row(line, entry) for line, entry in numbered)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    right = (True, False, False, True, True, False)
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width) for cell, width, at in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    )


def _row(line: int, entry: Entry) -> tuple[str, ...]:
    """Return the cells of one entry."""
    change = "" if entry.examples is None else f"{entry.examples:+,}"
    total = "" if entry.total is None else f"{entry.total:,}"
    before, after = (one[:16] if one else "no model" for one in (entry.before, entry.after))
    states = f"{before} -> {after}" if before != after else after
    output = entry.about.get("output")
    return str(line), entry.when[:19].replace("T", " "), entry.what, change, total, shown(f"{states}{_to(output)}")


def _to(output: object) -> str:
    return f" to {output}" if output else ""

"""Several methods on the same tasks as a table, for the terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from indeependence.report.comparison import HEAD, Entry, row
from indeependence.report.formatting import percent


def comparison_table(entries: Sequence[Entry]) -> Table:
    """Return the methods one below the other, for ``rich.console.Console().print``."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for i, name in enumerate(HEAD):
        table.add_column(Text(name), justify="right" if i else "left", no_wrap=not i)
    for entry in entries:
        table.add_row(*map(Text, row(entry)))
    return table


def comparison_markdown(entries: Sequence[Entry]) -> str:
    """Return the same table in Markdown, and below it each method's settings and the accuracy of every seed."""
    lines = [f"| {' | '.join(HEAD)} |", "| --- " * len(HEAD) + "|"]
    lines += [f"| {' | '.join(row(entry))} |" for entry in entries]
    seeds = [result.seed for result in entries[0].results]
    values = [
        f"* {entry.name} ({entry.about}): "
        + ", ".join(f"seed {seed}: {percent(value)}" for seed, value in zip(seeds, entry.accuracies, strict=True))
        for entry in entries
    ]
    return "\n".join([*lines, "", *values])

"""What a benchmark found: tables of single values, as Markdown and as JSON.

A table is two lines of Markdown, its head and a row with a format for each name: ``{accuracy:.2f} %`` shows the mean
± the standard deviation (N - 1) over seeds, ``{accuracy.mean:.2f} %`` the mean alone, and ``{accuracy[3]:.2f} %`` the
fourth of several values that each seed has. Rows map names to text, to a number, or to the list of all seeds' values.

A file is a list of runs, each with its command, seeds, date, version and machine. A run with a ``source`` was copied
from there; others were written by the benchmark. Where no more than rounded values are known, a row has
``{"mean": …, "sd": …, "each": […]}``, of which mean and deviation are those before rounding.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """What a row holds under a name: text, a number, or mean and deviation over seeds."""

    value: Any = None
    sd: Any = None

    @classmethod
    def of(cls, told: Any) -> Cell:
        """Return the cell of what stands in a row; a seed's None is left out of a list."""
        if isinstance(told, dict):
            return cls(told["mean"], told.get("sd"))
        if not isinstance(told, list):
            return cls(told)
        each = np.array([value for value in told if value is not None], float)
        return cls(each.mean(0) if len(each) else None, each.std(0, ddof=1) if len(each) > 1 else None)

    @property
    def mean(self) -> Cell:
        """Return the mean without the deviation."""
        return Cell(self.value)

    def __getitem__(self, index: int) -> Cell:
        return Cell(self.value[index], None if self.sd is None else self.sd[index])

    def __format__(self, form: str) -> str:
        if self.value is None or isinstance(self.value, str):
            return self.value or "–"
        if np.ndim(self.value):
            return ", ".join(format(self[index], form) for index in range(len(self.value)))
        return f"{self.value:{form}}" + ("" if self.sd is None else f" ± {self.sd:{form}}")


def markdown(table: str, rows: Sequence[Row]) -> str:
    """Return the rows as a table; a name that a row does not have is a dash.

    >>> print(markdown("| data | right |\\n| {data} | {right:.1f} % |", [{"data": "digits", "right": [98, 99, 97]}]))
    | data | right |
    | --- | --- |
    | digits | 98.0 ± 1.0 % |
    """
    head, form = table.splitlines()
    cells = [defaultdict(Cell, {name: Cell.of(told) for name, told in row.items()}) for row in rows]
    lines = [head, "| --- " * (head.count(" | ") + 1) + "|", *map(form.format_map, cells)]
    return re.sub(r"\| – [^|\n]+ (?=\|)", "| – ", "\n".join(lines))  # no unit of nothing


def save(path: Path, run: dict[str, Any]) -> None:
    """Add a run to a file, in the place of an earlier run of the same command."""
    runs = {one["command"]: one for one in (json.loads(path.read_text()) if path.exists() else [])}
    runs[run["command"]] = run
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(list(runs.values()), indent=1, ensure_ascii=False, default=lambda number: number.item())
    numbers_on_one_line = re.sub(r"\[[^][{}\"]*\]", lambda found: " ".join(found[0].split()), text)
    path.write_text(numbers_on_one_line + "\n")


def load(path: Path, name: str) -> tuple[str, list[Row]]:
    """Return the table of that name in a file, as its last run has it, and the rows of all runs."""
    tables = [run["tables"][name] for run in json.loads(path.read_text()) if name in run["tables"]]
    return tables[-1]["table"], [row for one in tables for row in one["rows"]]


def where(rows: Sequence[Row], **texts: str) -> list[Row]:
    """Return the rows that have all these texts."""
    return [row for row in rows if all(row[name] == text for name, text in texts.items())]

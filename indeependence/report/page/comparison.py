"""Several methods on the same tasks as two plots, a page and files."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from indeependence.report.comparison import HEAD, Entry, comparison_json, row
from indeependence.report.formatting import percent, readable_bytes, readable_seconds
from indeependence.report.metrics import FORGETTING_FORMULA
from indeependence.report.page.markup import drawing, escaped, html_table
from indeependence.report.page.page import Figure, Section, document
from indeependence.report.plots import plots
from indeependence.report.plots.comparison import accuracy_by_bytes_figure, accuracy_by_task_figure
from indeependence.report.write import write_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Plot


def write_comparison(entries: Sequence[Entry], folder: str | os.PathLike[str]) -> Path:
    """The path of ``report.html`` in ``folder``, written with ``results.json`` and the two plots as PNG.

    Raises `InputError` if the folder or a file in it cannot be written.
    """
    files = {
        "results.json": (json.dumps(comparison_json(entries), indent=2, allow_nan=False) + "\n").encode(),
        "accuracy_by_task.png": plots.png(accuracy_by_task_figure(entries)),
        "accuracy_by_bytes.png": plots.png(accuracy_by_bytes_figure(entries)),
        "report.html": comparison_page(entries).encode(),
    }
    return write_files(folder, files) / "report.html"


def comparison_page(entries: Sequence[Entry]) -> str:
    """The whole page as text; every name in it is escaped."""
    first = entries[0].results[0]
    title = f"{len(entries)} methods on {first.data}, {first.scenario}, {first.setting}-incremental"
    examples = sum(first.examples_per_task)
    seeds = ", ".join(str(result.seed) for result in entries[0].results)
    data = f"{examples:,} examples ({readable_bytes(first.data_bytes)}) in {len(first.task_names)} parts"
    summary = f"{data}; seeds {seeds}."
    best = max(entries, key=lambda entry: entry.average_accuracy)
    headline = [
        Figure(entry.name, f"{percent(entry.average_accuracy)} %", note)
        for entry, note in ((entries[0], "average accuracy"), (best, "the best average accuracy of all"))
    ]
    contents = [
        Section("Methods", _table(entries)),
        Section(
            "Accuracy from task to task",
            _drawn(accuracy_by_task_figure(entries), "tasks", "Accuracy on the tasks seen"),
        ),
        Section(
            "Accuracy and bytes", _drawn(accuracy_by_bytes_figure(entries), "bytes", "Accuracy against bytes kept")
        ),
        Section("Where the bytes are", _bytes(entries)),
        Section("Settings", _settings(entries)),
    ]
    return document(title, summary, headline, contents)


def _table(entries: Sequence[Entry]) -> str:
    rows = [(cells[0], list(cells[1:])) for cells in map(row, entries)]
    note = f"<p>Forgetting: <code>{escaped(FORGETTING_FORMULA)}</code>. CPU time is that of learning and testing.</p>"
    return note + html_table("After the last part", list(HEAD), rows)


def _bytes(entries: Sequence[Entry]) -> str:
    rows = [
        (entry.name, [readable_bytes(n) for n in (held.parameters, held.statistics, held.examples, held.total)])
        for entry in entries
        for held in [entry.bytes]
    ]
    head = ["Method", "Parameters", "Statistics", "Stored examples", "In all"]
    return html_table("All that is needed to go on learning", head, rows)


def _settings(entries: Sequence[Entry]) -> str:
    rows = [(entry.name, [entry.about, readable_seconds(entry.cpu_seconds)]) for entry in entries]
    command = f"<pre><code>{escaped(entries[0].results[0].command)}</code></pre>"
    note = "<p>The settings of the baselines are fixed; none was chosen on these data.</p>\n"
    return note + command + html_table("Fixed settings", ["Method", "Settings", "CPU time"], rows, look="settings")


def _drawn(figure: Plot, prefix: str, text: str) -> str:
    return drawing(plots.svg(figure, prefix), text + "; the numbers are in results.json", text + ", percent")

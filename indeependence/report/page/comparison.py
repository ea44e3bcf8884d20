"""The page that compares several methods on the same tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from indeependence.report.comparison import HEAD, Entry, row
from indeependence.report.formatting import percent, readable_bytes, readable_seconds
from indeependence.report.metrics import FORGETTING_FORMULA
from indeependence.report.page.document import Figure, Section, document, plot
from indeependence.report.page.joint import (
    FILES,
    formulas_section,
    matrix_sections,
    metrics_section,
    seeds_of,
    value_sections,
)
from indeependence.report.page.markup import drawing, escaped, html_table
from indeependence.report.plots.comparison import accuracy_by_bytes_figure, accuracy_by_task_figure
from indeependence.report.plots.rendering import svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Plot


def comparison_page(entries: Sequence[Entry]) -> str:
    """Return the whole page as text; every name in it is escaped."""
    first = entries[0].results[0]
    title = f"{len(entries)} methods on {first.data}, {first.scenario}, {first.setting}-incremental"
    examples = sum(first.examples_per_task)
    data = f"{examples:,} examples ({readable_bytes(first.data_bytes)}) in {len(first.task_names)} parts"
    summary = f"{data}; seeds {seeds_of(entries)}."
    best = sorted(entries[1:], key=lambda entry: -entry.average_accuracy)[:1]  # none where one method is alone
    headline = [
        Figure(entry.name, f"{percent(entry.average_accuracy)} %", note)
        for entry, note in [
            (entries[0], "average accuracy"),
            *((other, "average accuracy, the best of the others") for other in best),
        ]
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
        Section("Mean and deviation", metrics_section(entries)),
        *value_sections(entries),
        *matrix_sections(entries),
        Section("Where the bytes are", _bytes(entries)),
        Section("What the figures are", formulas_section(entries)),
        Section("Settings", _settings(entries)),
    ]
    files = {**FILES, "Accuracy by bytes": plot("accuracy_by_bytes")}
    return document(title, summary, headline, contents, files)


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
    note = "<p>Settings that were not given are the defaults; none was chosen on these test sets.</p>\n"
    single = [
        (entry.name, [name, str(value), "given" if name in entry.given else "default"])
        for entry in entries
        for name, value in entry.settings.items()
    ]
    words = html_table("In words", ["Method", "Settings", "CPU time"], rows, look="settings")
    each = html_table("One by one", ["Method", "Setting", "Value", "From"], single, look="settings") if single else ""
    return note + command + words + each


def _drawn(figure: Plot, prefix: str, text: str) -> str:
    return drawing(svg(figure, prefix), text + "; the numbers are in results.json", text + ", percent")

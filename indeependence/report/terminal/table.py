"""The result as a table for the terminal, 80 columns wide."""

from __future__ import annotations

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from indeependence.errors import shown
from indeependence.report.formatting import (
    MISSING,
    compared_bytes,
    first_and_last,
    percent,
    points,
    readable_bytes,
    readable_seconds,
    shortened,
)
from indeependence.report.metrics import FORGETTING_FORMULA, accuracy_on_seen
from indeependence.report.result import Result

WIDTH = 80
NUMBER = 5  # characters of "100.0"
ROW_HEAD = "after learning"
GAP = "…"


def table(result: Result) -> Group:
    """Return what to print with ``rich.console.Console().print``: the accuracy matrix and the summary lines.

    It is plain text where the console is no terminal. More than 12 tasks or 10 test sets are cut to the first and last.
    """
    return Group(*_matrix(result), Text(), _summary(result))


def _matrix(result: Result) -> tuple[Text, Table]:
    rows = first_and_last(len(result.task_names), 12)
    columns = first_and_last(len(result.test_names), 10 if len(result.test_names) <= 10 else 8)
    row_names, column_names = _names(result, len(columns))
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=0)
    grid.add_column(Text(ROW_HEAD), no_wrap=True)
    for name in [*(GAP if j is None else column_names[j] for j in columns), "mean"]:
        grid.add_column(Text(name), justify="right", no_wrap=True, min_width=1 if name == GAP else NUMBER)
    seen = accuracy_on_seen(result.accuracy_matrix)
    for i in rows:
        accuracies = [
            GAP if None in (i, j) else percent(float(result.accuracy_matrix[i, j]), decimals=1) for j in columns
        ]
        ends = (GAP, GAP) if i is None else (row_names[i], percent(float(seen[i]), decimals=1))
        grid.add_row(Text(ends[0]), *map(Text, accuracies), Text(ends[1]))
    return Text("Accuracy in percent on each test set, and the mean of those seen so far"), grid


def _names(result: Result, columns: int) -> tuple[list[str], list[str]]:
    """Return names of rows and columns that fit; columns that do not become numbers, repeated in the rows."""
    tasks, tests = list(map(shown, result.task_names)), list(map(shown, result.test_names))
    row_room = max(len(ROW_HEAD), min(24, WIDTH - (columns + 1) * (NUMBER + 1)))
    used = max(len(ROW_HEAD), min(row_room, max(map(len, tasks))))
    column_room = (WIDTH - used - NUMBER - 1) // columns - 1
    if tasks == tests and max(map(len, tests)) > column_room:
        tasks = [f"{i + 1}: {name}" for i, name in enumerate(tasks)]
        tests = [str(i + 1) for i in range(len(tests))]
    return [shortened(name, row_room) for name in tasks], [shortened(name, column_room) for name in tests]


def _summary(result: Result) -> Table:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True)
    lines.add_column()
    for name, value in summary_lines(result):
        lines.add_row(Text(name), Text(value))
    return lines


def summary_lines(result: Result) -> list[tuple[str, str]]:
    """Return name and value of each summary figure, as printed below the matrix."""
    sums, data, incremental = result.statistics_bytes, result.data_bytes, result.average_incremental_accuracy
    transfers = [
        ("backward transfer", result.backward_transfer),
        ("forward transfer", result.forward_transfer),
    ]
    return [
        ("average accuracy", f"{percent(result.average_accuracy)} %"),
        ("incremental", MISSING if incremental is None else f"{percent(incremental)} %, the mean after each part"),
        *(
            [("forgetting", MISSING)]
            if result.forgetting is None
            else [("forgetting", f"{percent(result.forgetting)} points"), ("", f"= {FORGETTING_FORMULA}")]
        ),
        *((name, MISSING if value is None else f"{points(value)} points") for name, value in transfers),
        (
            "learning accuracy",
            MISSING if result.learning_accuracy is None else f"{percent(result.learning_accuracy)} %",
        ),
        ("stored examples", f"{result.stored_examples:,}"),
        ("size of the sums", f"{readable_bytes(sums)}, {compared_bytes(sums, data)}"),
        ("size of the data", f"{readable_bytes(data)} in {sum(result.examples_per_task):,} examples"),
        ("time", f"{readable_seconds(result.wall_seconds)} wall, {readable_seconds(result.cpu_seconds)} CPU"),
        ("peak memory", readable_bytes(result.peak_memory_bytes)),
        ("code", f"{result.code_units:,} units, penalty {result.penalty:.4g}"),
        ("model", result.model_sha256[:16]),
    ]

"""Sections on tasks and costs: each function returns HTML text, or "" where there is nothing to show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indeependence.report.formatting import first_and_last, percent, readable_bytes, readable_seconds
from indeependence.report.metrics import (
    FORGETTING_FORMULA,
    accuracy_on_seen,
    forgetting_course,
    forgetting_per_task,
)
from indeependence.report.page.long_tables import LONGEST, cut, drawn, most
from indeependence.report.page.markup import Cell, Rows, drawing, escaped, html_table
from indeependence.report.plots.curves import forgetting_figure
from indeependence.report.plots.learning_curve import learning_curve_figure
from indeependence.report.plots.matrices import accuracy_matrix_figure
from indeependence.report.plots.rendering import svg
from indeependence.report.result import Result


def accuracy_matrix_section(result: Result) -> str:
    """Return the accuracy matrix, as a table or as a drawing."""
    text = "Accuracy in percent on each test set (columns) after learning each part (rows)"
    if max(result.accuracy_matrix.shape) > LONGEST:
        return drawn(accuracy_matrix_figure(result), "accuracy", text)
    seen = accuracy_on_seen(result.accuracy_matrix)
    rows: Rows = [
        (name, [*_accuracies(name, result.test_names, row), percent(mean, decimals=1)])
        for name, row, mean in zip(result.task_names, result.accuracy_matrix, seen, strict=True)
    ]
    head = ["After learning", *result.test_names, "Mean of those seen"]
    return html_table(text, head, rows, look="matrix")


def _accuracies(name: str, tests: Sequence[str], row: np.ndarray) -> list[Cell]:
    """Return a row's cells; those not tested say nothing."""
    return [
        Cell(percent(value, decimals=1), value, said="" if np.isnan(value) else _in_words(name, test, value))
        for test, value in zip(tests, row, strict=True)
    ]


def _in_words(name: str, test: str, value: float) -> str:
    return f"After {name}: {percent(value)} % right on {test}"


def learning_curve_section(result: Result) -> str:
    """Return a plot of accuracy from part to part; "" after a single one."""
    if len(result.task_names) == 1:
        return ""
    means = ", ".join(percent(value, decimals=1) for value in accuracy_on_seen(result.accuracy_matrix))
    return drawing(
        svg(learning_curve_figure(result), "curves"),
        f"Line plot of accuracy against parts learned. Mean over the test sets seen so far, in percent: {means}.",
        "Each test set from the part on that taught it; the thick line is the mean of those seen so far.",
    )


def forgetting_section(result: Result) -> str:
    """Return what was forgotten of each test set, in numbers and as a curve; "" after one part and for a stream."""
    if result.forgetting is None:
        return ""
    lost = forgetting_per_task(result.accuracy_matrix)
    if lost.size == 0:
        return ""
    best, final = result.accuracy_matrix[:-1], result.accuracy_matrix[-1]
    chosen = most(lost)
    rows: Rows = [
        (
            result.test_names[i],
            [
                percent(np.nanmax(best[:, i])),
                percent(final[i]),
                Cell(percent(lost[i]), float(np.clip(5 * lost[i], 0, 1)), "bad"),  # strongest from 20 points on
            ],
        )
        for i in chosen
    ]
    which = "each test set but the last" if len(lost) < len(final) else "each test set"
    caption = f"Percent, and points lost, for {which}{cut(len(chosen), len(lost), 'most forgotten')}"
    formula = f"<code>{escaped(FORGETTING_FORMULA)}</code>"
    table = html_table(caption, ["Test set", "Best before", "At the end", "Lost"], rows)
    said = f"<p>Forgetting is {escaped(percent(result.forgetting))} points: {formula}.</p>\n"
    return f'{said}<div class="side">\n{table}\n{_forgetting_drawing(result)}\n</div>'


def _forgetting_drawing(result: Result) -> str:
    course = forgetting_course(result.accuracy_matrix)
    if len(course) < 3:
        return ""
    values = ", ".join(percent(value) for value in course)
    return drawing(
        svg(forgetting_figure(course), "forgetting"),
        f"Line plot of forgetting against parts learned, in points: {values}.",
        "Forgetting after each part, in points.",
    )


def cost_section(result: Result) -> str:
    """Return time, memory and sizes, in all and for each part."""
    totals = [
        ("Wall time", [readable_seconds(result.wall_seconds)]),
        ("CPU time", [readable_seconds(result.cpu_seconds)]),
        ("Peak memory", [readable_bytes(result.peak_memory_bytes)]),
        ("Sums", [f"{readable_bytes(result.statistics_bytes)} ({result.statistics_bytes:,} bytes)"]),
        ("Data seen", [f"{readable_bytes(result.data_bytes)} ({result.data_bytes:,} bytes)"]),
        ("Stored examples", [f"{result.stored_examples:,}"]),
        ("Code units", [f"{result.code_units:,}"]),
        ("Penalty", [f"{result.penalty:.6g}"]),
    ]
    parts = [
        ("…", ["…", "…"])
        if i is None
        else (
            result.task_names[i],
            [f"{result.examples_per_task[i]:,}", readable_seconds(result.seconds_per_task[i])],
        )
        for i in first_and_last(len(result.task_names), LONGEST - 1)
    ]
    whole = html_table("In all", ["What", "How much"], totals)
    return f'<div class="side">\n{whole}\n{html_table("By part", ["Part", "Examples", "Time"], parts)}\n</div>'

"""The sections of the page, each a function from the result to HTML text; "" where there is nothing to show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from indeependence.report import plots
from indeependence.report.markup import Cell, drawing, escaped, html_table, thumbnail
from indeependence.report.metrics import FORGETTING_FORMULA, accuracy_on_seen, forgetting_per_task
from indeependence.report.result import Result, plain
from indeependence.report.units import first_and_last, percent, readable_bytes, readable_seconds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST = 25  # rows and columns of a table; longer ones are drawn, or cut to what matters most
Rows = list[tuple[str, list[Cell | str]]]


def accuracy_matrix_section(result: Result) -> str:
    text = "Accuracy in percent on each test set (columns) after learning each part (rows)"
    if max(result.accuracy_matrix.shape) > LONGEST:
        return _drawn(plots.accuracy_matrix_figure(result), "accuracy", text)
    seen = accuracy_on_seen(result.accuracy_matrix)
    rows: Rows = [
        (name, [*(Cell(percent(value, decimals=1), value) for value in row), percent(mean, decimals=1)])
        for name, row, mean in zip(result.task_names, result.accuracy_matrix, seen, strict=True)
    ]
    head = ["After learning", *result.test_names, "Mean of those seen"]
    return html_table(text, head, rows, look="matrix")


def learning_curve_section(result: Result) -> str:
    means = ", ".join(percent(value, decimals=1) for value in accuracy_on_seen(result.accuracy_matrix))
    return drawing(
        plots.svg(plots.learning_curve_figure(result), "curves"),
        f"Line plot of accuracy against parts learned. Mean over the test sets seen so far, in percent: {means}.",
        "Each test set from the part on that taught it; the thick line is the mean of those seen so far.",
    )


def forgetting_section(result: Result) -> str:
    lost = forgetting_per_task(result.accuracy_matrix)
    if lost.size == 0:
        return ""
    best, final = result.accuracy_matrix[:-1], result.accuracy_matrix[-1]
    chosen = _most(lost)
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
    caption = f"Percent, and points lost, for {which}{_cut(len(chosen), len(lost), 'most forgotten')}"
    formula = f"<code>{escaped(FORGETTING_FORMULA)}</code>"
    return f"<p>Forgetting is {escaped(percent(result.forgetting))} points: {formula}.</p>\n" + html_table(
        caption, ["Test set", "Best before", "At the end", "Lost"], rows
    )


def class_section(result: Result) -> str:
    accuracy, counts = result.per_class_accuracy, result.confusion.sum(axis=1)
    chosen = _most(-np.nan_to_num(accuracy, nan=2.0))
    rows: Rows = [
        (
            str(result.classes[i]),
            [Cell(percent(accuracy[i]), accuracy[i]), f"{result.confusion[i, i]:,}", f"{counts[i]:,}"],
        )
        for i in chosen
    ]
    caption = "After the last part" + _cut(len(chosen), len(accuracy), "least accurate")
    return html_table(caption, ["Class", "Accuracy, %", "Right", "Test examples"], rows)


def confusion_section(result: Result) -> str:
    counts = result.confusion
    text = "Test examples by true class (rows) and predicted class (columns), after the last part"
    if len(counts) > LONGEST:
        picture = _drawn(plots.confusion_figure(result), "confusion", text + ", as a share of the true class")
        return picture + _most_confused(result)
    most_wrong = max(_only_mistakes(counts).max(), 1)
    totals = np.maximum(counts.sum(axis=1), 1)
    rows: Rows = [
        (
            str(name),
            [
                Cell(f"{n:,}", n / totals[i]) if i == j else Cell(f"{n:,}", n / most_wrong, "bad")
                for j, n in enumerate(counts[i])
            ],
        )
        for i, name in enumerate(result.classes)
    ]
    table = html_table(text, ["True class", *map(str, result.classes)], rows, look="matrix counts")
    return f'<div class="side">\n{table}\n{_most_confused(result)}\n</div>'


def _most_confused(result: Result) -> str:
    wrong = _only_mistakes(result.confusion)
    order = np.argsort(-wrong, axis=None, kind="stable")[:10]
    pairs = [(int(k) // len(wrong), int(k) % len(wrong)) for k in order]
    rows: Rows = [
        (f"{result.classes[i]} taken for {result.classes[j]}", [f"{wrong[i, j]:,}"]) for i, j in pairs if wrong[i, j]
    ]
    return html_table("Most frequent mistakes", ["Mistake", "Times"], rows) if rows else ""


def _only_mistakes(confusion: np.ndarray) -> np.ndarray:
    return np.where(np.eye(len(confusion), dtype=np.bool_), 0, confusion)


def mistake_section(result: Result) -> str:
    pictures = "\n".join(
        "<li>"
        + thumbnail(
            mistake.picture,
            f"picture of {mistake.label} taken for {mistake.predicted}",
            [f"{mistake.label} → {mistake.predicted}", f"score {mistake.score:.2f}"],
        )
        + "</li>"
        for mistake in result.mistakes
    )
    if not pictures:
        return ""
    note = "<p>True class → predicted class, with the score of the prediction.</p>"
    return f'{note}\n<ul class="thumbnails">\n{pictures}\n</ul>'


def cost_section(result: Result) -> str:
    totals = [
        ("Wall time", [readable_seconds(result.wall_seconds)]),
        ("CPU time", [readable_seconds(result.cpu_seconds)]),
        ("Peak memory", [readable_bytes(result.peak_memory_bytes)]),
        ("Sums", [f"{readable_bytes(result.statistics_bytes)} ({result.statistics_bytes:,} bytes)"]),
        ("Data seen", [f"{readable_bytes(result.data_bytes)} ({result.data_bytes:,} bytes)"]),
        ("Stored examples", [f"{result.stored_examples:,}"]),
        ("Code units", [f"{result.code_units:,}"]),
        ("Ridge penalty", [f"{result.penalty:.6g}"]),
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


def option_section(result: Result) -> str:
    settings = [
        *((name, [_setting(value)]) for name, value in result.options.items()),
        ("SHA-256 of the model", [result.model_sha256]),
        ("SHA-256 of the encoder", [result.encoder_sha256]),
    ]
    table = html_table("Options and fingerprints", ["Name", "Value"], settings, look="settings")
    return f"<p>One click selects the whole command.</p>\n<pre><code>{escaped(result.command)}</code></pre>\n{table}"


def _setting(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


def _drawn(figure: Figure, prefix: str, text: str) -> str:
    return drawing(plots.svg(figure, prefix), text + "; the numbers are in results.json", text)


def _most(values: np.ndarray) -> list[int]:
    """Indices of all values or, where there are too many, of the largest, largest first."""
    if len(values) <= LONGEST:
        return list(range(len(values)))
    return [int(i) for i in np.argsort(-values, kind="stable")[:LONGEST]]


def _cut(shown: int, count: int, which: str) -> str:
    return "" if shown == count else f": the {shown} {which} of {count}"

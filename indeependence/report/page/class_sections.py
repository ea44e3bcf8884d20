"""Sections on single classes: accuracy, confusion and mistakes, of an evaluation or of a trained model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indeependence.report.formatting import percent
from indeependence.report.metrics import per_class_accuracy
from indeependence.report.page.document import HALF, Section
from indeependence.report.page.long_tables import LONGEST, cut, drawn, most
from indeependence.report.page.markup import Cell, Rows, escaped, html_table, thumbnail
from indeependence.report.plots.matrices import confusion_figure
from indeependence.report.result import Tested


def class_contents(tested: Tested) -> list[Section]:
    """Return all sections on single classes."""
    few = len(tested.classes) <= 2 * HALF
    return [
        Section("Accuracy of each class", class_section(tested), half=few),
        Section("Confusion matrix", confusion_section(tested), half=few),
        Section("Most confident mistakes", mistake_section(tested)),
    ]


def class_section(tested: Tested) -> str:
    """Return a table of the accuracy of each class, or of the least accurate ones."""
    accuracy, counts = per_class_accuracy(tested.confusion), tested.confusion.sum(axis=1)
    chosen = most(-np.nan_to_num(accuracy, nan=2.0))
    rows: Rows = [
        (
            str(tested.classes[i]),
            [Cell(percent(accuracy[i]), accuracy[i], "bar"), f"{tested.confusion[i, i]:,}", f"{counts[i]:,}"],
        )
        for i in chosen
    ]
    caption = "After the last part" + cut(len(chosen), len(accuracy), "least accurate")
    return html_table(caption, ["Class", "Accuracy, %", "Right", "Test examples"], rows)


def confusion_section(tested: Tested) -> str:
    """Return the confusion matrix, as a table or as a drawing, and the most frequent mistakes."""
    counts = tested.confusion
    text = "Test examples by true class (rows) and predicted class (columns)"
    if len(counts) > LONGEST:
        picture = drawn(confusion_figure(tested), "confusion", text + ", as a share of the true class")
        return picture + _most_confused(tested)
    most_wrong = max(_only_mistakes(counts).max(), 1)
    names = [str(name) for name in tested.classes]
    rows: Rows = [(name, _counted(name, names, counts[i], i, most_wrong)) for i, name in enumerate(names)]
    table = html_table(text, ["True class", *names], rows, look="matrix counts")
    return f'<div class="side">\n{table}\n{_most_confused(tested)}\n</div>'


def _counted(name: str, names: Sequence[str], counts: np.ndarray, own: int, most_wrong: int) -> list[Cell | str]:
    """Return the cells of one true class; zeros say nothing more."""
    total = max(int(counts.sum()), 1)
    cells: list[Cell | str] = []
    for j, n in enumerate(counts):
        found = "recognised" if j == own else f"taken for {names[j]}"
        said = f"{name} {found}: {n:,} of {total:,}, {percent(n / total, decimals=1)} %" if n else ""
        shade, kind = (n / total, "good") if j == own else (n / most_wrong, "bad")
        cells.append(Cell(f"{n:,}", shade, kind, said))
    return cells


def _most_confused(tested: Tested) -> str:
    wrong = _only_mistakes(tested.confusion)
    order = np.argsort(-wrong, axis=None, kind="stable")[:10]
    pairs = [(int(k) // len(wrong), int(k) % len(wrong)) for k in order]
    rows: Rows = [
        (f"{tested.classes[i]} taken for {tested.classes[j]}", [f"{wrong[i, j]:,}"]) for i, j in pairs if wrong[i, j]
    ]
    return html_table("Most frequent mistakes", ["Mistake", "Times"], rows) if rows else ""


def _only_mistakes(confusion: np.ndarray) -> np.ndarray:
    return np.where(np.eye(len(confusion), dtype=np.bool_), 0, confusion)


def mistake_section(tested: Tested) -> str:
    """Return the pictures that were taken for another class; "" where there are none."""
    pictures = "\n".join(
        "<li>"
        + thumbnail(
            mistake.picture,
            f"picture of {mistake.label} taken for {mistake.predicted}",
            [f"{mistake.label} → {mistake.predicted}", f"{mistake.measure} {mistake.confidence:.2f}"],
        )
        + "</li>"
        for mistake in tested.mistakes
    )
    if not pictures:
        return ""
    measure = tested.mistakes[0].measure
    note = f"<p>True class → predicted class, with the {escaped(measure)} that the model gave it.</p>"
    return f'{note}\n<ul class="thumbnails">\n{pictures}\n</ul>'

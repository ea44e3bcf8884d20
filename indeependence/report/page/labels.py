"""The page on rows of which each can have several labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indeependence.report.formatting import percent
from indeependence.report.labels import LabelsResult, labels_json, labels_table, percent_or_none, rounded
from indeependence.report.page.document import DATA, Figure, Section, document, plot
from indeependence.report.page.markup import drawing, escaped, html_table
from indeependence.report.plots.rendering import picture_files, svg
from indeependence.report.plots.style import COLOURS, MARKERS, new_figure, put_legend_below, style_axes
from indeependence.report.result import Asked
from indeependence.report.write import json_bytes, write_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Plot


def write_labels(result: LabelsResult, asked: Asked, folder: Path) -> Path:
    """Write ``report.html``, ``results.json``, and a table of the labels or the curve; return the page's path."""
    tables = {"classes.csv": labels_table(result).encode()} if result.is_test else {}
    plots = {} if result.is_test else picture_files("learning_curve", curve_figure(result))
    page = labels_page(result, asked).encode()
    files = {"results.json": json_bytes(labels_json(result, asked)), **tables, **plots, "report.html": page}
    return write_files(folder, files) / "report.html"


def labels_page(result: LabelsResult, asked: Asked) -> str:
    """Return the whole page as text; every name in it is escaped."""
    last = result.curve[-1]
    headline = [
        Figure("all labels right", f"{percent(last['subset_accuracy'])} %", "of rows: subset accuracy"),
        Figure("wrong labels", f"{percent(last['hamming_loss'])} %", "of all: Hamming loss"),
        Figure("F1, micro", rounded(last["f1_micro"]), "all labels together"),
        Figure("F1, macro", rounded(last["f1_macro"]), "mean over labels"),
    ]
    columns = ["label", "rows", "accuracy, %", "recall, %", "precision, %", "F1", "from probability"]
    rows = [
        (
            row["label"],
            [
                f"{row['examples']:,}",
                *(percent_or_none(row[name]) for name in ("accuracy", "recall", "precision")),
                *(rounded(row["f1"]), f"{row['threshold']:.2f}"),
            ],
        )
        for row in last["labels"]
    ]
    contents = [Section("Labels", html_table("Each label", columns, rows))]
    if not result.is_test:
        curve = drawing(svg(curve_figure(result), "curve"), "F1 after each part", "on held-out rows by rows learned")
        contents.append(Section("From part to part", curve))
    contents.append(Section("How it was made", f"<pre><code>{escaped(asked.command)}</code></pre>"))
    summary = f"{result.examples[-1]:,} rows learned, {result.tested:,} tested, of which each can have several labels."
    more = {"Labels": ("classes.csv",)} if result.is_test else {"Learning curve": plot("learning_curve")}
    return document(f"Labels of {asked.data}", summary, headline, contents, {**DATA, **more})


def curve_figure(result: LabelsResult) -> Plot:
    """Return a plot of both kinds of F1, and of the share of rows with all labels right, by the rows learned."""
    figure, axes = new_figure(7.2, 4.0)
    shown = {"F1, micro": "f1_micro", "F1, macro": "f1_macro", "all labels right": "subset_accuracy"}
    for place, (label, name) in enumerate(shown.items()):
        heights = [np.nan if found[name] is None else found[name] for found in result.curve]
        axes.plot(result.examples, heights, color=COLOURS[place], marker=MARKERS[place], label=label, clip_on=False)
    axes.set_ylim(0, 1)
    style_axes(axes, "rows learned", "share")
    put_legend_below(figure, axes.get_lines())
    return figure

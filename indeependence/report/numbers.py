"""The results of learning numbers: as JSON, as a table of answers, and as a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.report.cells import csv_cell
from indeependence.report.page.document import DATA, Figure, Section, document, plot
from indeependence.report.page.markup import drawing, escaped, html_table
from indeependence.report.plots.rendering import picture_files, svg
from indeependence.report.plots.style import COLOURS, INK, MARKERS, new_figure, put_legend_below, style_axes
from indeependence.report.result import Asked
from indeependence.report.write import json_bytes, write_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Plot

SHOWN = 2000  # points of a plot


@dataclass(frozen=True, eq=False)
class NumberResult:
    """What was measured on held-out rows after each part of the others."""

    targets: tuple[str, ...]
    examples: tuple[int, ...]  # learned, after each part
    curve: tuple[list[dict[str, Any]], ...]  # after each part, for each target its measures by name
    tested: int  # rows
    expected: np.ndarray  # [N, T] of the held-out rows
    found: np.ndarray  # [N, T]
    facts: dict[str, Any]


def numbers_json(result: NumberResult, asked: Asked) -> dict[str, Any]:
    """Return all figures as plain JSON values."""
    return {
        "data": asked.data,
        "command": asked.command,
        "options": dict(asked.options),
        "targets": list(result.targets),
        "tested": result.tested,
        "measured": result.curve[-1],
        "curve": [{"examples": n, "measured": found} for n, found in zip(result.examples, result.curve, strict=True)],
        "model": result.facts,
    }


def numbers_csv(answers: Sequence[dict[str, Any]]) -> str:
    """Return a table with a row for each answer: its name, and value, interval and right value of each target.

    >>> one = {"target": "price", "value": 1.5, "low": 1.0, "high": 2.0}
    >>> print(numbers_csv([{"name": "1", "targets": [one]}]))
    name,price,price_low,price_high
    1,1.5,1.0,2.0
    <BLANKLINE>
    """
    rows = []
    for answer in answers:
        row: dict[str, Any] = {"name": answer["name"]}
        for one in answer["targets"]:
            row[one["target"]] = one["value"]
            row |= {f"{one['target']}_{key}": one[key] for key in ("low", "high", "expected") if key in one}
        rows.append({csv_cell(key): csv_cell(value) for key, value in row.items()})
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]) if rows else ["name"], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def write_numbers(result: NumberResult, asked: Asked, folder: Path) -> Path:
    """Write ``report.html``, ``results.json`` and the curve's files to ``folder``, and return the page's path."""
    files = {
        "results.json": json_bytes(numbers_json(result, asked)),
        **picture_files("learning_curve", curve_figure(result)),
        "report.html": numbers_page(result, asked).encode(),
    }
    return write_files(folder, files) / "report.html"


def numbers_page(result: NumberResult, asked: Asked) -> str:
    """Return the whole page as text; every name in it is escaped."""
    last = result.curve[-1]
    headline = [Figure(row["target"], _rounded(row["r2"]), "R² on held-out rows") for row in last[:4]]
    columns = {"R²": "r2", "mean absolute error": "mae", "root mean squared error": "rmse"}
    rows = [
        (
            row["target"],
            [*(_rounded(row[key]) for key in columns.values()), f"{100 * row['inside_of_interval']:.1f} %"],
        )
        for row in last
    ]
    inside = f"in their interval of {100 * last[0]['coverage']:.0f} %"
    contents = [
        Section("Errors", html_table("On held-out rows", ["target", *columns, inside], rows)),
        Section(
            "From part to part",
            drawing(svg(curve_figure(result), "curve"), "R² after each part", "R² on held-out rows by rows learned"),
        ),
        *(
            Section(
                f"Predicted: {name}",
                drawing(svg(scatter_figure(result, place), f"p{place}"), f"{name} predicted", "held-out rows"),
                half=len(result.targets) > 1,
            )
            for place, name in enumerate(result.targets[:8])
        ),
        Section("How it was made", f"<pre><code>{escaped(asked.command)}</code></pre>"),
    ]
    summary = f"{result.examples[-1]:,} rows learned in {len(result.examples)} parts, {result.tested:,} held out."
    files = {**DATA, "Learning curve": plot("learning_curve")}
    return document(f"Numbers from {asked.data}", summary, headline, contents, files)


def _rounded(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def curve_figure(result: NumberResult) -> Plot:
    """Return a plot of R² of each target against the rows learned."""
    figure, axes = new_figure(7.2, 4.0)
    for place, name in enumerate(result.targets[: len(COLOURS)]):
        heights = [np.nan if found[place]["r2"] is None else found[place]["r2"] for found in result.curve]
        axes.plot(
            result.examples, heights, color=COLOURS[place], marker=MARKERS[place], label=f" {name}", clip_on=False
        )
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), 1)
    style_axes(axes, "rows learned", "R²")
    put_legend_below(figure, axes.get_lines())
    return figure


def scatter_figure(result: NumberResult, place: int) -> Plot:
    """Return a plot of what was predicted of one target against what was right."""
    figure, axes = new_figure(4.6, 4.4)
    right, found = result.expected[:SHOWN, place], result.found[:SHOWN, place]
    axes.scatter(right, found, s=9, alpha=0.5, color=COLOURS[0], linewidths=0, rasterized=True)
    ends = [float(right.min()), float(right.max())]
    axes.plot(ends, ends, color=INK, linewidth=1)
    style_axes(axes, "right", "predicted")
    return figure

"""The page of several runs on the same tasks, and the sections that it shares with that of a comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indeependence.report.formatting import percent, readable_seconds
from indeependence.report.metrics import FORMULAS
from indeependence.report.page.document import Figure, Section, document, plot
from indeependence.report.page.inside_sections import command_section
from indeependence.report.page.long_tables import LONGEST
from indeependence.report.page.markup import Cell, Rows, drawing, escaped, html_table
from indeependence.report.plots.comparison import accuracy_by_task_figure
from indeependence.report.plots.rendering import svg
from indeependence.report.result import Asked
from indeependence.report.series import Series, plus_minus, shown_metrics
from indeependence.report.tables import cells, headings

FILES = {
    "Data": ("results.json",),
    "Every value": ("values.csv",),
    "Table": ("table.md", "table.tex"),
    "Accuracy by task": plot("accuracy_by_task"),
}


def joint_page(series: Sequence[Series], asked: Asked, folders: Sequence[Sequence[str]]) -> str:
    """Return the page of several seeds, or of several layers, as text; every name in it is escaped.

    ``folders``: where the page of each run is, beside this one.
    """
    first, seeds = series[0].results[0], len(series[0].results)
    what = f"{seeds} seeds" if seeds > 1 else f"{len(series)} runs"
    title = f"{what} on {first.data}, {first.scenario}, {first.setting}-incremental"
    parts = f"{sum(first.examples_per_task):,} examples in {len(first.task_names)} parts"
    summary = f"{parts}; seeds {seeds_of(series)}."
    fingerprints = {f"{one.name}, seed {result.seed}": result.model_sha256 for one in series for result in one.results}
    contents = [
        Section("Mean and deviation", metrics_section(series)),
        Section("Accuracy from task to task", _curves(series)),
        *value_sections(series, folders),
        *matrix_sections(series),
        Section("What the figures are", formulas_section(series)),
        Section("How to run it again", command_section(asked.command, dict(asked.options), fingerprints)),
    ]
    return document(title, summary, _headline(series), contents, FILES)


def seeds_of(series: Sequence[Series]) -> str:
    """Return the seeds as text."""
    return ", ".join(str(result.seed) for result in series[0].results)


def _headline(series: Sequence[Series]) -> list[Figure]:
    if len(series) > 1:
        best = sorted(series, key=lambda one: -float(one.matrix.mean[-1].mean()))[:3]
        found = [(one, shown_metrics([one])[0]) for one in best]
        return [
            Figure(one.name, f"{plus_minus(metric, one.spread(metric.name))} %", metric.title) for one, metric in found
        ]
    return [
        Figure(metric.title.capitalize(), plus_minus(metric, series[0].spread(metric.name)), metric.unit)
        for metric in shown_metrics(series)
    ]


def metrics_section(series: Sequence[Series]) -> str:
    """Return every metric of every series, as mean ± standard deviation."""
    metrics = shown_metrics(series)
    seeds = len(series[0].results)
    caption = f"Mean ± standard deviation (N - 1) over {seeds} seeds" if seeds > 1 else "One seed"
    rows: Rows = [(one.name, [*cells(one, metrics), readable_seconds(_cpu(one))]) for one in series]
    return html_table(caption, ["Name", *headings(metrics), "CPU time"], rows)


def _cpu(one: Series) -> float:
    return float(np.mean([result.cpu_seconds for result in one.results]))


def _curves(series: Sequence[Series]) -> str:
    text = "Mean accuracy on the tasks seen so far; the bands are one standard deviation over seeds"
    return drawing(svg(accuracy_by_task_figure(series), "tasks"), text + "; the numbers are in results.json", text)


def value_sections(series: Sequence[Series], folders: Sequence[Sequence[str]] = ()) -> list[Section]:
    """Return the values and the class order of every seed, with links to their pages in ``folders``."""
    metrics = shown_metrics(series)
    rows: Rows = [
        (f"{one.name}, seed {result.seed}", [metric.text(getattr(result, metric.name)) for metric in metrics])
        for one in series
        for result in one.results
    ]
    links = "".join(
        f'<li><a href="{escaped(folder)}/report.html">{escaped(f"{one.name}, seed {result.seed}")}</a></li>'
        for one, places in zip(series, folders, strict=False)
        for result, folder in zip(one.results, places, strict=True)
    )
    pages = f'<p>The page of each run:</p>\n<ul class="files">{links}</ul>' if links else ""
    values = html_table("Each seed", ["Run", *headings(metrics)], rows) if len(series[0].results) > 1 else ""
    return [
        Section("Every value" if values else "Pages", values + pages),
        Section("Class orders", _orders(series)),
    ]


def _orders(series: Sequence[Series]) -> str:
    results = series[0].results
    if results[0].class_order is None:
        return ""
    rows: Rows = [(f"seed {one.seed}", [", ".join(map(str, one.class_order or ()))]) for one in results]
    same = len({one.class_order for one in results}) == 1
    said = "" if len(results) == 1 else "the same for all seeds" if same else "another one for each seed"
    return html_table(f"Order in which the classes come{', ' + said if said else ''}", ["Seed", "Classes"], rows)


def matrix_sections(series: Sequence[Series]) -> list[Section]:
    """Return the accuracy matrix of each series, averaged over its seeds."""
    shown = [one for one in series if len(one.results) > 1 and max(one.matrix.mean.shape) <= LONGEST]
    named = len(series) > 1
    return [Section(f"Accuracy matrix{': ' + one.name if named else ''}", matrix_section(one)) for one in shown]


def matrix_section(one: Series) -> str:
    """Return the mean and the deviation of each entry of the accuracy matrix over seeds."""
    mean, deviation = one.matrix.mean, one.matrix.deviation
    seen, spread = one.seen.mean, one.seen.deviation
    rows: Rows = [
        (
            name,
            [*map(_cell, mean[i], deviation[i]), _spread(seen[i], spread[i])],  # type: ignore[index]
        )
        for i, name in enumerate(one.task_names)
    ]
    head = ["After learning", *one.test_names, "Mean of those seen"]
    what = "accuracy in percent on each test set (columns) after each part (rows), mean ± deviation over seeds"
    caption = f"{one.name}: {what}"
    note = "" if one.has_common_tasks else "<p>Tasks by their place: each seed has other classes in them.</p>\n"
    return note + html_table(caption, head, rows, look="matrix")


def _cell(mean: float, deviation: float) -> Cell:
    return Cell(_spread(mean, deviation), float(mean))


def _spread(mean: float, deviation: float) -> str:
    return (
        percent(mean, decimals=1)
        if np.isnan(mean)
        else f"{percent(mean, decimals=1)} ± {percent(deviation, decimals=1)}"
    )


def formulas_section(series: Sequence[Series]) -> str:
    """Return the formula of each metric that is shown."""
    rows: Rows = [(metric.title, [FORMULAS[metric.name]]) for metric in shown_metrics(series)]
    note = "<p>R[t,i] is the accuracy on test set i after learning part t of T.</p>\n"
    return note + html_table("Formulas", ["Figure", "Formula"], rows, look="settings")

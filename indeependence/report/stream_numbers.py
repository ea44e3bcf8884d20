"""The results of a stream of numbers that were answered row by row before they were learned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.report.page.document import Figure, Section
from indeependence.report.page.markup import drawing, escaped, html_table
from indeependence.report.plots.rendering import picture_files, svg
from indeependence.report.plots.style import COLOURS, new_figure, put_legend_below, style_axes
from indeependence.report.result import Asked
from indeependence.report.stream import Streamed, adapted, points_of, sliding
from indeependence.report.write import json_bytes, write_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Plot


@dataclass(frozen=True, eq=False)
class NumberStreamResult(Streamed):
    """The answers to all rows of a stream of T numbers, each given before the row was learned."""

    targets: tuple[str, ...]
    right: np.ndarray  # [N, T]
    answers: np.ndarray  # [N, T]; NaN for none, in the first block

    @cached_property
    def errors(self) -> dict[str, np.ndarray]:
        """The errors ``[M, T]`` of the rows that were answered: the model's, and of two answers without inputs."""
        answered = ~np.isnan(self.answers[:, 0])
        last = np.vstack([self.right[:1], self.right[:-1]])
        so_far = np.cumsum(self.right, 0) / np.arange(1, len(self.right) + 1)[:, None]
        mean = np.vstack([self.right[:1], so_far[:-1]])
        found = {"model": self.answers, "same as last": last, "mean so far": mean}
        return {name: (one - self.right)[answered] for name, one in found.items()}

    @cached_property
    def measured(self) -> list[dict[str, Any]]:
        """For each target its errors, mean absolute and root mean squared, and R²; and those of the simple answers."""
        spread = self.right[~np.isnan(self.answers[:, 0])].var(0)
        return [
            {"target": name, **{kind: _measures(one[:, place], spread[place]) for kind, one in self.errors.items()}}
            for place, name in enumerate(self.targets)
        ]


def _measures(errors: np.ndarray, spread: float) -> dict[str, float | None]:
    squared = float(np.mean(errors**2))
    return {
        "mae": float(np.abs(errors).mean()),
        "rmse": squared**0.5,
        "r2": float(1 - squared / spread) if spread > 0 else None,
    }


def number_stream_json(result: NumberStreamResult, asked: Asked) -> dict[str, Any]:
    """Return all figures as plain JSON values."""
    absolute = np.abs(result.errors["model"])
    width = points_of(len(absolute))
    curves = {name: sliding(absolute[:, place], width) for place, name in enumerate(result.targets)}
    return {
        "data": asked.data,
        "command": asked.command,
        "options": dict(asked.options),
        "rows": len(result.right),
        "answered": len(absolute),
        "measured": result.measured,
        "curve": {name: {"rows": ends.tolist(), "mae": curve.tolist()} for name, (ends, curve) in curves.items()},
        **result.to_json(),
    }


def lines(result: NumberStreamResult) -> list[str]:
    """Return the figures as lines for people."""
    text = [f"{len(result.errors['model']):,} of {len(result.right):,} rows answered, each before it was learned"]
    for row in result.measured:
        model, share = row["model"], row["model"]["r2"]
        text.append(
            f"{row['target']}: error {model['mae']:.4g} on average, {model['rmse']:.4g} squared, "
            f"R² {'none' if share is None else format(share, '.3f')}"
        )
        text += [
            f"  {kind}: {row[kind]['mae']:.4g} on average, {row[kind]['rmse']:.4g} squared"
            for kind in list(result.errors)[1:]
        ]
    return text


def write_number_stream(result: NumberStreamResult, asked: Asked, folder: Path) -> Path:
    """Write ``report.html``, ``results.json`` and the curve's files to ``folder``, and return the page's path."""
    files = {
        "results.json": json_bytes(number_stream_json(result, asked)),
        **picture_files("learning_curve", error_figure(result, 0)),
        "report.html": number_stream_page(result, asked).encode(),
    }
    return write_files(folder, files) / "report.html"


def number_stream_page(result: NumberStreamResult, asked: Asked) -> str:
    """Return the whole page as text; every name in it is escaped."""
    first = result.measured[0]
    headline = [
        Figure(f"{result.targets[0]}: mean error", f"{first['model']['mae']:.4g}", "of rows answered before learned"),
        *(Figure(name, f"{first[name]['mae']:.4g}", "needs no inputs") for name in list(result.errors)[1:]),
    ]
    rows = [
        (
            f"{row['target']}: {kind}",
            ["–" if row[kind][key] is None else f"{row[kind][key]:.4g}" for key in ("mae", "rmse", "r2")],
        )
        for row in result.measured
        for kind in result.errors
    ]
    contents = [
        *(
            Section(
                f"From row to row: {name}",
                drawing(svg(error_figure(result, place), f"c{place}"), f"error of {name} along the stream", ""),
            )
            for place, name in enumerate(result.targets[:8])
        ),
        Section("Errors", html_table("Each target", ["answer", "mean", "root mean squared", "R²"], rows), half=True),
        adapted(result.changes, result.leads),
        Section("How it was made", f"<pre><code>{escaped(asked.command)}</code></pre>"),
    ]
    return result.page(asked, len(result.right), headline, contents)


def error_figure(result: NumberStreamResult, place: int) -> Plot:
    """Return a plot of the mean error of a target along the stream, and of the answers that need no inputs."""
    figure, axes = new_figure(8.4, 4.2)
    for number, (name, errors) in enumerate(result.errors.items()):
        ends, curve = sliding(np.abs(errors[:, place]), points_of(len(errors)))
        axes.plot(ends, curve, color=COLOURS[number], linewidth=1.8 if number == 0 else 1, label=name)
    lines_ = axes.get_lines()
    result.mark_changes(axes)
    style_axes(axes, "rows", f"mean error of {result.targets[place]}")
    axes.set_ylim(0)
    put_legend_below(figure, lines_)
    return figure

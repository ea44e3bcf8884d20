"""The results of a stream that was answered row by row before it was learned: figures, JSON, a plot and a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.report.formatting import percent, readable_bytes
from indeependence.report.page.document import DATA, Figure, Section, document, plot
from indeependence.report.page.markup import drawing, escaped, html_table
from indeependence.report.plots.rendering import picture_files, svg
from indeependence.report.plots.style import COLOURS, INK, new_figure, put_legend_below, style_axes
from indeependence.report.result import Asked
from indeependence.report.write import json_bytes, write_files

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Plot

POINTS = 100  # of a curve
KAPPA_FORMULA = "(accuracy - chance) / (1 - chance), chance = sum over classes of share right x share answered"


@dataclass(frozen=True)
class Change:
    """What counts has changed at the end of a period."""

    row: int  # rows so far
    period: int  # the number of the period that ended
    since: int  # the first period that counts now
    before: int  # the first period that counted before

    @property
    def words(self) -> str:
        """The change in words.

        >>> Change(1000, 10, 8, 1).words
        'row 1,000: periods 1 to 7 dropped, 8 to 10 count'
        """
        left = f"{self.since} to {self.period} count" if self.since < self.period else f"{self.since} alone counts"
        if self.since > self.before:
            gone = (
                f"period {self.before}"
                if self.since - self.before == 1
                else f"periods {self.before} to {self.since - 1}"
            )
            return f"row {self.row:,}: {gone} dropped, {left}"
        return f"row {self.row:,}: periods from {self.since} on taken up again, {left}"


@dataclass(frozen=True, eq=False, kw_only=True)
class Streamed:
    """How a stream was learned, whatever was asked of its rows."""

    changes: tuple[Change, ...]
    led: dict[str, int]  # rows in which each of several answers had the largest share
    solved: int  # times
    layers: str
    code_units: int
    statistics_bytes: int
    cpu_seconds: float
    model_sha256: str  # of the sums that count at the end

    @property
    def leads(self) -> dict[str, float]:
        """The share of rows in which each of several answers counted most, the largest first."""
        return {name: rows / max(sum(self.led.values()), 1) for name, rows in self.led.items()}

    def to_json(self) -> dict[str, Any]:
        """Return how it was learned as plain JSON values."""
        return {
            "changes": [{**vars(change), "words": change.words} for change in self.changes],
            "leads": [{"answer": name, "share": share} for name, share in self.leads.items()],
            "times_solved": self.solved,
            "encoder": self.layers,
            "code_units": self.code_units,
            "statistics_bytes": self.statistics_bytes,
            "cpu_seconds": self.cpu_seconds,
            "model_sha256": self.model_sha256,
        }

    def page(self, asked: Asked, rows: int, headline: Sequence[Figure], contents: Sequence[Section]) -> str:
        """Return the page of a stream of so many rows."""
        held = f"{self.code_units:,} code units, {readable_bytes(self.statistics_bytes)} of sums, no stored example"
        summary = f"{rows:,} rows in their order; {held}; solved {self.solved:,} times."
        files = {**DATA, "Learning curve": plot("learning_curve")}
        return document(f"Stream {asked.data}", summary, headline, contents, files)

    def mark_changes(self, axes: Axes) -> None:
        """Draw a line where what counts changed."""
        for change in self.changes:
            axes.axvline(change.row, color=INK, linewidth=0.8, linestyle=":", alpha=0.5)


@dataclass(frozen=True, eq=False)
class StreamResult(Streamed):
    """The answers to all rows of a stream, each given before the row was learned."""

    classes: tuple[int | str, ...]
    right: np.ndarray  # [N] places among the classes
    answers: np.ndarray  # [N] the same; -1 for none, which is a mistake

    @cached_property
    def hits(self) -> np.ndarray:
        """Whether each row was answered rightly."""
        return self.right == self.answers

    @property
    def accuracy(self) -> float:
        """The share of rows that were answered rightly before they were learned."""
        return float(self.hits.mean())

    @cached_property
    def baselines(self) -> dict[str, np.ndarray]:
        """Whether two answers that need no inputs are right: the label of the row before, and the most frequent one."""
        same = np.append(False, self.right[1:] == self.right[:-1])
        counts = np.cumsum(np.eye(len(self.classes), dtype=np.int64)[self.right], axis=0)
        most = np.append(-1, counts[:-1].argmax(1))
        return {"same as last": same, "majority so far": most == self.right}

    @property
    def kappa(self) -> float:
        """Cohen's kappa: `KAPPA_FORMULA`."""
        return kappa(self.right, self.answers, len(self.classes))

    @property
    def kappa_temporal(self) -> float:
        """How much of the mistakes of "same as last" is avoided; below 0 if it makes fewer (Žliobaitė et al. 2015)."""
        last = float(self.baselines["same as last"].mean())
        return (self.accuracy - last) / (1 - last) if last < 1 else 0.0

    @property
    def per_class(self) -> list[tuple[int | str, int, float]]:
        """Each class, its rows, and the share of them that was answered rightly."""
        return [
            (label, int(rows.sum()), float(self.hits[rows].mean()))
            for place, label in enumerate(self.classes)
            for rows in [self.right == place]
        ]

    def sliding(self, hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return rows so far, and the share of ``hits`` among as many rows before as a `POINTS`-th of the stream."""
        return sliding(hits, points_of(len(hits)))


def points_of(rows: int) -> int:
    """Return how many rows a point of a curve is the mean of."""
    return max(rows // POINTS, 1)


def kappa(right: np.ndarray, answers: np.ndarray, classes: int) -> float:
    """Return Cohen's kappa of answers, which are places among the classes or -1.

    >>> kappa(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]), 2)
    0.5
    """
    shares = [np.bincount(some[some >= 0], minlength=classes) / len(right) for some in (right, answers)]
    chance = float(shares[0] @ shares[1])
    return float((np.mean(right == answers) - chance) / (1 - chance)) if chance < 1 else 0.0


def sliding(hits: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of windows of ``width`` rows, one after another, and the share of ``hits``, or mean, in each.

    >>> sliding(np.array([True, False, True, True]), 2)
    (array([2, 4]), array([0.5, 1. ]))
    """
    ends = np.arange(width, len(hits) + 1, width)
    sums = np.append(0, np.cumsum(hits))
    return ends, (sums[ends] - sums[ends - width]) / width


def stream_json(result: StreamResult, asked: Asked) -> dict[str, Any]:
    """Return all figures as plain JSON values."""
    ends, curve = result.sliding(result.hits)
    return {
        "data": asked.data,
        "command": asked.command,
        "options": dict(asked.options),
        "rows": len(result.right),
        "accuracy": result.accuracy,
        "kappa": result.kappa,
        "kappa_temporal": result.kappa_temporal,
        "baselines": {name: float(hits.mean()) for name, hits in result.baselines.items()},
        "classes": [{"class": label, "rows": rows, "accuracy": share} for label, rows, share in result.per_class],
        "curve": {"rows": ends.tolist(), "accuracy": curve.tolist()},
        **result.to_json(),
    }


def write_stream(result: StreamResult, asked: Asked, folder: Path) -> Path:
    """Write ``report.html``, ``results.json`` and the curve's files to ``folder``, and return the page's path."""
    files = {
        "results.json": json_bytes(stream_json(result, asked)),
        **picture_files("learning_curve", stream_figure(result)),
        "report.html": stream_page(result, asked).encode(),
    }
    return write_files(folder, files) / "report.html"


def stream_page(result: StreamResult, asked: Asked) -> str:
    """Return the whole page as text; every name in it is escaped."""
    simple = {name: f"{percent(float(hits.mean()))} %" for name, hits in result.baselines.items()}
    headline = [
        Figure("accuracy", f"{percent(result.accuracy)} %", "of rows answered before they were learned"),
        Figure("Cohen's kappa", f"{result.kappa:.3f}", "0 is chance"),
        *(Figure(name, value, "needs no inputs") for name, value in simple.items()),
    ]
    rows = [(str(label), [f"{count:,}", percent(share)]) for label, count, share in result.per_class]
    dotted = "dotted: what counts changed" if result.changes else ""
    contents = [
        Section(
            "From row to row",
            drawing(svg(stream_figure(result), "curve"), "accuracy along the stream", dotted),
        ),
        Section("Classes", html_table("Each class", ["class", "rows", "answered rightly, %"], rows), half=True),
        adapted(result.changes, result.leads),
        Section(
            "How it was made",
            f"<pre><code>{escaped(asked.command)}</code></pre>\n<p>Kappa: <code>{escaped(KAPPA_FORMULA)}</code>.</p>",
        ),
    ]
    return result.page(asked, len(result.right), headline, contents)


def adapted(changes: Sequence[Change], leads: dict[str, float]) -> Section:
    """Return the section on what was dropped or, where several answers were mixed, which counted most."""
    if not leads:
        return Section("What was dropped", _changes(changes), half=True)
    rows = [(name, [percent(share)]) for name, share in leads.items()]
    table = html_table("Of several answers", ["answer from", "counted most, % of rows"], rows)
    return Section("What answered", table, half=True)


def _changes(changes: Sequence[Change]) -> str:
    lines = "\n".join(f"<li>{escaped(change.words)}</li>" for change in changes)
    return f"<ul>\n{lines}\n</ul>" if lines else ""


def stream_figure(result: StreamResult) -> Plot:
    """Return a plot of the accuracy along the stream, of both baselines, and of what was dropped."""
    figure, axes = new_figure(8.4, 4.2)
    ends, curve = result.sliding(result.hits)
    axes.plot(ends, 100 * curve, color=COLOURS[0], linewidth=1.8, label="model")
    for place, (name, hits) in enumerate(result.baselines.items(), start=1):
        axes.plot(ends, 100 * result.sliding(hits)[1], color=COLOURS[place], linewidth=1, label=name)
    lines = axes.get_lines()
    result.mark_changes(axes)
    style_axes(axes, "rows", "answered rightly, %")
    axes.set_ylim(0, 100)
    put_legend_below(figure, lines)
    return figure

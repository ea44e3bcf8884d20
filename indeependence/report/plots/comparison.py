"""Plots of several methods on the same tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indeependence.report.comparison import Entry
from indeependence.report.plots.style import COLOURS, INK, MARKERS, count_along_x, new_figure, style_axes, style_legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def accuracy_by_task_figure(entries: Sequence[Entry]) -> Figure:
    """Return a plot of the mean accuracy on the tasks seen so far against their number, a line for each method."""
    figure, axes = new_figure(8.0, 4.6)
    for i, entry in enumerate(entries):
        axes.plot(np.arange(1, len(entry.curve) + 1), 100 * entry.curve, label=entry.name, **_look(i))
    count_along_x(axes)
    _finish(figure, axes, "parts learned")
    return figure


def accuracy_by_bytes_figure(entries: Sequence[Entry]) -> Figure:
    """Return a plot of average accuracy against the bytes kept, a point for each method; a line marks all the data."""
    figure, axes = new_figure(8.0, 4.6)
    for i, entry in enumerate(entries):
        axes.plot([max(entry.bytes.total, 1)], [100 * entry.average_accuracy], label=entry.name, **_look(i))
    seen = entries[0].results[0].data_bytes
    axes.axvline(seen, color=INK, linewidth=1, linestyle=":", label="all data")
    axes.set_xscale("log")
    _finish(figure, axes, "bytes kept between tasks")
    return figure


def _look(i: int) -> dict:
    count = len(COLOURS)
    line = "-" if i < count else "--"
    return {"color": COLOURS[i % count], "marker": MARKERS[i % count], "linestyle": line, "clip_on": False}


def _finish(figure: Figure, axes: Axes, what: str) -> None:
    style_axes(axes, what, "accuracy, %")
    axes.set_ylim(0, 100)
    style_legend(figure.legend(loc="outside right upper"))

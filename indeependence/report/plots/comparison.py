"""Several methods on the same tasks as plots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indeependence.report.comparison import Entry
from indeependence.report.plots import plots

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def accuracy_by_task_figure(entries: Sequence[Entry]) -> Figure:
    """Mean accuracy on the tasks seen so far against the number of tasks, a line for each method."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = plots.new_figure(8.0, 4.6)
    for i, entry in enumerate(entries):
        axes.plot(np.arange(1, len(entry.curve) + 1), 100 * entry.curve, label=entry.name, **_look(i))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True, min_n_ticks=1))
    _finish(figure, axes, "parts learned")
    return figure


def accuracy_by_bytes_figure(entries: Sequence[Entry]) -> Figure:
    """Average accuracy against the bytes kept, a point for each method; the line marks the bytes of the data."""
    figure, axes = plots.new_figure(8.0, 4.6)
    for i, entry in enumerate(entries):
        axes.plot([max(entry.bytes.total, 1)], [100 * entry.average_accuracy], label=entry.name, **_look(i))
    seen = entries[0].results[0].data_bytes
    axes.axvline(seen, color=plots.INK, linewidth=1, linestyle=":", label="all data")
    axes.set_xscale("log")
    _finish(figure, axes, "bytes kept between tasks")
    return figure


def _look(i: int) -> dict:
    count = len(plots.COLOURS)
    line = "-" if i < count else "--"
    return {"color": plots.COLOURS[i % count], "marker": plots.MARKERS[i % count], "linestyle": line, "clip_on": False}


def _finish(figure: Figure, axes: Axes, what: str) -> None:
    axes.set_xlabel(what, fontsize=12, color=plots.INK)
    axes.set_ylabel("accuracy, %", fontsize=12, color=plots.INK)
    axes.set_ylim(0, 100)
    axes.grid(color=plots.INK, alpha=0.15, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(plots.INK)
    legend = figure.legend(loc="outside right upper", frameon=False)
    for text in legend.get_texts():
        text.set(fontsize=11, color=plots.INK, parse_math=False)

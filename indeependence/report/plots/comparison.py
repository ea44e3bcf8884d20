"""Plots of several methods on the same tasks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indeependence.report.comparison import Entry
from indeependence.report.formatting import readable_bytes
from indeependence.report.plots.style import (
    COLOURS,
    INK,
    MARKERS,
    count_along_x,
    new_figure,
    put_legend_below,
    style_axes,
)
from indeependence.report.series import Series

KEPT = {"indeependence": 0, "fine-tuning": 5}  # places in `COLOURS`, as on the front page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def accuracy_by_task_figure(series: Sequence[Series]) -> Figure:
    """Return a plot of the mean accuracy on the tasks seen so far against their number, a line for each of the series.

    A band is as wide as the standard deviation over seeds, to both sides.
    """
    figure, axes = new_figure(7.2, 4.8)
    for i, one in zip(_places(series), series, strict=True):
        parts, mean, deviation = np.arange(1, len(one.curve) + 1), 100 * one.curve, one.seen.deviation
        axes.plot(parts, mean, label=one.name, **_look(i))
        if deviation is not None:
            band = (mean - 100 * deviation, mean + 100 * deviation)
            axes.fill_between(parts, *band, color=_look(i)["color"], alpha=0.2, linewidth=0)
    count_along_x(axes)
    _finish(figure, axes, "parts learned")
    return figure


def accuracy_by_bytes_figure(entries: Sequence[Entry]) -> Figure:
    """Return a plot of average accuracy against the bytes kept, a point for each method; a line marks all the data."""
    figure, axes = new_figure(7.2, 4.8)
    for i, entry in zip(_places(entries), entries, strict=True):
        axes.plot([max(entry.bytes.total, 1)], [100 * entry.average_accuracy], label=entry.name, **_look(i))
    seen = entries[0].results[0].data_bytes
    axes.axvline(seen, color=INK, linewidth=1, linestyle=":", label="all data")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda count, _: re.sub(r"\.0+ ", " ", readable_bytes(round(count))))
    axes.xaxis.set_minor_formatter("")
    _finish(figure, axes, "kept between tasks")
    return figure


def _places(entries: Sequence[Series]) -> list[int]:
    """Return the place of each method's look: those of the front page keep theirs, the others follow in order."""
    free = iter(i for i in range(len(entries) + len(KEPT)) if i not in KEPT.values())
    return [KEPT[entry.name] if entry.name in KEPT else next(free) for entry in entries]


def _look(i: int) -> dict:
    count = len(COLOURS)
    line = "-" if i < count else "--"
    return {"color": COLOURS[i % count], "marker": MARKERS[i % count], "linestyle": line, "clip_on": False}


def _finish(figure: Figure, axes: Axes, what: str) -> None:
    style_axes(axes, what, "accuracy, %")
    axes.set_ylim(0, 100)
    put_legend_below(figure, axes.get_lines())

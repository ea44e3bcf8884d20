"""Accuracy from part to part: a line for each test set, and their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indeependence.report.formatting import shortened
from indeependence.report.metrics import accuracy_on_seen
from indeependence.report.plots.style import (
    COLOURS,
    INK,
    MARKERS,
    add_colour_bar,
    between,
    count_along_x,
    new_figure,
    put_legend_below,
    style_axes,
)
from indeependence.report.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure


def learning_curve_figure(result: Result) -> Figure:
    """Return a plot of the accuracy on each test set learned, and of their mean, against the parts learned."""
    R = 100 * result.accuracy_matrix
    figure, axes = new_figure(7.2, 4.6)
    own_test_sets = R.shape[0] == R.shape[1]
    few = R.shape[1] <= len(COLOURS)
    for i, name in enumerate(result.test_names):
        start = i if own_test_sets else 0
        look = _few_style(i) if few else _many_style(i, R.shape[1])
        axes.plot(range(start + 1, len(R) + 1), R[start:, i], label=_in_a_legend(name), **look)
    if R.shape[1] > 1:
        mean = 100 * accuracy_on_seen(result.accuracy_matrix)
        axes.plot(range(1, len(R) + 1), mean, color=INK, linewidth=3.2, label="mean of those seen", zorder=3)
    _style_curves(axes, len(R))
    _explain_lines(figure, axes, few, R.shape[1])
    return figure


def _in_a_legend(name: str) -> str:
    """Return a name as the legend shows it; without the blank, Matplotlib leaves out one that begins with ``_``."""
    return f" {shortened(name, 18)}" if name.startswith("_") else shortened(name, 18)


def _few_style(i: int) -> dict:
    return {"color": COLOURS[i], "marker": MARKERS[i], "linewidth": 1.8, "markersize": 6, "clip_on": False}


def _many_style(i: int, count: int) -> dict:
    marker = "." if count <= 30 else ""  # one point alone, the last test set, shows only with a marker
    alpha = 0.8 if count <= 30 else 0.35
    return {
        "color": _order()(i / max(count - 1, 1)),
        "marker": marker,
        "linewidth": 1.0,
        "alpha": alpha,
    }


def _order() -> Colormap:
    """Return the colours of many test sets, the first learned to the last."""
    return between(COLOURS[5], COLOURS[3], COLOURS[6], COLOURS[0])


def _style_curves(axes: Axes, parts: int) -> None:
    style_axes(axes, "parts learned", "accuracy, %")
    count_along_x(axes)
    axes.set_xlim(0.7, parts + 0.3)
    axes.set_ylim(0, 100)  # what is forgotten is seen against all that there is, and one wrong example is no collapse


def _explain_lines(figure: Figure, axes: Axes, few: bool, count: int) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    handles = axes.get_lines() if few else axes.get_lines()[-1:]
    put_legend_below(figure, handles)
    if few:
        return
    add_colour_bar(figure, axes, ScalarMappable(Normalize(1, count), _order()), label="test set")

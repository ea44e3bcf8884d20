"""How all plots look: colours, axes, legends and colour bars.

Figures are made without pyplot, so that nothing global changes and no screen is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D

DEEPEST = 0.6  # of a shade behind text
INK = "#1b1e23"  # text and axes; `rendering.svg` turns it into the colour of the text around the picture
# Okabe and Ito's colours, distinct for colour-blind readers, in shades that stand out on white and on black.
COLOURS = ("#0072b2", "#c98500", "#009e73", "#c8649b", "#3a9bd9", "#d55e00", "#7b61c9", "#808080")
MARKERS = "osD^vP*X"
GOOD, BAD = COLOURS[0], COLOURS[5]  # right and wrong, ours and what forgets: in plots, tables and on the front page


def shades(colour: str) -> Colormap:
    """Return the shades of a colour from clear on, faint enough at the end for `INK` on it, on white and on black."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgba

    return LinearSegmentedColormap.from_list(colour, [to_rgba(colour, 0), to_rgba(colour, DEEPEST)])


def between(*colours: str) -> Colormap:
    """Return the colours from the first to the last, for an order of many things."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("order", list(colours))


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure of that many inches with one pair of axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.tick_params(labelsize=11, colors=INK)
    return figure, axes


def style_axes(axes: Axes, x: str, y: str) -> None:
    """Label the axes of a plot of lines and draw a faint grid, without the frame's top and right."""
    axes.set_xlabel(x, fontsize=12, color=INK)
    axes.set_ylabel(y, fontsize=12, color=INK)
    axes.grid(color=INK, alpha=0.15, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)


def count_along_x(axes: Axes) -> None:
    """Put whole numbers alone on the x axis."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True, min_n_ticks=1))


def put_legend_below(figure: Figure, lines: Sequence[Line2D]) -> None:
    """Explain lines below the axes, where nothing is covered, as many side by side as fit."""
    labels = [str(line.get_label()) for line in lines]
    columns = min(max(60 // (max(map(len, labels)) + 5), 1), len(labels))
    style_legend(figure.legend(lines, labels, loc="outside lower center", ncols=columns))


def style_legend(legend: Legend) -> None:
    """Remove the frame of a legend, and show its names as they are, without formulas in them."""
    legend.set_frame_on(False)
    for text in legend.get_texts():
        text.set(fontsize=11, color=INK, parse_math=False)


def add_colour_bar(figure: Figure, axes: Axes, mapping: ScalarMappable, *, label: str) -> None:
    """Put the colours of ``mapping`` next to the axes, with the numbers that they stand for."""
    from matplotlib.ticker import MaxNLocator

    bar = figure.colorbar(mapping, ax=axes, ticks=MaxNLocator(integer=True))
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=11, colors=INK)
    bar.set_label(label, fontsize=12, color=INK)

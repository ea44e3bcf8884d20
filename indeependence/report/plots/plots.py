"""The result as plots: accuracy matrix, learning curves and, for many classes, the confusion matrix.

Figures are made without pyplot, so that nothing global changes and no screen is needed.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from indeependence.report.formatting import percent, shortened
from indeependence.report.metrics import accuracy_on_seen
from indeependence.report.result import Result, Tested

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

INK = "#1b1e23"  # text and axes; `svg` turns it into the colour of the text around the picture
NAMED = 20  # rows or columns that still get a name and a number in each cell
# Okabe and Ito's colours, told apart by colour-blind readers, in shades that stand out on white and on black.
COLOURS = ("#0072b2", "#c98500", "#009e73", "#c8649b", "#3a9bd9", "#d55e00", "#7b61c9", "#808080")
MARKERS = "osD^vP*X"


def accuracy_matrix_figure(result: Result) -> Figure:
    """The accuracy matrix as a picture: a row for each part learned, a column for each test set, percent."""
    return _matrix_figure(
        100 * result.accuracy_matrix,
        [[percent(value, decimals=1) for value in row] for row in result.accuracy_matrix],
        names=(result.task_names, result.test_names),
        axes=("after learning", "accuracy on test set, %"),
    )


def confusion_figure(result: Tested) -> Figure:
    """The confusion matrix as a picture: rows are true classes, columns are predictions."""
    totals = result.confusion.sum(axis=1, keepdims=True)
    shares = 100 * result.confusion / np.maximum(totals, 1)
    names = [str(name) for name in result.classes]
    return _matrix_figure(
        shares,
        [[str(count) for count in row] for row in result.confusion],
        names=(names, names),
        axes=("true class", "predicted class, % of the true class"),
        gamma=0.4,  # so that mistakes in one of a hundred show
    )


def learning_curve_figure(result: Result) -> Figure:
    """Accuracy on each test set, once it was learned, and their mean, against the number of parts learned."""
    R = 100 * result.accuracy_matrix
    figure, axes = new_figure(7.2, 4.6)
    own_test_sets = R.shape[0] == R.shape[1]
    few = R.shape[1] <= len(COLOURS)
    for i, name in enumerate(result.test_names):
        start = i if own_test_sets else 0
        look = _few_style(i) if few else _many_style(i, R.shape[1])
        axes.plot(range(start + 1, len(R) + 1), R[start:, i], label=shortened(name, 18), **look)
    if R.shape[1] > 1:
        mean = 100 * accuracy_on_seen(result.accuracy_matrix)
        axes.plot(range(1, len(R) + 1), mean, color=INK, linewidth=3.2, label="mean of those seen", zorder=3)
    _style_curves(axes, R[np.tril_indices_from(R)] if own_test_sets else R, len(R))
    _explain_lines(figure, axes, few, R.shape[1])
    return figure


def png(figure: Figure) -> bytes:
    """The figure as a PNG picture on white, 144 dots per inch."""
    return _saved(figure, format="png", dpi=144, facecolor="white")


def svg(figure: Figure, prefix: str) -> str:
    """The figure as an ``<svg>`` element for a page: transparent, with `INK` in the colour of the text around.

    ``prefix`` goes before every id, so that several pictures can stand in one page.
    """
    from matplotlib import rc_context

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": prefix}):  # text stays text; equal ids every time
        text = _saved(figure, format="svg", transparent=True, metadata={"Date": None}).decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = text.replace("xlink:href", "href")
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", text)
    text = re.sub(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', r'<svg \1 aria-hidden="true">', text, count=1)
    return text.replace(INK, "currentColor").strip()


def _matrix_figure(
    percents: np.ndarray,
    texts: Sequence[Sequence[str]],
    *,
    names: tuple[Sequence[str], Sequence[str]],
    axes: tuple[str, str],
    gamma: float = 1.0,
) -> Figure:
    from matplotlib.colors import PowerNorm

    height, width = (np.clip(np.array(percents.shape) * (0.42, 0.62), 1.2, (8.0, 11.0)) + (1.4, 3.0)).tolist()
    figure, drawing = new_figure(width, height)
    image = drawing.imshow(
        percents, cmap="cividis", norm=PowerNorm(gamma, 0, 100), aspect="auto", interpolation="nearest"
    )
    if max(percents.shape) <= NAMED:
        _write_cells(drawing, percents, texts)
    else:
        _add_colour_bar(figure, drawing, image, label="")
    letters = 11 * width / len(names[1])  # that fit side by side under a column
    _name_ticks(drawing.set_yticks, names[0], turned=False)
    _name_ticks(drawing.set_xticks, names[1], turned=max(map(len, names[1])) > 0.6 * letters)
    drawing.set_ylabel(axes[0], fontsize=12, color=INK)
    drawing.set_xlabel(axes[1], fontsize=12, color=INK)
    drawing.spines[:].set_visible(False)
    return figure


def _write_cells(axes: Axes, percents: np.ndarray, texts: Sequence[Sequence[str]]) -> None:
    for i, j in np.ndindex(percents.shape):
        ink = INK if np.isnan(percents[i, j]) else "#000000" if percents[i, j] > 55 else "#ffffff"
        axes.text(j, i, texts[i][j], ha="center", va="center", color=ink, fontsize=11, parse_math=False)


def _add_colour_bar(figure: Figure, axes: Axes, mapping: ScalarMappable, *, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    bar = figure.colorbar(mapping, ax=axes, ticks=MaxNLocator(integer=True))
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=11, colors=INK)
    bar.set_label(label, fontsize=12, color=INK)


def _name_ticks(set_ticks: Callable, names: Sequence[str], *, turned: bool) -> None:
    """Every name, or where there are too many, every tenth or so."""
    step = -(-len(names) // NAMED)
    turn = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    shown = range(0, len(names), step)
    set_ticks(shown, [shortened(names[i], 18) for i in shown], parse_math=False, **turn)


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure of that many inches with one pair of axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.tick_params(labelsize=11, colors=INK)
    return figure, axes


def _few_style(i: int) -> dict:
    return {"color": COLOURS[i], "marker": MARKERS[i], "linewidth": 1.8, "markersize": 6, "clip_on": False}


def _many_style(i: int, count: int) -> dict:
    from matplotlib import colormaps

    marker = "." if count <= 30 else ""  # one point alone, the last test set, shows only with a marker
    alpha = 0.8 if count <= 30 else 0.35
    return {
        "color": colormaps["plasma"](_shade(i, count)),
        "marker": marker,
        "linewidth": 1.0,
        "alpha": alpha,
    }


def _shade(i: int, count: int) -> float:
    return 0.25 + 0.6 * i / max(count - 1, 1)  # the ends of the map would vanish on white or on black


def _style_curves(axes: Axes, values: np.ndarray, parts: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel("parts learned", fontsize=12, color=INK)
    axes.set_ylabel("accuracy, %", fontsize=12, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True, min_n_ticks=1))
    axes.set_xlim(0.7, parts + 0.3)
    lowest = float(np.nanmin(values))
    axes.set_ylim(max(lowest - max(0.08 * (100 - lowest), 0.5), 0), 100)
    axes.grid(color=INK, alpha=0.15, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)


def _explain_lines(figure: Figure, axes: Axes, few: bool, count: int) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    handles = axes.get_lines() if few else axes.get_lines()[-1:]
    labels = [str(line.get_label()) for line in handles]
    legend = figure.legend(handles, labels, loc="outside lower center", ncols=_columns(labels))
    legend.set_frame_on(False)
    for text in legend.get_texts():
        text.set(fontsize=11, color=INK, parse_math=False)
    if few:
        return
    colours = [_many_style(i, count)["color"] for i in range(count)]
    mapping = ScalarMappable(Normalize(1, count), LinearSegmentedColormap.from_list("tests", colours))
    _add_colour_bar(figure, axes, mapping, label="test set")


def _columns(labels: Sequence[str]) -> int:
    """How many entries of a legend fit side by side."""
    return int(np.clip(60 // (max(map(len, labels)) + 5), 1, len(labels)))


def _saved(figure: Figure, **options: object) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # names in any script; a box is shown
        figure.savefig(buffer, **options)  # type: ignore[arg-type]
    return buffer.getvalue()

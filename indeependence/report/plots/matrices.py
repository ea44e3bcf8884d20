"""Matrices as pictures: accuracy after each part on each test set, and the confusion of classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from indeependence.report.formatting import percent, shortened
from indeependence.report.plots.style import BAD, GOOD, INK, add_colour_bar, new_figure, shades
from indeependence.report.result import Result, Tested

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMED = 20  # rows or columns that still get a name and a number in each cell


def accuracy_matrix_figure(result: Result) -> Figure:
    """Return the accuracy matrix as a picture, in percent: a row for each part learned, a column for each test set."""
    return _matrix_figure(
        [100 * result.accuracy_matrix],
        [[percent(value, decimals=1) for value in row] for row in result.accuracy_matrix],
        names=(result.task_names, result.test_names),
        axes=("after learning", "accuracy on test set, %"),
    )


def confusion_figure(tested: Tested) -> Figure:
    """Return the confusion matrix as a picture: rows are true classes, columns are predictions."""
    totals = tested.confusion.sum(axis=1, keepdims=True)
    shares = 100 * tested.confusion / np.maximum(totals, 1)
    right = np.eye(len(shares), dtype=np.bool_)
    names = [str(name) for name in tested.classes]
    return _matrix_figure(
        [np.where(right, shares, np.nan), np.where(right, np.nan, shares)],
        [[str(count) for count in row] for row in tested.confusion],
        names=(names, names),
        axes=("true class", "predicted class, % of the true class"),
        gamma=0.4,  # so that mistakes in one of a hundred show
    )


def _matrix_figure(
    layers: Sequence[np.ndarray],
    texts: Sequence[Sequence[str]],
    *,
    names: tuple[Sequence[str], Sequence[str]],
    axes: tuple[str, str],
    gamma: float = 1.0,
) -> Figure:
    """Return a picture of one matrix, or of two on each other: what is right and what is wrong; NaN is clear."""
    from matplotlib.colors import PowerNorm

    shape = layers[0].shape
    height, width = (np.clip(np.array(shape) * (0.42, 0.62), 1.2, (8.0, 11.0)) + (1.4, 3.0)).tolist()
    figure, drawing = new_figure(width, height)
    few = max(shape) <= NAMED
    for percents, colour, label in zip(layers, (GOOD, BAD), ("right", "wrong"), strict=False):
        image = drawing.imshow(
            percents, cmap=shades(colour), norm=PowerNorm(gamma, 0, 100), aspect="auto", interpolation="nearest"
        )
        if not few:
            add_colour_bar(figure, drawing, image, label=label if len(layers) > 1 else "")
    if few:
        _write_cells(drawing, texts)
    letters = 11 * width / len(names[1])  # that fit side by side under a column
    _name_ticks(drawing.set_yticks, names[0], turned=False)
    _name_ticks(drawing.set_xticks, names[1], turned=max(map(len, names[1])) > 0.6 * letters)
    drawing.set_ylabel(axes[0], fontsize=12, color=INK)
    drawing.set_xlabel(axes[1], fontsize=12, color=INK)
    drawing.spines[:].set_visible(False)
    return figure


def _write_cells(axes: Axes, texts: Sequence[Sequence[str]]) -> None:
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            axes.text(j, i, text, ha="center", va="center", color=INK, fontsize=11, parse_math=False)


def _name_ticks(set_ticks: Callable, names: Sequence[str], *, turned: bool) -> None:
    """Show every name or, where there are too many, every tenth or so."""
    step = -(-len(names) // NAMED)
    turn = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    shown = range(0, len(names), step)
    set_ticks(shown, [shortened(names[i], 18) for i in shown], parse_math=False, **turn)

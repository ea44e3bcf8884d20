"""Curves that are no accuracies of an evaluation: spectrum, forgetting from part to part, running error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indeependence.moments.spectrum import Spectrum
from indeependence.report.plots.plots import COLOURS, INK, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = 7.2, 3.8  # inches


def spectrum_figure(spectrum: Spectrum) -> Figure:
    """The largest eigenvalues, and the share of all variance that they hold together."""
    figure, axes = new_figure(*SIZE)
    numbers = np.arange(1, len(spectrum.eigenvalues) + 1)
    largest = max(float(spectrum.eigenvalues[0]), 1e-300)
    axes.plot(numbers, np.maximum(spectrum.eigenvalues / largest, 1e-6), color=COLOURS[0], linewidth=2)
    axes.set_yscale("log")
    _style(axes, "direction, by its variance", "variance, the largest is 1")
    share = axes.twinx()
    share.plot(numbers, 100 * spectrum.explained, color=COLOURS[5], linewidth=2, linestyle="--")
    share.set_ylim(0, 100)
    share.set_ylabel("all so far, % of the variance (dashed)", fontsize=12, color=INK)
    share.tick_params(labelsize=11, colors=INK)
    share.spines[:].set_visible(False)
    return figure


def forgetting_figure(course: np.ndarray) -> Figure:
    """Forgetting ``[T]`` (fractions) after each part, in points."""
    figure, axes = new_figure(*SIZE)
    axes.plot(range(1, len(course) + 1), 100 * course, color=COLOURS[5], marker="o", linewidth=2, clip_on=False)
    _style(axes, "parts learned", "forgetting, points")
    axes.set_ylim(min(0.0, 105 * float(np.nanmin(course))), max(1.0, 105 * float(np.nanmax(course))))
    _whole_numbers(axes)
    return figure


def running_figure(errors: Sequence[float]) -> Figure:
    """The running error after each example."""
    figure, axes = new_figure(*SIZE)
    axes.plot(np.arange(1, len(errors) + 1), errors, color=COLOURS[0], linewidth=2)
    _style(axes, "examples", "running error")
    axes.set_ylim(0, 1)
    return figure


def _style(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x, fontsize=12, color=INK)
    axes.set_ylabel(y, fontsize=12, color=INK)
    axes.grid(color=INK, alpha=0.15, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)


def _whole_numbers(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True, min_n_ticks=1))

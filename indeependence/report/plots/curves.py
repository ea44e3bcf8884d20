"""Single curves: the spectrum of a code, forgetting from part to part, and the running error of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indeependence.moments.spectrum import Spectrum
from indeependence.report.plots.style import COLOURS, INK, count_along_x, new_figure, style_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = 7.2, 3.8  # inches


def spectrum_figure(spectrum: Spectrum) -> Figure:
    """Return a plot of the largest eigenvalues and of the share of all variance that they hold together."""
    figure, axes = new_figure(*SIZE)
    numbers = np.arange(1, len(spectrum.eigenvalues) + 1)
    largest = max(float(spectrum.eigenvalues[0]), 1e-300)
    axes.plot(numbers, np.maximum(spectrum.eigenvalues / largest, 1e-6), color=COLOURS[0], linewidth=2)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    style_axes(axes, "direction, by its variance", "variance, the largest is 1")
    share = axes.twinx()
    share.plot(numbers, 100 * spectrum.explained, color=COLOURS[5], linewidth=2, linestyle="--")
    share.set_ylim(0, 100)
    share.set_ylabel("all so far, % of the variance (dashed)", fontsize=12, color=INK)
    share.tick_params(labelsize=11, colors=INK)
    share.spines[:].set_visible(False)
    return figure


def forgetting_figure(course: np.ndarray) -> Figure:
    """Return a plot of the forgetting after each part, in points; ``course [T]`` has fractions."""
    figure, axes = new_figure(*SIZE)
    axes.plot(range(1, len(course) + 1), 100 * course, color=COLOURS[5], marker="o", linewidth=2, clip_on=False)
    style_axes(axes, "parts learned", "forgetting, points")
    axes.set_ylim(min(0.0, 105 * float(np.nanmin(course))), 100)  # as the accuracy: little is seen to be little
    count_along_x(axes)
    return figure


def running_figure(errors: Sequence[float]) -> Figure:
    """Return a plot of the running error after each example."""
    figure, axes = new_figure(*SIZE)
    axes.plot(np.arange(1, len(errors) + 1), errors, color=COLOURS[0], linewidth=2)
    style_axes(axes, "examples", "running error")
    axes.set_ylim(0, 1)
    return figure

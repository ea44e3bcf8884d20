"""What becomes of tables that would be too long: a drawing, or the rows that matter most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indeependence.report.page.markup import drawing
from indeependence.report.plots.rendering import svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST = 25  # rows and columns of a table; longer ones are drawn, or cut to what matters most


def drawn(figure: Figure, prefix: str, text: str) -> str:
    """Return a matrix that is too large for a table as a drawing."""
    return drawing(svg(figure, prefix), text + "; the numbers are in results.json", text, look="large")


def most(values: np.ndarray) -> list[int]:
    """Return the indices of all values or, where there are too many, of the largest, largest first."""
    if len(values) <= LONGEST:
        return list(range(len(values)))
    return [int(i) for i in np.argsort(-values, kind="stable")[:LONGEST]]


def cut(shown: int, count: int, which: str) -> str:
    """Return what a caption says of rows that were left out."""
    return "" if shown == count else f": the {shown} {which} of {count}"

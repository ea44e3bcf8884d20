"""A figure as PNG, and as SVG that stands in a page."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING

from indeependence.report.plots.style import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def png(figure: Figure) -> bytes:
    """Return the figure as a PNG picture on white, 144 dots per inch."""
    return _saved(figure, format="png", dpi=144, facecolor="white")


def svg(figure: Figure, prefix: str) -> str:
    """Return the figure as an ``<svg>`` element for a page, transparent, with `INK` in the colour of the text around.

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


def _saved(figure: Figure, **options: object) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # names in any script; a box is shown
        figure.savefig(buffer, **options)  # type: ignore[arg-type]
    return buffer.getvalue()

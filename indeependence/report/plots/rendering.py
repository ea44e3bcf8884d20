"""A figure as PNG, SVG and PDF files, and as SVG that stands in a page."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING

from indeependence.report.plots.style import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure


FORMATS = ("png", "svg", "pdf")  # of each plot in the folder of a report


def picture_files(name: str, figure: Figure) -> dict[str, bytes]:
    """Return the figure on white in each of `FORMATS`, by the name of its file; the same bytes every time."""
    from matplotlib import rc_context

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "pdf.fonttype": 42}):  # text stays text in both
        vector = _saved(figure, format="svg", facecolor="white", metadata={"Date": None})
        paper = _saved(figure, format="pdf", facecolor="white", metadata={"CreationDate": None})
    return {f"{name}.png": png(figure), f"{name}.svg": vector, f"{name}.pdf": paper}


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

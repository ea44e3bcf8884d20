"""Pieces of a page as HTML text: tables, pictures and drawings. Every text given is escaped here."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indeependence.errors import InputError, shown
from indeependence.report.pictures.grid import spaced


@dataclass(frozen=True)
class Cell:
    """A table cell: its text and, if shaded, how strongly (0 to 1) and how: "good", "bad", or "bar", as far as that.

    ``said`` is shown in words under the pointer and, with the keyboard, where the cell has the focus.
    """

    text: str
    shade: float | None = None
    kind: str = "good"
    said: str = ""


Rows = list[tuple[str, list[Cell | str]]]  # heading and cells of each row of a table
TILE = 44  # pixels that a picture of a mosaic is wide on a screen, about


def escaped(text: object) -> str:
    """Return the text as it is `shown`, with no markup left in it, for content and for attributes alike.

    >>> escaped('<b class="x">')
    '&lt;b class=&quot;x&quot;&gt;'
    """
    return html.escape(shown(text))


def html_table(
    caption: str, head: Sequence[str], rows: Iterable[tuple[str, Sequence[Cell | str]]], *, look: str = ""
) -> str:
    """Return a table with a caption and headings of columns and rows.

    ``rows``: heading and cells of each row. ``look``: a CSS class. Its box scrolls sideways by mouse, touch and
    keyboard.

    >>> "<td>1 &lt; 2</td>" in html_table("Sums", ["", "value"], [("n", ["1 < 2"])])
    True
    """
    if len(head) > 14:
        look += " dense"
    columns = "".join(f'<th scope="col">{_heading(name)}</th>' for name in head)
    body = "\n".join(
        f'<tr><th scope="row">{_heading(name)}</th>{"".join(map(_cell, cells))}</tr>' for name, cells in rows
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escaped(caption)}">\n'
        f'<table class="{escaped(look.strip())}">\n<caption><span>{escaped(caption)}</span></caption>\n'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def _heading(name: str) -> str:
    return escaped(name).replace(",", ",<wbr>")  # "airplane,automobile" may break, on a phone, where a reader expects


def _cell(cell: Cell | str) -> str:
    if isinstance(cell, str):
        return f"<td>{escaped(cell)}</td>"
    said = f' tabindex="0" aria-label="{escaped(cell.said)}"' if cell.said else ""
    if cell.shade is None or np.isnan(cell.shade):
        return f"<td{said}>{escaped(cell.text)}</td>"
    kind = cell.kind if cell.shade else f"{cell.kind} none"
    return f'<td class="{escaped(kind)}" style="--shade:{cell.shade:.3f}"{said}>{escaped(cell.text)}</td>'


def drawing(svg: str, description: str, caption: str, *, look: str = "") -> str:
    """Return a drawing with a description for those who do not see it.

    ``svg`` is markup made by this package and is not escaped. ``look``: a CSS class.
    """
    look = escaped(f"drawing {look}".strip())
    return (
        f'<figure class="{look}"><div class="scroll" role="img" tabindex="0" aria-label="{escaped(description)}">\n'
        f"{svg}\n</div>\n<figcaption>{escaped(caption)}</figcaption></figure>"
    )


def thumbnail(picture: np.ndarray, description: str, caption: Sequence[str]) -> str:
    """Return a small picture, enlarged pixel by pixel, above the lines of its caption.

    ``picture``: uint8 [H, W] or [H, W, 3] in the order red, green, blue.
    """
    lines = "<br>".join(escaped(line) for line in caption)
    return (
        f'<figure><img src="{png_address(picture)}" alt="{escaped(description)}" '
        f'width="{picture.shape[1]}" height="{picture.shape[0]}"><figcaption>{lines}</figcaption></figure>'
    )


def mosaic(pictures: np.ndarray, columns: int, description: str) -> str:
    """Return many small pictures, uint8 [N, H, W] or [N, H, W, 3], as one with clear gaps between them."""
    zoom = max(1, round(TILE / pictures.shape[2]))
    spread = spaced(pictures, columns)
    height, width = (zoom * size for size in spread.shape[:2])
    return (
        f'<img class="mosaic" src="{png_address(spread)}" alt="{escaped(description)}" '
        f'width="{width}" height="{height}">'
    )


def facts(named: Mapping[str, object], *, look: str = "") -> str:
    """Return names and values, as many side by side as fit."""
    pairs = "\n".join(
        f"<div><dt>{escaped(name.replace('_', ' '))}</dt><dd>{escaped(value)}</dd></div>"
        for name, value in named.items()
    )
    return f'<dl class="{escaped(f"facts {look}".strip())}">\n{pairs}\n</dl>'


def downloads(files: Mapping[str, Sequence[str]]) -> str:
    """Return links to files beside the page, those of each name together, by their endings.

    >>> downloads({"Data": ["results.json"]}).splitlines()[1]
    '<li>Data <a href="results.json" download aria-label="Data, JSON">JSON</a></li>'
    """
    items = "\n".join(
        f"<li>{escaped(name)} {' '.join(_download(name, file) for file in of_name)}</li>"
        for name, of_name in files.items()
    )
    return f'<ul class="files" aria-label="Files beside this page">\n{items}\n</ul>'


def _download(name: str, file: str) -> str:
    ending = file.rpartition(".")[2].upper()
    label = escaped(f"{name}, {ending}")
    return f'<a href="{escaped(file)}" download aria-label="{label}">{escaped(ending)}</a>'


def png_address(picture: np.ndarray) -> str:
    """Return the picture itself as an address, ``data:image/png;base64,…``: nothing has to be fetched.

    ``picture`` as in `thumbnail`, or with a fourth channel, 0 where it is clear.

    Raises `InputError` for any other picture.
    """
    import cv2

    grey_or_colour = picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] in (3, 4))
    if picture.dtype != np.uint8 or not grey_or_colour or picture.size == 0:
        raise InputError(f"expected a uint8 picture [H, W] or [H, W, 3], got {picture.dtype} {picture.shape}")
    blue_first = picture if picture.ndim == 2 else picture[:, :, [2, 1, 0, 3][: picture.shape[2]]]
    _, coded = cv2.imencode(".png", blue_first)
    return "data:image/png;base64," + base64.b64encode(coded.tobytes()).decode()

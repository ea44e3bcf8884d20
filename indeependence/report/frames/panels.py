"""A view as five labelled panels, and panels beside each other as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indeependence.report.frames.drawing import PAPER, SIDE, bars, curve, fitted, tiled
from indeependence.report.frames.view import View
from indeependence.report.plots.style import INK

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

MARGIN = 8  # pixels on either side of a panel's picture
LINE = 48  # of the title above it, and of the caption below
LETTERS = 17  # their height


@dataclass(frozen=True, eq=False)
class Panel:
    """A picture uint8 ``[240, 240, 3]``, red first, with a title and a caption."""

    title: str
    picture: np.ndarray
    caption: str


def panels(view: View) -> list[Panel]:
    """Return what is seen of ``view``: the input, its reconstruction, bases, codes and the running error."""
    shown, all_bases, number = len(view.bases), view.bases_in_all, len(view.errors)
    first = f"all {shown}" if shown == all_bases else f"{shown} of {all_bases:,}"
    units = ", ".join(str(len(code)) for code in view.codes)
    return [
        Panel("input", fitted(view.original), f"label {view.label}"),
        Panel("reconstruction", fitted(view.decoded), view.guess),
        Panel("bases", tiled(view.bases), f"{first}, lowest layer"),
        Panel("codes", bars(view.codes), f"{units} values" if len(view.codes) == 1 else f"from below: {units}"),
        Panel("running error, 0 to 1", curve(view.errors), f"{view.errors[-1]:.3f} after {number:,}"),
    ]


def side_by_side(panels: Sequence[Panel]) -> np.ndarray:
    """Return panels as one picture uint8 ``[336, 256 N, 3]``, red first, with their titles and captions.

    >>> side_by_side([Panel("a", np.zeros((240, 240, 3), np.uint8), "b")] * 4).shape
    (336, 1024, 3)
    """
    from PIL import Image, ImageDraw

    whole = np.full((SIDE + 2 * LINE, len(panels) * (SIDE + 2 * MARGIN), 3), PAPER, np.uint8)
    for index, panel in enumerate(panels):
        left = index * (SIDE + 2 * MARGIN) + MARGIN
        whole[LINE : LINE + SIDE, left : left + SIDE] = panel.picture
    image = Image.fromarray(whole)
    draw = ImageDraw.Draw(image)
    for index, panel in enumerate(panels):
        left = index * (SIDE + 2 * MARGIN) + MARGIN
        for text, middle in ((panel.title, LINE // 2), (panel.caption, SIDE + LINE + LINE // 2)):
            draw.text((left, middle), _cut(text), fill=INK, font=_font(), anchor="lm")
    return np.array(image)


def _cut(text: str) -> str:
    """Return as much of ``text`` as fits below a picture."""
    if _font().getlength(text) <= SIDE:
        return text
    while _font().getlength(f"{text}…") > SIDE:
        text = text[:-1]
    return f"{text}…"


@cache
def _font() -> FreeTypeFont:
    import matplotlib
    from PIL import ImageFont

    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf", LETTERS)

"""Types of option values that click does not have."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from indeependence.data.readers.picture_survey import Size


class Place(click.Path):
    """A path that is not empty: a variable that is not set would stand for the present folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; fail with a message for empty text, too."""
        if value == "":
            self.fail("expected a path, got nothing: leave the option out, or name a place", param, ctx)
        return super().convert(value, param, ctx)


FILE = Place(path_type=Path, dir_okay=False)
FOLDER = Place(path_type=Path, file_okay=False)
PLACE = Place(path_type=Path)  # a file or a folder
COUNT = click.IntRange(1)
FROM_ZERO = click.IntRange(0)


class Finite(click.FloatRange):
    """A finite number in a range: NaN is in every range of click's, as no comparison with it holds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; fail with a message for NaN and infinity, for text, and outside the range."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"expected a finite number, got {value}", param, ctx)
        return number

    def _describe_range(self) -> str:
        """Return the range as help pages show it; click shows ``x<=None`` for one without ends."""
        return "" if self.min is None and self.max is None else super()._describe_range()


SHARE = Finite(0, 1, min_open=True)
POSITIVE = Finite(0, min_open=True)
DISTANCE = Finite(0, min_open=True)


class Threshold(click.ParamType):
    """``f1``, or a probability."""

    name = "P|f1"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | str:
        """Return ``f1`` or the probability; fail with a message for anything else."""
        if value == "f1":
            return "f1"
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not 0 < number <= 1:
            self.fail(f"expected a probability above 0 and up to 1, or f1, got {value!r}", param, ctx)
        return number


THRESHOLD = Threshold()


class Penalty(click.ParamType):
    """``auto`` or a number of at least 0."""

    name = "auto|NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | str:
        """Return ``auto`` or the number; fail with a message for anything else."""
        from indeependence.errors import InputError
        from indeependence.moments.penalty import usable_penalty

        try:
            return usable_penalty(value if value == "auto" else float(value))
        except ValueError as error:
            self.fail(str(error) if isinstance(error, InputError) else f"expected a number, got {value!r}", param, ctx)


class PictureSize(click.ParamType):
    """``N`` or ``HxW`` pixels, and ``:crop`` where pictures are to fill them."""

    name = "N|HxW"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Size:
        """Return the size; fail with a message for anything else."""
        from indeependence.data.readers.decoding import LARGEST
        from indeependence.data.readers.picture_survey import Size

        found = re.fullmatch(r"(\d{1,6})(?:[x\u00d7](\d{1,6}))?(?::(pad|crop))?", str(value).strip().lower())
        if found is None:
            self.fail(f"expected N or HxW pixels, such as 64 or 48x64, or 64:crop, got {value!r}", param, ctx)
        height, width = int(found[1]), int(found[2] or found[1])
        if not 0 < height * width <= LARGEST:
            self.fail(f"expected 1 to {LARGEST:,} pixels, got {value!r}", param, ctx)
        return Size(height, width, found[3] or "pad")

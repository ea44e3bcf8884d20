"""What is noticed while pictures are read, in the words of one line; and warnings where something may be wrong."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indeependence.data.picture_form import PictureForm
from indeependence.data.readers.decoding import Decoded
from indeependence.data.understood import counted, some
from indeependence.errors import shown

if TYPE_CHECKING:
    from indeependence.data.readers.picture_survey import Header

BEYOND = 0.03  # share of deep values beyond the form's range from which on it is said


@dataclass
class Notes:
    """Counts of what was noticed in pictures that are brought into a form."""

    form: PictureForm
    headers: Sequence[Header] = ()
    count: int = 0
    coloured: int = 0
    least: tuple[int, int] = (1 << 30, 1 << 30)
    most: tuple[int, int] = (0, 0)
    fitted: int = 0  # pictures of another size than the form's
    types: set[str] = field(default_factory=set)  # of deep values
    transparent: int = 0
    beyond: list[float] = field(default_factory=list)  # share of values beyond the range, of each deep picture
    invisible: list[str] = field(default_factory=list)  # paths of shapes that are as bright as the background
    damaged: list[str] = field(default_factory=list)  # paths, with the decoder's complaint

    def add(self, path: Path, picture: Decoded, fitted: np.ndarray) -> None:
        """Notice one picture, decoded and fitted."""
        size = picture.values.shape[0], picture.values.shape[1]
        self.count += 1
        self.coloured += picture.values.ndim == 3
        self.least = min(self.least[0], size[0]), min(self.least[1], size[1])
        self.most = max(self.most[0], size[0]), max(self.most[1], size[1])
        self.fitted += size != (self.form.height, self.form.width)
        if picture.values.dtype != np.uint8:
            low, high = self.form.range_of(picture.values.dtype)
            self.types.add(str(picture.values.dtype))
            self.beyond.append(float(np.mean((picture.values < low) | (picture.values > high))))
        if picture.alpha is not None:
            self.transparent += 1
            if np.ptp(fitted) == 0 and np.ptp(picture.alpha) > 0:
                self.invisible.append(str(path))
        if picture.complaint:
            self.damaged.append(f"{path} ({picture.complaint})")

    def text(self) -> str:
        """Return the sizes and how the pictures were fitted, as part of a line."""
        form = self.form
        one, other = _size(*self.least), _size(*self.most)
        parts = ["colour" if form.colour else "grey", f"{one} pixels" if one == other else f"{one} to {other} pixels"]
        if self.coloured and not form.colour:
            parts[0] = f"{self.coloured:,} of them in colour made grey"
        if self.fitted:
            how = f"padded with grey {form.padding}" if form.fit == "pad" else "cropped in the middle"
            parts.append(f"fitted into {_size(form.height, form.width)}, {how}")
        for name in sorted(self.types):
            low, high = form.range_of(np.dtype(name))
            parts.append(f"{name} from {low:g} to {high:g} scaled to 0..255")
        if self.transparent:
            parts.append(f"{self.transparent:,} transparent, in front of {_named(form.background)}")
        frames = sum(header.several for header in self.headers)
        if frames:
            parts.append(f"of {frames:,} with several frames the first")
        return ", ".join(parts)

    def warn(self) -> None:
        """Warn of what may be wrong, one line for each kind."""
        if self.damaged:
            _warn(f"{counted(len(self.damaged), 'damaged picture')}, taken as far as decoded: {some(self.damaged)}")
        if self.invisible:
            _warn(
                f"{counted(len(self.invisible), 'shape')} as bright as the background, {_named(self.form.background)}, "
                f"so that nothing is left to see: {some(self.invisible)}"
            )
        if self.beyond and np.mean(self.beyond) > BEYOND:
            _warn(
                f"{np.mean(self.beyond):.0%} of the values of these pictures are beyond the range that the model "
                "scales: of another camera, or exposed otherwise?"
            )


def _warn(text: str) -> None:
    warnings.warn(shown(text), UserWarning, stacklevel=2)


def _size(height: int, width: int) -> str:
    return f"{height}x{width}"


def _named(grey: int) -> str:
    return {0: "black", 128: "grey", 255: "white"}.get(grey, f"grey {grey}")

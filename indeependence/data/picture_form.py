"""How any picture becomes the input of a model: size, colour, range of values, background; fixed by the first data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.files.schema import is_number, is_whole

FITS = ("pad", "crop")
ROWS = 1 << 20  # values scaled at a time
PIXELS = 2**26  # of a form; a file of a few bytes must not claim more than memory holds
FURTHEST = 1e307  # the end of a range, so that no difference of two is infinite
_GREY = np.array([4899, 9617, 1868])  # weights of red, green and blue in 16,384ths, as in OpenCV


@dataclass(frozen=True)
class PictureForm:
    """The form that every picture of a model is brought into; plain numbers, kept with the model.

    ``pad`` shows the whole picture, as large as it goes, in the middle of a field of the grey ``padding``: what is
    learned may be at the rim. ``crop`` fills the field and cuts off what stands out. Neither distorts. Each new pixel
    is the mean of the area it covers, in whole numbers, so that it is the same on every machine.
    """

    height: int
    width: int
    colour: bool = False
    fit: str = "pad"
    padding: int = 0  # 0..255
    background: int = 255  # 0..255, behind what is transparent
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # of deep values, by type, to be 0 and 255

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return (self.height, self.width, 3) if self.colour else (self.height, self.width)

    def as_json(self) -> dict[str, Any]:
        """Return the form as plain JSON.

        >>> PictureForm.of_json(PictureForm(8, 9, ranges={"uint16": (0, 1023)}).as_json()).ranges
        {'uint16': (0, 1023)}
        """
        return asdict(self) | {"ranges": {name: list(ends) for name, ends in self.ranges.items()}}

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> PictureForm:
        """Return the form that `as_json` wrote; raise `InputError` for anything else."""
        try:
            ranges = {str(name): (low, high) for name, (low, high) in value["ranges"].items()}
            form = cls(**{**value, "ranges": ranges})
            usable = form.fit in FITS and isinstance(form.colour, bool)
            usable &= is_whole(form.padding, 0, 255) and is_whole(form.background, 0, 255)
            usable &= is_whole(form.height, 1, PIXELS) and is_whole(form.width, 1, PIXELS // form.height)
            ends = [is_number(end, -FURTHEST, FURTHEST) for pair in ranges.values() for end in pair]
            usable &= all(ends) and all(low < high for low, high in ranges.values())
        except (TypeError, KeyError, ValueError, AttributeError):
            usable = False
        if not usable:
            raise InputError(f"the model's file is damaged: {value!r} is no form of pictures")
        return form

    def of(self, values: np.ndarray, alpha: np.ndarray | None = None) -> np.ndarray:
        """Return a picture ``[H, W]`` or ``[H, W, 3]`` of any type as an input of this form, uint8."""
        fitted = self.fitted(self.levels(values, alpha))
        if self.colour and fitted.ndim == 2:
            return np.repeat(fitted[..., None], 3, axis=2)
        return grey_of(fitted) if fitted.ndim == 3 and not self.colour else fitted

    def levels(self, values: np.ndarray, alpha: np.ndarray | None = None) -> np.ndarray:
        """Return values of any type as levels 0..255 in front of the background."""
        if values.dtype != np.uint8:
            values = self._scaled(values)
        if alpha is None:
            return values
        share = (alpha if values.ndim == 2 else alpha[..., None]).astype(np.uint32)
        return ((values * share + self.background * (255 - share) + 127) // 255).astype(np.uint8)

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        """Return deep values as levels, a few rows at a time, and those of 16 bits by a table: some are large."""
        if values.dtype.kind in "iu" and values.dtype.itemsize == 2 and values.size > 1 << 16:
            table = self._scaled(np.arange(1 << 16, dtype=np.uint16).view(values.dtype))
            return table[values.view(np.uint16)]
        low, high = self.range_of(values.dtype)
        found = np.empty(values.shape, np.uint8)
        step = max(1, ROWS // max(1, values[0].size))
        for start in range(0, len(values), step):
            inside = np.clip(np.nan_to_num(values[start : start + step].astype(np.float64), nan=low), low, high)
            found[start : start + step] = np.rint((inside - low) * 255 / (high - low))
        return found

    def range_of(self, dtype: np.dtype) -> tuple[float, float]:
        """Return which values become 0 and 255; of a type that the first data did not have, all of its values."""
        if dtype == np.uint8:
            return 0.0, 255.0
        if str(dtype) in self.ranges:
            return self.ranges[str(dtype)]
        return (float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)) if dtype.kind in "iu" else (0.0, 1.0)

    def fitted(self, picture: np.ndarray) -> np.ndarray:
        """Return a picture ``[h, w]`` or ``[h, w, 3]`` uint8 in the size of the form, with as many channels."""
        height, width = picture.shape[:2]
        if (height, width) == (self.height, self.width):
            return picture
        choose = min if self.fit == "pad" else max
        scale = choose(self.height / height, self.width / width)
        size = max(1, round(height * scale)), max(1, round(width * scale))
        return self._placed(area_means(picture, size))

    def _placed(self, picture: np.ndarray) -> np.ndarray:
        """Return a picture in the middle of the field: cut where it is larger, with padding where it is smaller."""
        field_ = np.full((self.height, self.width, *picture.shape[2:]), self.padding, np.uint8)
        there, here = [], []
        for wanted, found in zip(field_.shape[:2], picture.shape[:2], strict=True):
            inside, start, cut = min(wanted, found), max(0, wanted - found) // 2, max(0, found - wanted) // 2
            there.append(slice(start, start + inside))
            here.append(slice(cut, cut + inside))
        field_[tuple(there)] = picture[tuple(here)]
        return field_


def area_means(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a picture ``[H, W, …]`` uint8 in another size: each pixel is the mean of the area that it covers.

    Exact: whole numbers, rounded once, halves upwards.

    >>> area_means(np.array([[0, 2, 4], [1, 3, 5]], np.uint8), (1, 3))
    array([[1, 3, 5]], dtype=uint8)
    """
    height, width = picture.shape[:2]
    rows = _summed(picture, size[0])
    sums = np.swapaxes(_summed(np.swapaxes(rows, 0, 1), size[1]), 0, 1)
    whole = height * width
    return ((2 * sums + whole) // (2 * whole)).astype(np.uint8)


def _summed(values: np.ndarray, count: int) -> np.ndarray:
    """Return ``count`` sums over the rows, int64: each covers as many rows in all as it has parts of ``count``."""
    size = len(values)
    if size == count:
        return values.astype(np.int64) * count
    sums = np.empty((count, *values.shape[1:]), np.int64)
    for place in range(count):
        start, stop = place * size, (place + 1) * size  # in parts of which a row has ``count``
        first, last = start // count, -(-stop // count)
        weights = np.full(last - first, count, np.int64)
        weights[0] -= start - first * count
        weights[-1] -= last * count - stop
        sums[place] = _weighted(values[first:last], weights)
    return sums


def _weighted(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the sum of rows times weights: as products of floats where all sums are below 2**53, which is exact."""
    flat = rows.reshape(len(rows), -1).astype(np.float64)
    return (weights.astype(np.float64) @ flat).reshape(rows.shape[1:])


def grey_of(picture: np.ndarray) -> np.ndarray:
    """Return a colour picture ``[H, W, 3]`` as grey, by the weights that OpenCV has, too.

    >>> grey_of(np.full((1, 1, 3), 7, np.uint8))
    array([[7]], dtype=uint8)
    """
    return ((picture @ _GREY + (1 << 13)) >> 14).astype(np.uint8)

"""What a folder's pictures are like, and the form that suits them: chosen once, from the first data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from indeependence.data.picture_form import PictureForm
from indeependence.data.readers.decoding import Decoded, decoded, is_transparent, opened, png_has_alpha
from indeependence.data.readers.picture_claims import directory
from indeependence.data.readers.picture_kinds import kind_of

AREA = 64 * 64  # pixels of an input that the default encoder learns in a fiftieth of a second
SAMPLE = 100  # pictures whose values are looked at to choose a range and a background
RIMS = 25  # pictures whose rims are looked at to choose a padding
PIXELS = 10_000  # of each of them
EDGE = 0.001  # share of a picture's values at each end that may be outliers, as hot pixels are
MARGIN = 0.25  # of the range, at each end, for brighter and darker pictures to come
UPRIGHT = 0.05  # share of pictures that stand, where others lie, from which on inputs are squares
_HEAD = 1 << 12  # bytes of a PNG that are searched for chunks
_HEADED = {"JPEG", "WebP", "GIF", "BMP"}  # kinds of 8 bits, whose size Pillow knows without decoding


@dataclass(frozen=True)
class Header:
    """The size of one picture, upright, and whether a closer look at its values is needed."""

    height: int
    width: int
    deep: bool = False  # other than 8 bits
    alpha: bool = False
    several: bool = False  # frames


@dataclass(frozen=True)
class Size:
    """The size that is asked for, and how pictures are fitted into it."""

    height: int
    width: int
    fit: str = "pad"

    def __str__(self) -> str:
        return f"{self.height}x{self.width}" + (":crop" if self.fit == "crop" else "")


def header_of(path: Path) -> Header:
    """Return the header of the picture in the file ``path``; raise `InputError` if it is none that can be read."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    kind = kind_of(head)
    if kind == "PNG" and b"IDAT" in head and b"eXIf" not in head and b"acTL" not in head:
        width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
        return Header(height, width, deep=head[24] == 16, alpha=png_has_alpha(head))
    if kind in _HEADED:
        with opened(path) as image:
            if image is not None:
                turned = image.getexif().get(274, 1) > 4
                size = image.size if turned else image.size[::-1]
                several = kind != "JPEG" and getattr(image, "is_animated", False)
                return Header(*size, alpha=is_transparent(image), several=several)
    data = path.read_bytes()
    picture = decoded(data, path)  # small kinds, or rare ones, whose depth only the values show
    height, width = picture.values.shape[:2]
    deep, several = picture.values.dtype != np.uint8, False
    if kind == "TIFF":
        several = directory(data)[1] > 0
    else:
        with opened(path) as image:
            several = image is not None and getattr(image, "is_animated", False)
    return Header(height, width, deep, picture.alpha is not None, several)


def chosen_form(paths: Sequence[Path], headers: Sequence[Header], size: Size | None, *, bounded: bool) -> PictureForm:
    """Return the form, grey for the time being, that suits pictures with these headers, of the ``size`` asked for.

    Without one, pictures of one size stay as they are, unless they are ``bounded`` and larger than `AREA`.
    """
    size = size or _chosen_size(headers, bounded=bounded)
    rows = {
        "deep": [row for row, header in enumerate(headers) if header.deep],
        "alpha": [row for row, header in enumerate(headers) if header.alpha],
        "any": list(range(len(headers)))[:: max(1, len(headers) // RIMS)],
    }

    def some(name: str) -> Iterator[Decoded]:  # one at a time: each may be large
        return (decoded(paths[row].read_bytes(), paths[row]) for row in _spread(rows[name]))

    form = PictureForm(size.height, size.width, fit=size.fit, ranges=_ranges(some("deep")))
    form = replace(form, background=_background(form, some("alpha")))
    return replace(form, padding=_padding(form, some("any")))


def _spread(rows: list[int]) -> list[int]:
    """Return at most `SAMPLE` rows, evenly spread."""
    return [rows[i * len(rows) // SAMPLE] for i in range(SAMPLE)] if len(rows) > SAMPLE else rows


def _chosen_size(headers: Sequence[Header], *, bounded: bool) -> Size:
    """Return the one size of all pictures, or their median one; squares where some stand and some lie."""
    sizes = np.array([(header.height, header.width) for header in headers])
    equal = bool((sizes == sizes[0]).all())
    if equal and (not bounded or sizes[0].prod() <= AREA):
        return Size(*sizes[0].tolist())
    if not bounded:
        other = int(np.argmax((sizes != sizes[0]).any(axis=1)))
        raise MixedSizes(other)
    height, width = np.median(sizes, axis=0)
    standing, lying = np.mean(sizes[:, 0] > sizes[:, 1]), np.mean(sizes[:, 0] < sizes[:, 1])
    if min(standing, lying) >= UPRIGHT:
        height = width = math.sqrt(np.median(sizes.prod(axis=1)))
    scale = min(1.0, math.sqrt(AREA / (height * width)))
    return Size(max(1, round(height * scale)), max(1, round(width * scale)))


class MixedSizes(Exception):
    """Pictures of several sizes where only one is expected; ``row`` is the first that differs from row 0."""

    def __init__(self, row: int):
        super().__init__(row)
        self.row = row


def _ranges(pictures: Iterable[Decoded]) -> dict[str, tuple[float, float]]:
    """Return for each type of deep values those that become 0 and 255: all that occur but few, and a margin.

    Whole numbers that use most of their type keep all of it.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for picture in pictures:
        values = picture.values.ravel()
        values = values[:: max(1, len(values) // PIXELS)]
        if values.dtype != np.uint8 and len(values):
            low = np.quantile(values, EDGE, method="higher")
            high = np.quantile(values, 1 - EDGE, method="lower")
            found.setdefault(str(picture.values.dtype), []).append((float(low), float(high)))
    return {
        name: _widened(np.dtype(name), min(low for low, _ in ends), max(high for _, high in ends))
        for name, ends in found.items()
    }


def _widened(dtype: np.dtype, low: float, high: float) -> tuple[float, float]:
    """Return a range with its margin, within the type; all of the type where most of it is used."""
    margin = (high - low) * MARGIN or 1.0
    if dtype.kind == "f":
        usual = 0 <= low and 0.5 < high <= 1.0  # shares, as most programs write them
        return (0.0, 1.0) if usual else (low - margin if low < 0 else max(0.0, low - margin), high + margin)
    least, most = float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
    if low < least + (most - least) / 8 and high > least + (most - least) / 2:
        return least, most
    least = least if low < 0 else 0.0
    return float(math.floor(max(least, low - margin))), float(math.ceil(min(most, high + margin)))


def _background(form: PictureForm, pictures: Iterable[Decoded]) -> int:
    """Return white, black or grey: the first from which even the opaque parts that resemble it most stand out best."""
    contrasts = [
        [np.abs(form.levels(picture.values)[picture.alpha > 127].astype(int) - level).mean() for level in (255, 0, 128)]
        for picture in pictures
        if picture.alpha is not None and (picture.alpha > 127).any()
    ]
    if not contrasts:
        return 255
    return (255, 0, 128)[int(np.argmax(np.quantile(contrasts, 0.05, axis=0)))]


def _padding(form: PictureForm, pictures: Iterable[Decoded]) -> int:
    """Return the median grey at the rims of the pictures."""
    rims = []
    for picture in pictures:
        levels = form.levels(picture.values, picture.alpha)
        rims += [np.median(side) for side in (levels[0], levels[-1], levels[:, 0], levels[:, -1])]
    return round(float(np.median(rims))) if rims else 0

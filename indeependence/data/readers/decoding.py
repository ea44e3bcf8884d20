"""From the bytes of a picture's file to its values, of whatever kind and depth."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.data.readers.picture_claims import LARGEST, check_claims, directory
from indeependence.data.readers.picture_kinds import HEAD, kind_of, other_kind
from indeependence.errors import InputError
from indeependence.stderr import caught_stderr

if TYPE_CHECKING:
    from PIL.Image import Image

PLANAR = 284  # the tag of a TIFF whose value is 2 where channels are kept apart
PNG_START = b"\x89PNG\r\n\x1a\n"
_TRANSPARENT = {"RGBA", "LA", "PA", "RGBa", "La"}  # modes of Pillow
_MAY_BE_TRANSPARENT = {"GIF", "WebP", "TIFF", "JPEG 2000", "BMP", "AVIF"}


@dataclass(frozen=True, eq=False)
class Decoded:
    """The values ``[H, W]`` or ``[H, W, 3]`` of a picture, as deep as its file has them, and what else is known."""

    values: np.ndarray
    alpha: np.ndarray | None = None  # [H, W] uint8, 255 where it is opaque; None where all of it is
    complaint: str = ""  # of the decoder, about damage that it could get over


def decoded(data: bytes, path: str | Path) -> Decoded:
    """Return the picture in the bytes of the file ``path``, upright and in RGB order; grey if it has no colour.

    OpenCV decodes it, and Pillow what has an alpha channel, and AVIF, whose direction OpenCV does not heed. Of several
    frames the first counts. Raise `InputError` where neither can read it, and before it would take too much memory or
    time; call it inside of `quiet_decoders`.
    """
    kind = kind_of(data[:HEAD])
    check_claims(data, kind, path)
    layered = _by_pillow(data, kind)
    if layered is not None:
        return layered
    values, complaint = _by_opencv(data, kind)
    if values is None:
        found = "" if kind else other_kind(data[:HEAD])
        hint = f"it is {found}: fetch or convert it" if found else "damaged or truncated? fetch it again"
        raise InputError(f"{path} is no picture that OpenCV can read; {hint}")
    if kind == "TIFF" and values.ndim == 3 and values.dtype != np.uint8 and directory(data)[0].get(PLANAR) == 2:
        raise InputError(
            f"{path} is a TIFF that keeps its deep colours apart, which OpenCV misreads: write it with interleaved ones"
        )
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InputError(f"{path} has pixels that are NaN or infinite: give them a value, or leave the picture out")
    return Decoded(_grey_if_equal(values), None, complaint)


def _by_opencv(data: bytes, kind: str | None) -> tuple[np.ndarray | None, str]:
    """Return the values and the complaint of OpenCV's decoder; no values where it cannot read the bytes."""
    import cv2

    if kind == "PNG" and not _has_its_chunks(data) or not data:
        return None, ""
    with caught_stderr() as lines:
        try:
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH)
        except cv2.error:  # a header that claims more pixels than OpenCV allows
            picture = None
    if picture is not None and picture.ndim == 3:
        picture = picture[..., 2::-1] if picture.shape[2] >= 3 else picture[..., 0]
    return picture, " ".join(line.strip() for line in lines())


def _by_pillow(data: bytes, kind: str | None) -> Decoded | None:
    """Return the picture if it has an alpha channel, or is AVIF; None if it has none, or Pillow cannot read it."""
    if kind == "PNG":
        if not (png_has_alpha(data) and _has_its_chunks(data)):
            return None
    elif kind not in _MAY_BE_TRANSPARENT:
        return None
    with opened(io.BytesIO(data)) as image:
        if image is None or not (kind == "AVIF" or is_transparent(image)):
            return None
        from PIL import ImageOps

        try:
            picture = np.array(ImageOps.exif_transpose(image).convert("RGBA"))
        except (OSError, ValueError, SyntaxError, MemoryError):
            return None
    return _with_alpha(picture[..., :3], picture[..., 3])


def _with_alpha(colours: np.ndarray, alpha: np.ndarray) -> Decoded:
    unused = alpha.min() == 255 or (alpha.max() == 0 and np.ptp(colours) > 0)  # some programs leave it at zero
    return Decoded(_grey_if_equal(colours), None if unused else alpha)


def _grey_if_equal(picture: np.ndarray) -> np.ndarray:
    """Return a picture without channels if they are all equal, and in one block of memory."""
    if picture.ndim == 3 and all(np.array_equal(picture[..., 0], picture[..., other]) for other in (1, 2)):
        picture = picture[..., 0]
    return np.ascontiguousarray(picture)


@contextmanager
def opened(source: Path | io.BytesIO) -> Iterator[Image | None]:
    """Open a picture with Pillow without reading its pixels; None where it cannot, or where it is too large."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image: Image.Image | None = Image.open(source)
        except Exception:  # Pillow lets many kinds out for damaged files
            image = None
        if image is not None and image.width * image.height > LARGEST:
            image.close()
            image = None
        try:
            yield image
        finally:
            if image is not None:
                image.close()


def is_transparent(image: Image) -> bool:
    """Return whether a picture that Pillow opened may have transparent parts."""
    return image.mode in _TRANSPARENT or "transparency" in image.info


def png_has_alpha(data: bytes) -> bool:
    """Return whether a PNG may have transparent parts, by the beginning of its bytes."""
    return data[25:26] in (b"\x04", b"\x06") or b"tRNS" in data[: data.find(b"IDAT")]


def _has_its_chunks(data: bytes) -> bool:
    """Return whether a PNG has the bytes that its chunks claim: OpenCV allocates by the claim."""
    start, kind = len(PNG_START), b""
    while kind != b"IEND" and start < len(data):
        kind = data[start + 4 : start + 8]
        start += 12 + int.from_bytes(data[start : start + 4], "big")  # length, kind, content, checksum
    return kind == b"IEND" and start <= len(data)


@contextmanager
def quiet_decoders() -> Iterator[None]:
    """Silence OpenCV inside the block: it prints paragraphs about a damaged file, which an `InputError` reports.

    OpenCV reads its limits when it is imported.
    """
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(LARGEST))
    import cv2

    known: Any = cv2
    holder = known if hasattr(known, "setLogLevel") else known.utils.logging  # before OpenCV 5, and since
    set_level = holder.setLogLevel
    level = set_level(0)
    try:
        yield
    finally:
        set_level(level)

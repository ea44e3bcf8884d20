"""What the header of a picture's file says that decoding will take: read before any memory or time is spent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from indeependence.errors import InputError

LARGEST = 1 << 26  # pixels of one picture
LARGEST_BYTES = 1 << 28  # of its values, as deep as they are: 44 million pixels of 48 bits
SCANS = 16 * LARGEST  # pixels times scans of a JPEG: decoding takes about a second for so many; usual are ten scans
MOST_SCANS = 500
SURPLUS = 1 << 16  # bytes that a PNG may hold beyond twice what its pixels need; what is left is unpacked, too
_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 4, 6: 4}  # of what is decoded, by a PNG's type of colour
_SIZED = b"\xc0\xc1\xc2\xc3\xc5\xc6\xc7\xc9\xca\xcb\xcd\xce\xcf"  # markers of a JPEG that are followed by its size


@dataclass(frozen=True)
class Claims:
    """Height and width in pixels, the bytes of each when decoded, and how often a JPEG goes over all of them."""

    height: int
    width: int
    depth: int = 3
    scans: int = 1


def check_claims(data: bytes, kind: str | None, path: str | Path) -> None:
    """Raise `InputError` if decoding the picture in the bytes of a file would take too much memory or time."""
    found = _CLAIMS[kind](data) if kind in _CLAIMS else None
    if found is None:
        return
    pixels, size = found.height * found.width, f"{found.height:,}x{found.width:,} pixels"
    if pixels > LARGEST:
        raise InputError(f"{path} claims {size}; expected at most {LARGEST:,}: make it smaller")
    if pixels * found.depth > LARGEST_BYTES:
        needs = f"{size} of {found.depth} bytes"
        raise InputError(
            f"{path} claims {needs}; expected at most {LARGEST_BYTES:,} bytes: make it smaller, or of 8 bits"
        )
    if found.scans > MOST_SCANS or pixels * found.scans > SCANS:
        raise InputError(
            f"{path} goes over its {size} {found.scans:,} times; expected about ten scans: write it again as a usual "
            "JPEG"
        )
    if kind == "PNG" and (held := _idat_bytes(data)) > 2 * (pixels * found.depth + found.height) + SURPLUS:
        raise InputError(f"{path} holds {held:,} bytes for {size}; expected no more than they need: write it again")


def directory(data: bytes) -> tuple[dict[int, int], int]:
    """Return the tags of the first directory of a TIFF, as far as they are small numbers, and where the next one is.

    Of several numbers in one tag, the first; both are empty for what is no TIFF.
    """
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"

    def number(start: int, size: int) -> int:
        return int.from_bytes(data[start : start + size], order)

    big = number(2, 2) == 43  # BigTIFF
    wide, entry, counted = (8, 20, 8) if big else (4, 12, 2)
    start = number(8, 8) if big else number(4, 4)
    tags = {}
    end = start + counted + entry * number(start, counted)
    for place in range(start + counted, min(end, len(data)), entry):
        size = {1: 1, 3: 2, 4: 4, 16: 8}.get(number(place + 2, 2), 0)
        inline = place + 4 + wide
        many = size * number(place + 4, wide) > wide
        tags[number(place, 2)] = number(number(inline, wide) if many else inline, size)
    return tags, number(end, wide)


def _png(data: bytes) -> Claims:
    width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
    return Claims(height, width, _CHANNELS.get(data[25], 4) * max(1, data[24] // 8)) if len(data) > 25 else Claims(0, 0)


def _idat_bytes(data: bytes) -> int:
    """Return the bytes of a PNG's packed pixels."""
    start, held = 8, 0
    while start < len(data):
        length = int.from_bytes(data[start : start + 4], "big")
        held += min(length, len(data) - start) if data[start + 4 : start + 8] == b"IDAT" else 0
        start += 12 + length
    return held


def _jpeg(data: bytes) -> Claims | None:
    start = 2
    while data[start : start + 1] == b"\xff":
        marker, length = data[start + 1 : start + 2], int.from_bytes(data[start + 2 : start + 4], "big")
        if marker == b"\xff":  # a byte that fills
            start += 1
        elif marker and marker in _SIZED:
            height, width = (int.from_bytes(data[start + at : start + at + 2], "big") for at in (5, 7))
            return Claims(height, width, 3, data.count(b"\xff\xda"))
        else:
            start += 2 + length
    return None


def _tiff(data: bytes) -> Claims:
    tags, _ = directory(data)
    channels = 3 if tags.get(262) == 3 else tags.get(277, 1)  # a palette has one that becomes three
    return Claims(tags.get(257, 0), tags.get(256, 0), max(1, channels) * max(1, -(-tags.get(258, 1) // 8)))


def _jpeg_2000(data: bytes) -> Claims | None:
    at = data.find(b"\xff\x51")
    if at < 0:
        return None
    right, bottom, left, top = (int.from_bytes(data[at + skip : at + skip + 4], "big") for skip in (6, 10, 14, 18))
    channels, bits = int.from_bytes(data[at + 38 : at + 40], "big"), (data[at + 40 : at + 41] or b"\7")[0] % 128 + 1
    return Claims(bottom - top, right - left, max(3, channels) * -(-bits // 8))


def _hdr(data: bytes) -> Claims | None:
    found = re.search(rb"\n[-+]Y (\d{1,9}) [-+]X (\d{1,9})\n", data[: 1 << 12])
    return Claims(int(found[1]), int(found[2]), 12) if found else None


def _gif(data: bytes) -> Claims:
    return Claims(int.from_bytes(data[8:10], "little"), int.from_bytes(data[6:8], "little"))


def _bmp(data: bytes) -> Claims:
    size = 2 if data[14:15] == b"\x0c" else 4
    width, height = (int.from_bytes(data[at : at + size], "little", signed=size == 4) for at in (18, 18 + size))
    return Claims(abs(height), abs(width))


def _webp(data: bytes) -> Claims:
    def number(start: int, size: int) -> int:
        return int.from_bytes(data[start : start + size], "little")

    if data[12:16] == b"VP8X":
        return Claims(number(27, 3) + 1, number(24, 3) + 1, 4)
    if data[12:16] == b"VP8L":
        return Claims((number(21, 4) >> 14) % (1 << 14) + 1, number(21, 4) % (1 << 14) + 1, 4)
    return Claims(number(28, 2) % (1 << 14), number(26, 2) % (1 << 14))


def _portable(data: bytes) -> Claims | None:
    found = re.match(rb"P[1-6Ff](?:\s+#[^\n]*\n|\s)+(\d{1,9})\s+(\d{1,9})\s", data)
    return Claims(int(found[2]), int(found[1])) if found else None


_CLAIMS: dict[str | None, Callable[[bytes], Claims | None]] = {
    "PNG": _png,
    "JPEG": _jpeg,
    "TIFF": _tiff,
    "JPEG 2000": _jpeg_2000,
    "HDR": _hdr,
    "GIF": _gif,
    "BMP": _bmp,
    "WebP": _webp,
    "PNM": _portable,
}

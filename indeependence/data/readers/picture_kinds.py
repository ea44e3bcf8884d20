"""Kinds of picture files, known by their first bytes and not by their names."""

from __future__ import annotations

import re
from pathlib import Path

PICTURE_SUFFIXES = frozenset(
    ".png .jpg .jpeg .jpe .jfif .bmp .dib .gif .webp .avif .tif .tiff .jp2 .j2k .pbm .pgm .ppm .pnm .pfm .hdr".split()
)
TABLE_SUFFIXES = frozenset(".csv .tsv .txt .gz .npz .npy .parquet .json .safetensors".split())  # never looked into
HEAD = 64  # bytes that show the kind

_STARTS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"\xffO\xffQ": "JPEG 2000",
    b"#?RADIANCE": "HDR",
    b"#?RGBE": "HDR",
}
_PORTABLE = re.compile(rb"P[1-6]\s+(#[^\n]*\n\s*)*\d|P[Ff]\s+\d")
# What people put where a picture is expected: named in the message.
_OTHERS = {
    b"8BPS": "a Photoshop file",
    b"%PDF": "a PDF",
    b"PK\3\4": "a ZIP archive",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"<svg": "SVG",
    b"<?xml": "XML or SVG",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"version https://git-lfs": "a pointer of Git LFS",
}


def kind_of(head: bytes) -> str | None:
    """Return the kind of picture that begins with these bytes, of those that can be read; None for anything else.

    >>> kind_of(b"GIF89a..."), kind_of(b"P5 28 28 255 "), kind_of(b"BMI,age,label"), kind_of(b"")
    ('GIF', 'PNM', None, None)
    """
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if _PORTABLE.match(head):
        return "PNM"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[:2] == b"BM" and head[6:10] == bytes(4) and head[14:15] in b"\x0c\x28\x34\x38\x40\x6c\x7c":
        return "BMP"
    if head[4:8] == b"ftyp" and (b"avif" in head[8:40] or b"avis" in head[8:40]):
        return "AVIF"
    return None


def other_kind(head: bytes) -> str:
    """Return what a file that is no readable picture seems to be, for a message; an empty text if that is not known.

    >>> other_kind(b"<!DOCTYPE html><p>404"), other_kind(b"???")
    ('a web page', '')
    """
    if head[4:8] == b"ftyp":
        return "HEIC" if re.search(rb"hei|hev|mif1", head[8:40]) else "a film"
    lower = head.lstrip().lower()
    return next((kind for start, kind in _OTHERS.items() if lower.startswith(start.lower())), "")


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as stream:
        return stream.read(HEAD)


def looks_like_a_picture(path: Path) -> bool:
    """Return whether a file is a picture by its content, or means to be one by its name."""
    suffix = path.suffix.lower()
    if suffix in PICTURE_SUFFIXES:
        return True
    return suffix not in TABLE_SUFFIXES and kind_of(head_of(path)) is not None

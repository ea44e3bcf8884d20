"""The text of a table: unpacked, decoded, and cut into cells by the separator that its rows agree on."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, cast

import pandas as pd

from indeependence.data.readers.claimed_bytes import read_packed
from indeependence.errors import InputError
from indeependence.machine import memory

SEPARATORS = {"\t": "tab", ";": "semicolon", "|": "pipe", ",": "comma", " ": "blank"}  # the earlier of equals is taken
SNIFFED = 200  # rows that decide about the separator
SMALL = 1 << 26  # bytes of text that may be unpacked from anything: they are read in half a minute
GROWTH = 20  # times the bytes of a text that its table takes on the way, at least: each cell is a text of its own
_BLANKS = r"\s+"  # which Pandas knows as a separator
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
_NUMERIC = re.compile(r"[-+]?\d*[.,]?\d+(e[-+]?\d+)?", re.ASCII | re.IGNORECASE)
_OTHERS = {"{": "JSON", "[{": "JSON", "<!": "HTML", "<html": "HTML", "<?xml": "XML"}  # by how they begin
_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


@dataclass(frozen=True, eq=False)
class TableText:
    """The cells of a table's text, row by row, without those lines that are blank."""

    path: Path
    text: str
    separator: str
    encoding: str  # as people call it
    cells: pd.DataFrame  # [rows, columns] of text

    def line(self, row: int) -> int:
        """Return the number in the file, from 1, of the line on which the cells of ``row`` end."""
        return next(islice(_rows(self.text, self.separator), row, None), (row + 1, []))[0]


def read_text(path: Path, data: bytes) -> TableText:
    """Return the cells of the table in ``data``, the content of the file ``path``, packed by gzip or not.

    Raise `InputError` for what is no text, for rows of different lengths, and for no rows.
    """
    text, encoding = _decoded(_unpacked(data, path), path)
    begin = text[:100].lstrip().lower()
    for start, kind in _OTHERS.items():
        if begin.startswith(start):
            raise InputError(f"{path} is {kind} and no table: save it as .csv")
    text = _without_comments(text)
    separator = _separator(text, path)
    text = _with_whole_header(text, separator)
    _check_widths(path, text, separator)  # Pandas fills rows that are short
    try:
        cells = pd.read_csv(
            io.StringIO(text),
            sep=_BLANKS if separator == " " else separator,
            header=None,
            dtype=object,
            keep_default_na=False,
            na_values=[],
            skipinitialspace=True,
            low_memory=False,
        )
    except pd.errors.EmptyDataError:
        raise InputError(f"{path} is empty; expected one example a row") from None
    except (pd.errors.ParserError, ValueError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise InputError(f"{path} is no table of comma-separated text: {reason}; save it as that") from error
    return TableText(path, text, separator, encoding, cells)


def check_fits(path: Path, size: int) -> None:
    """Raise `InputError` if a table of ``size`` bytes of text needs more memory than this machine has."""
    there = memory()
    if there is not None and GROWTH * size > there:
        raise InputError(
            f"{path}: {size / 2**30:,.1f} GB of text or more need {GROWTH * size / 2**30:,.0f} GB as a table, this "
            f"machine has {there / 2**30:.0f}: take fewer rows, or save the numbers as .npy or .npz"
        )


def _unpacked(data: bytes, path: Path) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            most, packed = memory(), cast("IO[bytes]", stream)
            most = None if most is None else most // GROWTH + 1
            text = read_packed(packed, path, packed=len(data), most=most, small=SMALL)
            check_fits(path, len(text))
            return bytes(text)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} is no intact gzip file: {error}; fetch the file again") from error


def _decoded(data: bytes, path: Path) -> tuple[str, str]:
    """Return text and encoding: by its mark, else UTF-8 if it is that, else UTF-16 or Latin-1."""
    encoding, name, mark = next(
        ((code, name, mark) for mark, code, name in _BOMS if data.startswith(mark)), ("", "", b"")
    )
    try:
        if mark:
            text = data[len(mark) :].decode(encoding)
        elif _looks_like_utf_16(data):
            name = "UTF-16"
            text = data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be")
        else:
            text, name = _without_mark(data)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no table of {name} text: {error.reason}; save it as UTF-8") from error
    odd = _CONTROL.search(text)
    if odd:
        raise InputError(f"{path} is no table of text: it has the character {ord(odd.group()):#04x}; save it as .csv")
    return text, name


def _looks_like_utf_16(data: bytes) -> bool:
    """Return whether every other byte of the beginning is 0, as in UTF-16 of Western text."""
    head = data[: min(len(data), 1000) // 2 * 2]
    zeros = max(head[::2].count(0), head[1::2].count(0))
    return bool(head) and len(data) % 2 == 0 and zeros > 0.4 * len(head) / 2 and 0 in (head[0], head[1])


def _without_mark(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), "Latin-1 (cp1252)"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"


def _without_comments(text: str) -> str:
    """Return the text without Excel's line ``sep=;``, and without the marks ``#`` of comments above the rows.

    The last comment may be the header, as NumPy writes it.
    """
    first, _, rest = text.partition("\n")
    if re.fullmatch(r"sep=.\r?", first.strip("\ufeff ")):
        return rest
    while text.startswith("#"):
        first, _, rest = text.partition("\n")
        if rest.startswith("#"):
            text = rest
            continue
        separators = "".join(SEPARATORS)
        ahead = rest.partition("\n")[0]
        header = [first.lstrip("# ").count(sep) for sep in separators] == [ahead.count(sep) for sep in separators]
        return first.lstrip("# ") + "\n" + rest if header else rest
    return text


def _with_whole_header(text: str, separator: str) -> str:
    """Return the text with a header as wide as the rows.

    R leaves out the name of a first column of row names, and others that of a last column that is always empty.
    """
    rows = [cells for _, cells in islice(_rows(text, separator), SNIFFED)]
    first, below = rows[0] if rows else [], rows[1:]
    if (
        min(len(first), len(below)) < 2
        or any(len(cells) != len(first) + 1 for cells in below)
        or any(map(_NUMERIC.fullmatch, first))
    ):
        return text
    if not any(cells[-1].strip() for cells in below):
        line, end, rest = text.partition("\n")
        return line.rstrip("\r") + separator + end + rest
    return f'""{separator}{text}' if len({cells[0] for cells in below}) == len(below) else text


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the line and the cells of every row that is not blank."""
    if separator == " ":
        lines = (line.strip() for line in io.StringIO(text, newline=None))
        reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
        yield from ((reader.line_num, cells) for cells in reader if cells)
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    yield from ((reader.line_num, cells) for cells in reader if cells and (len(cells) > 1 or cells[0].strip()))


def _separator(text: str, path: Path) -> str:
    """Return the separator by which most of the first rows have one width, of at least two cells."""
    best, most = ",", 0.0
    for separator in SEPARATORS:
        try:
            widths = [len(cells) for _, cells in islice(_rows(text, separator), SNIFFED)]
        except csv.Error as error:
            raise InputError(f"{path} is no table of comma-separated text: {error}; save it as that") from error
        usual = max(set(widths), key=widths.count, default=1)
        share = widths.count(usual) / len(widths) if usual > 1 else 0.0
        if separator == " " and (
            most or usual not in widths or widths[1:].count(usual) < len(widths) - 1 or not _is_numeric(text)
        ):
            continue
        if share > most:
            best, most = separator, share
    return best


def _is_numeric(text: str) -> bool:
    """Return whether most of what blanks separate in the first rows are numbers: they also stand within names."""
    words = [word for _, cells in islice(_rows(text, " "), SNIFFED) for word in cells]
    return sum(_NUMERIC.fullmatch(word) is not None for word in words) > len(words) / 2


def _check_widths(path: Path, text: str, separator: str) -> None:
    """Raise `InputError` for the first row that is longer or shorter than the first."""
    try:
        width = None
        for number, cells in _rows(text, separator):
            width = len(cells) if width is None else width
            if len(cells) != width:
                cell = "cell" if width == 1 else "cells"
                hint = "; take out lines above the table" if width == 1 else f" (separated by {SEPARATORS[separator]}s)"
                raise InputError(
                    f"{path}, row {number}: expected {width} {cell} as in the first row, got {len(cells)}{hint}"
                )
    except csv.Error as error:
        raise InputError(f"{path} is no table of comma-separated text: {error}; save it as that") from error

"""A table's file as a data frame with names of columns, and how messages name its rows."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from indeependence.data.readers.table_header import has_header
from indeependence.data.readers.table_text import SEPARATORS, TableText, check_fits, read_text
from indeependence.errors import InputError

_UNNAMED = re.compile(r"|Unnamed: \d+(\.\d+)?|__index_level_\d+__")


@dataclass(frozen=True, eq=False)
class TableFrame:
    """The rows of a table, and what its file said of them."""

    path: Path
    frame: pd.DataFrame  # columns are called by their numbers, from 1, where the file names none
    header: bool
    separator: str = ","
    about: tuple[str, ...] = ()  # of the file, where it is not as usual
    unnamed: tuple[str, ...] = ()  # columns without a name that were left out, as people call them
    text: TableText | None = field(default=None, repr=False)

    def where(self, row: int) -> str:
        """Return how a message names a row: by its line, if it has one."""
        return f"{self.path}, row {self.text.line(row + self.header) if self.text else row + 1}"


def read_frame(
    path: Path,
    header: bool | None = None,
    *,
    known: Collection[str] = (),
    wanted: Collection[str] = (),
    data: bytes | None = None,
) -> TableFrame:
    """Return the rows of the table in the file ``path``, or in ``data``, which messages then call ``path``.

    Whether there is a header follows from a rule where that is not said; names of columns that a model has ``known``,
    or that options ask for as ``wanted``, show one. Raise `InputError` for what is no table, and for one without rows.
    """
    if data is None:
        if not path.name.lower().endswith((".gz", ".parquet")):
            check_fits(path, path.stat().st_size)  # before it is read
        data = path.read_bytes()
    if data.startswith(b"PAR1"):
        return _parquet(path, data)
    if data.startswith(b"PK\x03\x04") or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(f"{path} is a spreadsheet or a packed folder: save the sheet as .csv, or unpack it")
    text = read_text(path, data)
    seen = _has_header(text.cells, known, wanted) if header is None else header
    about = [] if text.separator == "," else [f"separated by {SEPARATORS[text.separator]}s"]
    about += [] if text.encoding == "UTF-8" else [f"read as {text.encoding}"]
    if not seen:
        frame = text.cells.set_axis([str(number + 1) for number in range(text.cells.shape[1])], axis=1)
        return _without_empty_end(TableFrame(path, frame, False, text.separator, tuple(about), text=text))
    first = [str(cell).strip() for cell in text.cells.iloc[0]]
    frame = text.cells.iloc[1:].reset_index(drop=True).set_axis(first, axis=1)
    table = TableFrame(path, frame, True, text.separator, tuple(about), text=text)
    if frame.empty:
        raise InputError(f"{path} is empty below its header; expected one example a row")
    _check_header_once(table, first)
    return _without_unnamed(table)


def _has_header(cells: pd.DataFrame, known: Collection[str], wanted: Collection[str]) -> bool:
    """Return whether the first row is a header, by the rule, or since an option names a column as it does."""
    first = {str(cell).strip() for cell in cells.iloc[0]}
    numbers = {str(sign * (at + 1)) for at in range(cells.shape[1]) for sign in (1, -1)}
    return has_header(cells, known) or not first.isdisjoint(set(wanted) - numbers)


def _without_empty_end(table: TableFrame) -> TableFrame:
    """Return a table without names and without its last column where that is empty: each row ends in a separator."""
    last = table.frame.columns[-1]
    if len(table.frame.columns) < 3 or (table.frame[last].astype(str).str.strip() != "").any():
        return table
    return replace(table, frame=table.frame.drop(columns=last), unnamed=(f"column {last} (empty)",))


def _parquet(path: Path, data: bytes) -> TableFrame:
    try:
        frame = pd.read_parquet(io.BytesIO(data))
    except ImportError:
        raise InputError(
            f"{path}: reading .parquet needs pyarrow: pip install -r requirements-parquet.txt, or save it as .csv"
        ) from None
    except Exception as error:  # pyarrow has many kinds
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path} is no intact .parquet file: {reason}; fetch or write it again") from error
    if frame.empty:
        raise InputError(f"{path} is empty; expected one example a row")
    frame = _spread(frame.reset_index(drop=True), path)
    return _without_unnamed(TableFrame(path, frame.set_axis([str(name) for name in frame.columns], axis=1), True))


def _spread(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the frame with a column for each part of those whose cells are vectors, such as embeddings.

    Raise `InputError` for vectors of different lengths.
    """
    parts: list[pd.DataFrame] = []
    for at, name in enumerate(frame.columns):
        column = frame.iloc[:, at]
        if column.dtype != object or not isinstance(column.iloc[0], np.ndarray | list):
            parts.append(column.to_frame())
            continue
        lengths = {len(cell) if isinstance(cell, np.ndarray | list) else 0 for cell in column}
        if len(lengths) > 1:
            short, long = min(lengths), max(lengths)
            raise InputError(f"{path}: column {name}: expected vectors of one length, got {short} and {long}")
        names = [f"{name} {part}" for part in range(lengths.pop())]
        parts.append(pd.DataFrame(np.stack(column.tolist()), columns=names))
    return pd.concat(parts, axis=1)


def _check_header_once(table: TableFrame, first: Sequence[str]) -> None:
    """Raise `InputError` for a later row that is the header again, as where files were joined."""
    for row in (table.frame.iloc[:, 0] == first[0]).to_numpy().nonzero()[0].tolist():
        if [str(cell).strip() for cell in table.frame.iloc[row]] == first:
            raise InputError(f"{table.where(row)}: the header again; take out the rows that repeat it")


def _without_unnamed(table: TableFrame) -> TableFrame:
    """Return the table without an index, which is a first column without a name or several, and without
    empty columns.

    Raise `InputError` for other columns without a name.
    """
    keep: list[int] = []
    left_out: list[str] = []
    for at, name in enumerate(map(str, table.frame.columns)):
        if not _UNNAMED.fullmatch(name):
            keep.append(at)
            continue
        column = table.frame.iloc[:, at]
        if at > len(left_out) and column.notna().any() and (column.astype(str).str.strip() != "").any():
            raise InputError(f"{table.path}: column {at + 1} has no name; give it one, or say --header no")
        left_out.append(f"column {at + 1} (no name)")
    if not left_out:
        return table
    if not keep:
        raise InputError(f"{table.path}: no column has a name; give them names, or say --header no")
    return TableFrame(
        table.path, table.frame.iloc[:, keep], True, table.separator, table.about, tuple(left_out), table.text
    )

"""Tables of comma-separated values: one example in each row, numeric features, one column of labels."""

import csv
from array import array
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from indeependence.errors import InputError, did_you_mean

Row = tuple[int, list[str]]  # the number of the line in the file, and its cells


def read_table(path: Path, *, label: str | None = None) -> dict[str, np.ndarray]:
    """Return the arrays x [N, D] float64 and y [N] of a .csv, labels from the last column or the one called `label`.

    Where the first line names the columns, `columns` [D] has the names of the features. The first line is a header if
    no feature cell in it is a number, or if `label` is given. Labels become int64 if all of them are whole numbers,
    else float64 if all are numbers, else they stay text. Raise `InputError` for a cell that is not a number (row and
    column are named), rows of different lengths, empty labels and an empty table.
    """
    rows = _rows(path)
    first = _first(rows, path)
    at = _label_column(first[1], label, path)
    x, labels, columns = _parse(first, rows, path, at=at, header=True if label else None)
    return {"x": x, "y": _labels(labels), **columns}


def read_table_inputs(path: Path) -> dict[str, np.ndarray]:
    """Return x [N, D] and, where it has a header, `columns` [D] of a .csv in which every column is a feature.

    Raise `InputError` as `read_table` does.
    """
    rows = _rows(path)
    x, _, columns = _parse(_first(rows, path), rows, path, at=None, header=None)
    return {"x": x, **columns}


def _rows(path: Path) -> Iterator[Row]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as text:
            reader = csv.reader(text)
            yield from ((reader.line_num, cells) for cells in reader if cells)
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no table of comma-separated UTF-8 text: {error}; save it as that") from error


def _first(rows: Iterator[Row], path: Path) -> Row:
    first = next(rows, None)
    if first is None:
        raise InputError(f"{path} is empty; expected one example a row")
    return first


def _label_column(cells: list[str], label: str | None, path: Path) -> int:
    if len(cells) < 2:
        raise InputError(f"{path} has one column; expected features and a label, separated by commas")
    names = [cell.strip() for cell in cells]
    if label is None:
        return len(cells) - 1
    if label not in names:
        raise InputError(
            f"{path} has no column called {label!r}; its first row is "
            f"{', '.join(names[:10])}{did_you_mean(label, names)}"
        )
    return names.index(label)


def _parse(
    first: Row, rows: Iterator[Row], path: Path, *, at: int | None, header: bool | None
) -> tuple[np.ndarray, list[str], dict[str, np.ndarray]]:
    """Return features [N, D], texts of labels and names of features.

    `at` is the column of labels; a `header` of None is decided by the first row.
    """
    width = len(first[1])
    if header is None:
        header = not any(_is_number(cell) for column, cell in enumerate(first[1]) if column != at)
    names = first[1] if header else [str(column + 1) for column in range(width)]
    values, labels = array("d"), []
    for line, cells in rows if header else chain([first], rows):
        if len(cells) != width:
            raise InputError(f"{path}, row {line}: expected {width} cells as in the first row, got {len(cells)}")
        features = [cell for column, cell in enumerate(cells) if column != at]
        try:
            values.extend(map(float, features))
        except ValueError:
            raise _bad_cell(path, line, cells, names, at) from None
        if at is not None:
            labels.append(_label(cells[at], path, line))
    if not values:
        raise InputError(f"{path} is empty below its header; expected one example a row")
    features = [name.strip() for column, name in enumerate(names) if column != at]
    twice = {name for name in features if header and features.count(name) > 1}
    if twice:
        raise InputError(f"{path}: two columns are called {min(twice)!r}; give each a name of its own")
    return np.frombuffer(values).reshape(-1, len(features)), labels, {"columns": np.array(features)} if header else {}


def _bad_cell(path: Path, line: int, cells: list[str], names: list[str], at: int | None) -> InputError:
    column = next(c for c, cell in enumerate(cells) if c != at and not _is_number(cell))
    return InputError(f"{path}, row {line}, column {names[column].strip()}: expected a number, got {cells[column]!r}")


def _label(cell: str, path: Path, line: int) -> str:
    if not cell.strip():
        raise InputError(f"{path}, row {line}: expected a label, got an empty cell")
    return cell.strip()


def _labels(texts: list[str]) -> np.ndarray:
    for number, dtype in ((int, np.int64), (float, np.float64)):
        try:
            return np.array([number(text) for text in texts], dtype)
        except (ValueError, OverflowError):
            continue
    return np.array(texts)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True

"""Limits of the columns of tables, from an option or from a file."""

from __future__ import annotations

import csv
from pathlib import Path

from indeependence.data.reading import Reading
from indeependence.data.table_schema import TableSchema
from indeependence.errors import InputError, some

Limits = tuple[list[float], list[float]]


def read_limits(text: str, reading: Reading) -> Limits:
    """Return limits from ``LOW:HIGH`` for all inputs, or from a file with a line ``NAME,LOW,HIGH`` for each column.

    Columns that a table's texts and missing values become go from 0 to 1 and are not named. Raise `InputError` for
    anything else, and for columns that are missing, unknown or named twice.

    >>> read_limits("0:2.5", Reading())
    ([0.0], [2.5])
    """
    low, colon, high = text.rpartition(":")
    if colon and not Path(text).exists():
        return [_number(low, text)], [_number(high, text)]
    path = Path(text)
    if not path.is_file():
        raise InputError(f"--limits: expected LOW:HIGH, such as 0:100, or a file of NAME,LOW,HIGH, got {text!r}")
    try:
        lines = [line for line in csv.reader(path.read_text("utf-8-sig").splitlines()) if line]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"--limits {text}: expected text with NAME,LOW,HIGH on each line ({error})") from error
    return _in_order(dict(_pairs(lines, text)), reading, text)


def _pairs(lines: list[list[str]], text: str) -> list[tuple[str, tuple[float, float]]]:
    odd = next((line for line in lines if len(line) != 3), None)
    if odd is not None:
        raise InputError(f"--limits {text}: expected NAME,LOW,HIGH on each line, got {','.join(odd)!r}")
    names = [line[0].strip() for line in lines]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise InputError(f"--limits {text}: expected each column once, got more than one line of {min(twice)}")
    return [
        (name, (_number(low, text), _number(high, text))) for name, (_, low, high) in zip(names, lines, strict=True)
    ]


def _in_order(pairs: dict[str, tuple[float, float]], reading: Reading, text: str) -> Limits:
    """Return limits in the order of the columns of the matrix that a table becomes."""
    schema = TableSchema.of_json(reading.table) if reading.table else TableSchema.of_numbers(reading.columns)
    wanted = [column.name for column in schema.columns if column.kind != "category"]
    if set(wanted) != set(pairs):
        absent, unknown = sorted(set(wanted) - set(pairs)), sorted(set(pairs) - set(wanted))
        raise InputError(
            f"--limits {text}: expected the columns {some(wanted) or 'of a table, got none'}; "
            f"missing: {some(absent) or 'none'}; unknown: {some(unknown) or 'none'}"
        )
    found = [
        pairs.get(column.name, (0.0, 1.0)) if name == column.name else (0.0, 1.0)
        for column in schema.columns
        for name in column.names
    ]
    return [low for low, _ in found], [high for _, high in found]


def _number(word: str, text: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise InputError(f"--limits {text}: expected numbers, got {word!r}") from None

"""What was understood of a table, in one line, and what may be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from indeependence.data.readers.table_frame import TableFrame
from indeependence.data.readers.table_roles import Roles
from indeependence.data.table_column import KINDS
from indeependence.data.table_schema import TableSchema
from indeependence.errors import SHOWN

SENTINELS = (-9, -99, -999, -9999, -99999, 999, 9999, 99999)
_UNIT = re.compile(r"[+-]?[\d.,]*\d\s?([^\d\s.,]+)", re.ASCII)
COUNTED = 20  # rows, from which on a column that counts them is no accident


def understood(table: TableFrame, roles: Roles, schema: TableSchema, x: np.ndarray, y: np.ndarray | None) -> str:
    """Return one line: rows, header, label and classes, kinds of columns, missing values, what is left out."""
    about = [f"{len(x):,} {'row' if len(x) == 1 else 'rows'}", "header seen" if table.header else "no header"]
    parts = [", ".join([*about, *table.about])]
    if roles.targets:
        names = ", ".join(_called(schema, name) for name in roles.targets)
        what = "label" if roles.are_labels else "target"
        parts.append(f"{what}{'s' if len(roles.targets) > 1 else ''} {names}")
    elif y is not None:
        classes = np.unique(y).tolist()
        shown = ", ".join(map(str, classes[:SHOWN])) + (", …" if len(classes) > SHOWN else "")
        number = f"{len(classes)} {'class' if len(classes) == 1 else 'classes'}"
        parts.append(f"label {_called(schema, schema.label)}, {number}: {shown}")
    kinds = [column.kind for column in schema.columns]
    counts = [(kind, kinds.count(kind)) for kind in KINDS if kind in kinds]
    parts.append("inputs: " + ", ".join(f"{count:,} {kind if count == 1 else KINDS[kind]}" for kind, count in counts))
    missing = count_missing(schema, x)
    parts.append(f"{missing:,} missing {'value' if missing == 1 else 'values'}" if missing else "no missing values")
    if schema.id is not None:
        parts.append(f"rows named by {_called(schema, schema.id)}")
    ignored = [_called(schema, name) for name in schema.ignore if name not in roles.targets]
    left_out = list(dict.fromkeys([*table.unnamed, *ignored]))
    parts += [f"left out: {', '.join(left_out)}"] if left_out else []
    parts += _new_categories(roles, schema)
    return f"{table.path.name}: {'; '.join(parts)}"


def count_missing(schema: TableSchema, x: np.ndarray) -> int:
    """Return how many values are missing in a matrix ``x [N, D]`` of this schema."""
    ends = np.cumsum([len(column.names) for column in schema.columns])
    slots = [end - 1 for end, column in zip(ends, schema.columns, strict=True) if column.kind == "category"]
    return int(np.isnan(x).sum() + x[:, slots].sum())


def _new_categories(roles: Roles, schema: TableSchema) -> list[str]:
    new = schema.new_categories(roles.frame) if set(schema.features) <= set(roles.frame) else {}
    shown = [f"{_called(schema, name)} ({', '.join(values[:SHOWN])})" for name, values in new.items()]
    return [f"categories never learned in {', '.join(shown)}"] if shown else []


def _called(schema: TableSchema, name: str | None) -> str:
    """Return what people call a column; without names, by its number."""
    return f"{name}" if schema.header else f"column {name}"


def doubts(schema: TableSchema, x: np.ndarray) -> Iterator[str]:
    """Yield what may be wrong with the first table: values that stand for missing ones, and columns that count rows."""
    ends = np.cumsum([len(column.names) for column in schema.columns])
    marked: dict[float, list[str]] = {}
    for column, end in zip(schema.columns, ends, strict=True):
        if column.kind != "number":
            continue
        values = x[:, end - len(column.names)]
        mark = _sentinel(values[~np.isnan(values)])
        if mark is not None:
            marked.setdefault(mark, []).append(column.name)
        if _counts_rows(values):
            yield f"column {column.name} counts the rows and is learned as an input: --ignore {column.name}?"
        elif _is_id(column.name, values):
            yield f"column {column.name} is different in every row and is learned as an input: --ignore {column.name}?"
    for column in schema.columns:
        if (unit := _unit(column.categories)) is not None:
            text = column.categories[0]
            yield f"column {column.name}: texts such as {text!r} are categories; for numbers, leave {unit} out"
    for mark, names in marked.items():
        shown = ", ".join(names[:SHOWN])
        yield f"many values {mark:g} in {shown} look like missing ones: leave those cells empty if they are"


def _sentinel(values: np.ndarray) -> float | None:
    """Return a value far outside of all others that occurs more than once and is usual for missing ones."""
    for mark in SENTINELS:
        there = values == mark
        others = values[~there]
        if there.sum() > 1 and len(others) > there.sum():
            low, high = others.min(), others.max()
            if min(abs(mark - low), abs(mark - high)) > high - low and not low <= mark <= high:
                return float(mark)
    return None


def _unit(categories: Sequence[str]) -> str | None:
    """Return what stands behind a number in every one of at least three texts."""
    found = [_UNIT.fullmatch(text) for text in categories]
    units = {match[1].strip() for match in found if match}
    return units.pop() if len(found) > 2 and all(found) and len(units) == 1 else None


def _is_id(name: str, values: np.ndarray) -> bool:
    called_so = name.lower() in ("id", "index", "idx", "nr", "no", "number", "row") or name.endswith(
        ("_id", "Id", "ID")
    )
    return (
        called_so and len(values) >= COUNTED and len(np.unique(values)) == len(values) and bool((values % 1 == 0).all())
    )


def _counts_rows(values: np.ndarray) -> bool:
    return len(values) >= COUNTED and bool((np.diff(values) == 1).all()) and values[0] in (0, 1)

"""A table's schema: what each column of a model's first table was, so that any later one becomes the same matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from indeependence.data.columns import check_names
from indeependence.data.table_column import Column
from indeependence.data.table_kinds import Where, first_column, later_values
from indeependence.errors import InputError

MANY = 20  # different texts; fewer may all be different in a small table


def in_frame(row: int) -> str:
    """Return how a message names a row of a data frame, counted from 0 as Python does."""
    return f"row {row}"


@dataclass(frozen=True)
class TableSchema:
    """The columns of a table, their kinds and categories, and what the others are for: labels, names, or nothing."""

    columns: tuple[Column, ...] = ()  # the inputs
    order: tuple[str, ...] = ()  # all names, as in the first table
    label: str | None = None
    names_as_labels: bool = False  # labels are names even where all look like numbers
    id: str | None = None
    ignore: tuple[str, ...] = ()
    header: bool = True  # the first table had names; without them columns are called by their numbers
    decimal_comma: bool = False  # the first table had them, so a later one that leaves it open has them, too

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns of the matrix."""
        return tuple(name for column in self.columns for name in column.names)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the columns of a table that are inputs."""
        return tuple(column.name for column in self.columns)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> TableSchema:
        """Return the schema of a data frame, every column of which is an input.

        >>> TableSchema.of(pd.DataFrame({"mass": [1.5, None], "sex": ["f", "m"]})).names[:4]
        ('mass', 'mass missing', 'sex=f', 'sex=m')
        """
        return first_matrix(cls(), frame)[0]

    @classmethod
    def of_numbers(cls, names: Sequence[str], **about: Any) -> TableSchema:
        """Return the schema of a model that knows only the names of its columns, all of which are numbers."""
        return cls(tuple(map(Column, names)), tuple(names), **about)

    def matrix(self, frame: pd.DataFrame, *, where: Where = in_frame, decimal_comma: bool = False) -> np.ndarray:
        """Return a table as float64 [N, D], with the columns and in the order of the first table; NaN is missing.

        Raise `InputError` for columns that are missing or unknown, and for values of another kind.

        >>> first = TableSchema.of(pd.DataFrame({"mass": [1.5, 2], "sex": ["f", "m"]}))
        >>> first.matrix(pd.DataFrame({"sex": ["m"], "mass": [3]}))
        array([[3., 0., 1., 0., 0., 0., 0., 0.]])
        """
        frame = named(frame)
        self.check(frame)
        return _joined(
            column.matrix(later_values(column, frame[column.name], where, decimal_comma=decimal_comma))
            for column in self.columns
        )

    def check(self, frame: pd.DataFrame, source: object = "the table") -> None:
        """Raise `InputError`, which names them, for missing and for unknown columns."""
        others = {self.label, self.id, *self.ignore} - set(self.features)
        check_names(self.features, [name for name in frame if name not in others], source=source)

    def new_categories(self, frame: pd.DataFrame) -> dict[str, list[str]]:
        """Return, for each column that has some, the categories that the first table did not have."""
        columns = [column for column in self.columns if column.kind == "category"]
        found = {column.name: column.new(later_values(column, frame[column.name], in_frame)) for column in columns}
        return {name: new for name, new in found.items() if new}

    def to_json(self) -> dict[str, Any]:
        """Return the schema in plain JSON values."""
        return {
            "columns": [column.to_json() for column in self.columns],
            "order": list(self.order),
            "label": self.label,
            "names_as_labels": self.names_as_labels,
            "id": self.id,
            "ignore": list(self.ignore),
            "header": self.header,
            "decimal_comma": self.decimal_comma,
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> TableSchema:
        """Return the schema that `to_json` wrote."""
        columns = tuple(map(Column.of_json, kept["columns"]))
        return cls(**{**kept, "columns": columns, "order": tuple(kept["order"]), "ignore": tuple(kept["ignore"])})


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with names of columns that are text; raise `InputError` if two have one name."""
    names = [str(name).strip() for name in frame.columns]
    twice = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    if twice:
        raise InputError(f"two columns are called {min(twice)!r}; give each a name of its own")
    return frame.set_axis(names, axis=1)


def first_matrix(
    about: TableSchema, frame: pd.DataFrame, *, where: Where = in_frame, decimal_comma: bool = False
) -> tuple[TableSchema, np.ndarray]:
    """Return the schema of the first table, with what is known ``about`` its other columns, and its matrix [N, D].

    Columns without any value are added to those that are ignored. Raise `InputError` for columns of names or other
    texts that are nearly all different, and as `first_column` does.
    """
    frame = named(frame)
    others = {about.label, about.id, *about.ignore}
    names = [name for name in frame.columns if name not in others]
    columns, parts, empty = [], [], []
    for name in names:
        column, values = first_column(name, frame[name], where, decimal_comma=decimal_comma)
        if len(values) and pd.isna(values).all():
            empty.append(name)
            continue
        columns.append(column)
        parts.append((column, values))
    _check_texts(parts)
    if not columns:
        raise InputError("expected at least one column of inputs, got none")
    ignore = (*about.ignore, *empty)
    schema = replace(
        about, columns=tuple(columns), order=tuple(frame.columns), ignore=ignore, decimal_comma=decimal_comma
    )
    if len(set(schema.names)) < len(schema.names):
        twice = next(name for name in schema.names if schema.names.count(name) > 1)
        raise InputError(f"two columns become {twice!r}; rename one of them")
    return schema, _joined(column.matrix(values) for column, values in parts)


def _joined(parts: Any) -> np.ndarray:
    return np.ascontiguousarray(np.concatenate(list(parts), axis=1))


def _check_texts(parts: list[tuple[Column, np.ndarray]]) -> None:
    """Raise `InputError` for categories of which most rows have one of their own."""
    unlike = []
    for column, values in parts:
        count = len(values) - int(pd.isna(values).sum()) if column.kind == "category" else 0
        if len(column.categories) >= MANY and 2 * len(column.categories) > count:
            unlike.append((column.name, len(column.categories), count))
    if unlike:
        name, different, count = unlike[0]
        names = ",".join(name for name, *_ in unlike)
        more = f" (nor in {', '.join(name for name, *_ in unlike[1:])})" if len(unlike) > 1 else ""
        raise InputError(
            f"column {name}: {different} different texts in {count} rows are no categories{more}: "
            f"try --ignore {names}, or --id {name} if it names the rows"
        )

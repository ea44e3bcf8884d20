"""Tables: one example in each row, a column of labels, and all others inputs, understood by a schema."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from indeependence.data.gate import MayMiss
from indeependence.data.readers.table_frame import TableFrame, read_frame
from indeependence.data.readers.table_labels import check_first_labels, labels_in
from indeependence.data.readers.table_roles import Roles, first_roles, known_roles
from indeependence.data.readers.table_targets import numbers_in
from indeependence.data.readers.table_words import doubts, understood
from indeependence.data.reading import Reading
from indeependence.data.table_kinds import comma_is_decimal
from indeependence.data.table_schema import TableSchema, first_matrix
from indeependence.data.understood import say
from indeependence.errors import InputError, shown


@dataclass(frozen=True)
class TableOptions:
    """What people say about a table; what they do not say follows from the model's reading, or from the table."""

    label: str | None = None  # name or number of a column
    header: bool | None = None  # None: by the rule of `has_header`
    ignore: str | Sequence[str] = ()  # names or numbers of columns; a text names them as in `column_names`
    id: str | None = None  # name or number of the column that names the rows
    target: str | Sequence[str] = ()  # columns of numbers to learn; of a model that knows them, by their names
    are_labels: bool = False  # whether these are labels: columns of 0 and 1, or true and false

    @property
    def ignored(self) -> list[str]:
        """The columns to leave out, one by one."""
        return _one_by_one(self.ignore)

    @property
    def targets(self) -> list[str]:
        """The columns of numbers to learn, one by one."""
        return _one_by_one(self.target)

    @property
    def columns(self) -> list[str]:
        """All columns that are named, or called by their numbers."""
        return [*self.ignored, *self.targets, *(column.strip() for column in (self.label, self.id) if column)]

    def check(self, source: object, is_table: bool) -> None:
        """Raise `InputError` if something is said about a table and the source is none."""
        said = {"a label column": self.label, "an id column": self.id, "columns to ignore": ",".join(self.ignored)}
        given = [f"{what} ({value!r})" for what, value in said.items() if value]
        given += [] if self.header is None else ["a header"]
        if given and not is_table:
            raise InputError(f"{given[0]} can be named only for a table, such as a .csv, got {source}: leave it out")


def _one_by_one(columns: str | Sequence[str]) -> list[str]:
    parts = column_names(columns) if isinstance(columns, str) else columns
    return [part.strip() for part in parts if part.strip()]


def column_names(text: str) -> list[str]:
    """Return the columns that a text names, separated by commas; one with a comma in its name has quotes, as in a .csv.

    >>> column_names('price, "height, in cm"')
    ['price', 'height, in cm']
    """
    if '"' not in text:
        return [part.strip() for part in text.split(",")]
    try:
        [parts] = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError) as error:
        raise InputError(f"expected columns with commas between them, got {shown(text)} ({error})") from error
    return [part.strip() for part in parts]


@dataclass(frozen=True, eq=False)
class Table:
    """A table as a model's inputs [N, D] float64, where NaN is missing, and what else stands in it."""

    x: np.ndarray
    y: np.ndarray | None  # labels [N], or numeric targets [N, T]; None without any
    names: tuple[str, ...]  # of the rows, from the id column
    reading: Reading
    targets: tuple[str, ...] = ()  # the names of the numbers


def read_table(
    path: Path,
    options: TableOptions | None = None,
    reading: Reading | None = None,
    *,
    labelled: bool = True,
    data: bytes | None = None,
) -> Table:
    """Return the table in the file ``path``, as a model of this ``reading`` needs it.

    With ``data``, these bytes are the table, and messages call it ``path``.

    Labels are in the column that the options name, else in that of the model, else in the last one; a table that need
    not be ``labelled`` has labels only in a column that is known for that. With targets, there are no labels but these
    numbers, float64 ``[N, T]``; a model that knows them finds them by their names. Labels become int64 or
    float64 if every one prints back the same, else they stay text. Raise `InputError`, which names row and column, for
    what cannot be learned from.
    """
    options, reading = options or TableOptions(), reading or Reading()
    schema = _schema_of(reading)
    with _about(path):
        known = schema.order if schema and schema.header else reading.columns
        table = read_frame(path, options.header, known=known, wanted=options.columns, data=data)
        if schema is None and not reading.columns:
            labelled = labelled and not options.targets
            return _first(table, first_roles(table, options, labelled=labelled), options)
        roles = known_roles(table, options, schema or _numbers(table, options, reading, labelled), labelled=labelled)
        return _later(table, roles, reading, labelled=labelled)


def _schema_of(reading: Reading) -> TableSchema | None:
    try:
        return TableSchema.of_json(reading.table) if reading.table else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"the model's file does not say how tables are read ({error!r}); is it damaged?") from error


def _numbers(table: TableFrame, options: TableOptions, reading: Reading, labelled: bool) -> TableSchema:
    """Return the schema of a model that knows the names of its columns and nothing else."""
    has_labels = labelled and not options.targets
    label = first_roles(table, options, labelled=True).schema.label if has_labels else None
    return TableSchema.of_numbers(reading.columns, label=label)


def _first(table: TableFrame, roles: Roles, options: TableOptions) -> Table:
    """Return the first table of a model, with a schema made from it."""
    y = None
    schema = roles.schema
    if schema.label is not None and (y := labels_in(roles.frame[schema.label], table.where)) is not None:
        check_first_labels(y, roles, is_named=options.label is not None)
        schema = replace(schema, names_as_labels=y.dtype.kind == "U")
    frame, others = roles.frame, {schema.label, schema.id, *schema.ignore} - set(roles.targets)
    comma = _has_decimal_comma(table, frame[[name for name in frame if name not in others]], known=False)
    y = numbers_in(table, roles, decimal_comma=comma) if roles.targets else y
    schema, x = first_matrix(schema, frame, where=table.where, decimal_comma=comma)
    for doubt in doubts(schema, x):
        warnings.warn(f"{table.path.name}: {doubt}", UserWarning, stacklevel=2)
    _say(table, roles, schema, x, y, comma)
    reading = Reading(schema.names if schema.header else (), schema.to_json())
    return Table(_marked(x), y, _row_names(roles), reading, roles.targets)


def _later(table: TableFrame, roles: Roles, reading: Reading, *, labelled: bool) -> Table:
    """Return a table as the model needs it that has learned others."""
    schema = roles.schema
    schema.check(roles.frame, table.path)
    looked_at = [*schema.features, *roles.targets]
    comma = _has_decimal_comma(table, roles.frame[looked_at], known=schema.decimal_comma)
    x = schema.matrix(roles.frame, where=table.where, decimal_comma=comma)
    y = numbers_in(table, roles, decimal_comma=comma, needed=labelled) if roles.targets else None
    if schema.label in roles.frame:
        y = labels_in(roles.frame[schema.label], table.where, names=schema.names_as_labels, needed=labelled)
    _say(table, roles, schema, x, y, comma)
    return Table(_marked(x), y, _row_names(roles), reading, roles.targets)


def _has_decimal_comma(table: TableFrame, features: pd.DataFrame, *, known: bool) -> bool:
    """Return whether numbers have decimal commas: semicolons and what is ``known`` of before make it likely."""
    text = table.text
    if text is None or (text.separator == "," and '"' not in text.text):
        return False
    return comma_is_decimal(features, likely=known or text.separator == ";")


def _say(
    table: TableFrame, roles: Roles, schema: TableSchema, x: np.ndarray, y: np.ndarray | None, comma: bool
) -> None:
    table = replace(table, about=(*table.about, "decimal commas")) if comma else table
    say(understood(table, roles, schema, x, y))


def _marked(x: np.ndarray) -> np.ndarray:
    """Return the matrix, marked as one whose NaN are missing values if it has any."""
    return x.view(MayMiss) if np.isnan(x).any() else x


def _row_names(roles: Roles) -> tuple[str, ...]:
    name = roles.schema.id
    return tuple(str(value).strip() for value in roles.frame[name]) if name in roles.frame else ()


@contextmanager
def _about(path: Path) -> Iterator[None]:
    """Let every message name the file."""
    try:
        yield
    except InputError as error:
        if str(path) in str(error):
            raise
        raise InputError(f"{path}: {error}") from error
    except (pd.errors.ParserError, MemoryError) as error:
        raise InputError(f"{path} is no table that can be read: {error}") from error

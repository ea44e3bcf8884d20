"""Which column of a table is the label, which names the rows, which are left out, and which are inputs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from indeependence.data.readers.table_frame import TableFrame
from indeependence.data.table_schema import TableSchema, named
from indeependence.errors import SHOWN, InputError, did_you_mean

if TYPE_CHECKING:
    from indeependence.data.readers.tables import TableOptions


@dataclass(frozen=True, eq=False)
class Roles:
    """A table whose columns have the names of a ``schema``, which says what each is for."""

    frame: pd.DataFrame
    schema: TableSchema
    targets: tuple[str, ...] = ()  # numbers to learn; the schema ignores them, since they are no inputs
    are_labels: bool = False  # whether the targets are labels, 0 or 1


def place(table: TableFrame, names: Sequence[str], column: str, option: str) -> str:
    """Return the name of a column that an option gives by name or number, counted from 1 or, from the end, from -1.

    Raise `InputError` if there is none.
    """
    column = column.strip()
    if column in names:
        return column
    count = len(names)
    if column.lstrip("-").isdecimal() and len(column) < 10 and 1 <= abs(int(column)) <= count:
        number = int(column)
        return names[number - 1 if number > 0 else number]
    if not table.header and column.lstrip("-").isdecimal():
        raise InputError(f"{option}: {table.path} has {count} columns, got {column}")
    what = "its first row is" if table.header else "it has no header (--header yes says that it has); its first row is"
    first = names if table.header else [str(cell).strip() for cell in table.frame.iloc[0]]
    raise InputError(
        f"{table.path} has no column called {column!r}; {what} {', '.join(first[:SHOWN])}{did_you_mean(column, first)}"
    )


def first_roles(table: TableFrame, options: TableOptions, *, labelled: bool) -> Roles:
    """Return the roles in a model's first table: labels are in the last column, unless an option says another."""
    frame = named(table.frame)
    names = list(frame.columns)
    ignore, id_ = _placed(table, names, options)
    option = "--labels" if options.are_labels else "--target"
    targets = tuple(place(table, names, column, option) for column in options.targets)
    _check_targets(targets, [*ignore, id_], option)
    ignore = [*ignore, *targets]
    rest = [name for name in names if name not in (*ignore, id_)]
    label = None if options.label is None else place(table, names, options.label, "--label")
    if label is not None and label not in rest:
        raise InputError(f"--label: column {label!r} is left out or names the rows; take another, or leave that out")
    labelled = labelled or label is not None
    if len(rest) < 1 + labelled:
        raise _too_few(
            table, rest, [*ignore, *([id_] if id_ else [])], "features and a label" if labelled else "inputs"
        )
    label = rest[-1] if labelled and label is None else label
    schema = TableSchema(order=tuple(names), label=label, id=id_, ignore=tuple(ignore), header=table.header)
    return Roles(frame, schema, targets, options.are_labels)


def _check_targets(targets: Sequence[str], others: Sequence[str | None], option: str) -> None:
    """Raise `InputError` for a target that is named twice, or that is also left out or names the rows."""
    for place_, name in enumerate(targets):
        if name in others or name in targets[:place_]:
            raise InputError(f"{option}: column {name!r} is named twice, left out or names the rows: name it once")


def _too_few(table: TableFrame, rest: Sequence[str], left_out: Sequence[str], expected: str) -> InputError:
    """Return the error of a table that has no more than the columns ``rest`` beside those that are left out."""
    if not (left_out or table.unnamed):
        more = "" if table.separator != "," else ", separated by commas"
        return InputError(f"{table.path} has one column; expected {expected}{more}")
    others = [*table.unnamed, *(f"{name!r} (--ignore or --id)" for name in left_out)]
    hint = "give columns names, or say --header no" if table.unnamed else "leave out fewer of them"
    found = f"{rest[0]!r} alone" if rest else "none"
    return InputError(
        f"{table.path}: expected columns of {expected}, got {found} beside {', '.join(others[:SHOWN])}, which "
        f"{'are' if len(others) > 1 else 'is'} left out: {hint}"
    )


def known_roles(table: TableFrame, options: TableOptions, schema: TableSchema, *, labelled: bool) -> Roles:
    """Return the roles in a table for a model that has a ``schema``; columns without names are taken in their order."""
    frame = named(table.frame)
    names = list(frame.columns)
    ignore, id_ = _placed(table, names, options)
    label = None if options.label is None else place(table, names, options.label, "--label")
    if table.header and schema.header:
        label = label or (schema.label if schema.label in names else None)
        id_ = id_ or (schema.id if schema.id in names else None)
        ignore = [*ignore, *(name for name in schema.ignore if name in names and name not in (*ignore, label, id_))]
    else:
        frame, label, id_, ignore = _in_their_order(table, frame, schema, label, id_, ignore)
    if labelled and label is None and not options.targets:
        wanted = f"called {schema.label!r}, the model's label" if schema.label else "of labels"
        raise InputError(f"{table.path} has no column {wanted}; name one with --label")
    known = replace(schema, label=label, id=id_, ignore=tuple(ignore))
    targets = _known_targets(table, frame, options.targets, needed=labelled)
    return Roles(frame, known, targets, options.are_labels)


def _known_targets(table: TableFrame, frame: pd.DataFrame, targets: Sequence[str], *, needed: bool) -> tuple[str, ...]:
    """Return the model's targets; none if one is missing. Raise `InputError` if they are ``needed``."""
    missing = [name for name in targets if name not in frame]
    if missing and needed:
        raise InputError(
            f"{table.path} has no column called {missing[0]!r}, the model's target: name it so in the file"
        )
    return () if missing else tuple(targets)


def _placed(table: TableFrame, names: Sequence[str], options: TableOptions) -> tuple[list[str], str | None]:
    whole = options.ignore.strip() if isinstance(options.ignore, str) else ""
    ignored = [whole] if whole in names else options.ignored
    ignore = [place(table, names, column, "--ignore") for column in ignored]
    return ignore, None if options.id is None else place(table, names, options.id, "--id")


def _in_their_order(
    table: TableFrame, frame: pd.DataFrame, schema: TableSchema, label: str | None, id_: str | None, ignore: list[str]
) -> tuple[pd.DataFrame, str | None, str | None, list[str]]:
    """Return a frame with the names of the ``schema``, by position, and who is label, id and ignored in it."""
    if table.header or schema.header:
        nameless = f"{table.path} has no names" if schema.header else "the model knows no names"
        warnings.warn(f"{nameless} of columns: they are taken in their order", UserWarning, stacklevel=2)
    names, order = list(frame.columns), list(schema.order)
    said = [name for name in (label, id_, *ignore) if name is not None]
    without_label = [name for name in order if name != schema.label]
    if not said and len(names) in (len(order), len(without_label)):
        known = order if len(names) == len(order) else without_label
        frame = frame.set_axis(known, axis=1)
        there = [schema.label if schema.label in known else None, schema.id if schema.id in known else None]
        return frame, there[0], there[1], [name for name in schema.ignore if name in known]
    rest = [name for name in names if name not in said]
    if label is None and len(rest) == len(schema.features) + 1 and schema.label == order[-1]:
        label = rest.pop()
    if len(rest) != len(schema.features):
        raise InputError(
            f"{table.path}: expected the {len(schema.features)} columns that the model learned, in their order, got "
            f"{len(rest)}; leave others out with --ignore"
        )
    # A name of the file may be that of another column of the model.
    renamed = dict(zip(rest, schema.features, strict=True))
    free = {name: f"{name} of the file" if name in schema.features else name for name in (*said, label) if name}
    frame = frame.rename(columns={**free, **renamed})
    return frame, free.get(label or ""), free.get(id_ or ""), [free[name] for name in ignore]

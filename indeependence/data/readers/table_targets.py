"""The columns of a table that are numbers to learn."""

from __future__ import annotations

import numpy as np
import pandas as pd

from indeependence.data.readers.table_frame import TableFrame
from indeependence.data.readers.table_roles import Roles
from indeependence.data.table_column import Column
from indeependence.data.table_kinds import later_values
from indeependence.errors import InputError


def numbers_in(
    table: TableFrame, roles: Roles, *, decimal_comma: bool = False, needed: bool = True
) -> np.ndarray | None:
    """Return the targets of a table, float64 ``[N, T]``; None if one is missing and they are not ``needed``.

    Raise `InputError`, which names row and column, for a cell that holds no number, or of labels neither 0 nor 1.
    """
    values = _truths if roles.are_labels else _values
    columns = [values(name, roles.frame[name], table, decimal_comma) for name in roles.targets]
    targets = np.stack(columns, axis=1)
    missing = np.isnan(targets)
    if not missing.any():
        return targets
    if not needed:
        return None
    row, column = np.argwhere(missing)[0].tolist()
    what = "0 or 1" if roles.are_labels else "a number"
    raise InputError(
        f"{table.where(row)}: expected {what} in column {roles.targets[column]}, the target, got an empty cell: "
        "fill it, or leave the row out"
    )


def _values(name: str, series: pd.Series, table: TableFrame, decimal_comma: bool) -> np.ndarray:
    try:
        return later_values(Column(name), series, table.where, decimal_comma=decimal_comma)
    except InputError as error:
        where = str(error).partition(", column")[0].partition(": ")[0]
        raise InputError(f"{where}: expected a number in column {name}, the target, got other text") from error


def _truths(name: str, series: pd.Series, table: TableFrame, decimal_comma: bool) -> np.ndarray:
    """Return a column of 0 and 1, or of true and false, as float64 where an empty cell is NaN."""
    try:
        values = later_values(Column(name, "boolean"), series, table.where, decimal_comma=decimal_comma)
    except InputError as error:
        where = str(error).partition(", column")[0].partition(": ")[0]
        raise InputError(
            f"{where}: expected 0 or 1, or true or false, in column {name}, a label, got other text"
        ) from error
    odd = ~np.isnan(values) & (values != 0) & (values != 1)
    if odd.any():
        row = int(np.argmax(odd))
        raise InputError(
            f"{table.where(row)}: expected 0 or 1 in column {name}, a label, got {values[row]:g}: numbers are learned "
            "with --target"
        )
    return values

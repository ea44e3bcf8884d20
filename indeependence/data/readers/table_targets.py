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

    Raise `InputError`, which names row and column, for a cell that holds no number.
    """
    columns = [_values(name, roles.frame[name], table, decimal_comma) for name in roles.targets]
    targets = np.stack(columns, axis=1)
    missing = np.isnan(targets)
    if not missing.any():
        return targets
    if not needed:
        return None
    row, column = np.argwhere(missing)[0].tolist()
    raise InputError(
        f"{table.where(row)}: expected a number in column {roles.targets[column]}, the target, got an empty cell: "
        "fill it, or leave the row out"
    )


def _values(name: str, series: pd.Series, table: TableFrame, decimal_comma: bool) -> np.ndarray:
    try:
        return later_values(Column(name), series, table.where, decimal_comma=decimal_comma)
    except InputError as error:
        where = str(error).partition(", column")[0].partition(": ")[0]
        raise InputError(f"{where}: expected a number in column {name}, the target, got other text") from error

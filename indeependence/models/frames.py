"""Data frames with text, dates or missing values as inputs, by the schema that tables in files have, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.data.gate import MayMiss, usable_inputs
from indeependence.data.reading import Reading

if TYPE_CHECKING:
    import pandas as pd

    from indeependence.models.inputs import NamedColumns


def frame_inputs(estimator: NamedColumns, X: Any, *, first: bool) -> np.ndarray | None:
    """Return a data frame as the matrix [N, D] that its schema makes of it; None for all that needs no schema.

    The ``first`` frame needs one if a column holds no numbers or values are missing; the ``estimator`` then keeps it,
    and later frames are read by it. Raise `InputError` as the schema does.
    """
    if first:
        estimator.reading = Reading()
    table = estimator.reading.table
    if not _is_frame(X) or not (table or (first and _needs_schema(X))):
        return None
    from indeependence.data.table_schema import TableSchema, first_matrix

    if table is None:
        schema, x = first_matrix(TableSchema(), X)
        estimator.reading = Reading(schema.names, schema.to_json())
    elif tuple(map(str, X.columns)) == estimator.reading.columns:  # it is a matrix already
        x = X.to_numpy(np.float64)
    else:
        x = TableSchema.of_json(table).matrix(X)
    estimator.n_features_in_ = x.shape[1]
    return usable_inputs({"X": x.view(MayMiss)})["X"]


def in_number_order(X: Any) -> Any:
    """Return a data frame whose columns are called 0 to D - 1 in that order; all else as it is.

    Names that are numbers are no names for scikit-learn, which would take the columns as they stand.

    >>> import pandas as pd
    >>> in_number_order(pd.DataFrame([[5, 7]], columns=[1, 0])).to_numpy()
    array([[7, 5]])
    """
    if not _is_frame(X):
        return X
    names = list(X.columns)
    places = list(range(len(names)))
    numbered = all(isinstance(name, int) for name in names) and names != places and sorted(names) == places
    return X[places] if numbered else X


def _is_frame(X: Any) -> bool:
    return type(X).__module__.split(".")[0] == "pandas" and hasattr(X, "columns")


def _needs_schema(X: pd.DataFrame) -> bool:
    """Return whether a column holds no numbers, or a value is missing."""
    return X.shape[1] != X.select_dtypes(["number", "bool"]).shape[1] or bool(X.isna().any(axis=None))

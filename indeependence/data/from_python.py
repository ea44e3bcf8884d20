"""Inputs as Python's users have them: lists of pictures, tensors, sparse matrices, as rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from indeependence.errors import InputError


class SparseRows:
    """The rows of a sparse matrix ``[N, D]``, which become dense when they are taken, and never all at once.

    >>> rows = SparseRows("X", sparse.csr_array([[0, 2], [1, 0]]))
    >>> rows.shape, rows[1:]
    ((2, 2), array([[1., 0.]]))
    """

    ndim = 2

    def __init__(self, name: str, matrix: Any):
        self._matrix = matrix.tocsr()
        self.shape: tuple[int, ...] = matrix.shape
        self.dtype = np.dtype(np.uint8 if matrix.dtype == np.uint8 else np.float64)
        if matrix.dtype.kind not in "buif":
            raise InputError(f"{name}: expected numbers, got a sparse matrix of {matrix.dtype}")
        if not np.isfinite(self._matrix.data).all():
            raise InputError(f"{name}: NaN or infinity in a sparse matrix: remove or fill them first")

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> np.ndarray:
        return self._matrix[rows].toarray().astype(self.dtype, copy=False)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype, copy=False)


def as_rows(name: str, values: Any) -> Any:
    """Return ``values`` with a shape: a list of rows or of pictures as one array, a sparse matrix as `SparseRows`.

    Frames and arrays stay as they are. Raise `InputError` for parts of different shapes and for complex numbers.

    >>> as_rows("X", [np.zeros((2, 2)), np.ones((2, 2))]).shape
    (2, 2, 2)
    """
    if sparse.issparse(values):
        return SparseRows(name, values)
    if isinstance(values, list | tuple):
        return _stacked(name, values)
    if hasattr(values, "__array__") and not (hasattr(values, "shape") and hasattr(values, "dtype")):
        values = values if hasattr(values, "columns") else _as_array(name, values)
    if getattr(getattr(values, "dtype", None), "kind", "") == "c":
        raise InputError(f"{name}: Complex data not supported: expected real numbers, give real and imaginary parts")
    return values


def _stacked(name: str, values: list | tuple) -> Any:
    """Return the parts of a list as one array; a list of single values stays, for scikit-learn to explain."""
    parts = [_as_array(name, part) for part in values]
    if not parts or parts[0].ndim == 0:
        return values
    for row, part in enumerate(parts):
        if part.shape != parts[0].shape:
            raise InputError(
                f"{name}: expected examples of one shape, got {parts[0].shape} in row 0 and {part.shape} in row {row}: "
                "bring them to one"
            )
    return np.stack(parts)


def _as_array(name: str, value: Any) -> np.ndarray:
    try:
        return np.asarray(value)
    except Exception as error:  # of any kind: tensors have errors of their own
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{name}: expected rows of numbers, got {type(value).__name__} ({reason})") from error

"""The factor of a scatter with a penalty: what takes most of the time of a solve."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dpotrf


def cholesky(system: np.ndarray, penalty: float) -> np.ndarray | None:
    """Return the lower factor ``L`` of ``system + penalty I = L Lᵀ``, for `dpotrs`; None if it has none.

    ``system [H, H]`` float64, symmetric and in C's order, is overwritten: at this size a copy counts.

    >>> cholesky(np.array([[3.0]]), 1.0), cholesky(np.array([[-3.0]]), 1.0)
    (array([[2.]]), None)
    """
    system[np.diag_indices(len(system))] += penalty
    factor, failed = dpotrf(system.T, lower=1, overwrite_a=1)
    return None if failed else factor

"""The factor of a scatter with a penalty: what takes most of the time of a solve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs


class Factor(Protocol):
    """A factor of ``S + λI``, on whichever device: ``solve`` returns ``(S + λI)⁻¹ targets`` of ``targets [H, C]``."""

    def solve(self, targets: np.ndarray, /) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Lower:
    """The lower factor ``L`` of ``S + λI = L Lᵀ``, in Fortran's order."""

    lower: np.ndarray

    def solve(self, targets: np.ndarray) -> np.ndarray:
        """Return ``(S + λI)⁻¹ targets`` for ``targets [H, C]``."""
        solved, _ = dpotrs(self.lower, targets, lower=1)
        return solved


def cholesky(system: np.ndarray, penalty: float) -> Lower | None:
    """Return the factor of ``system + penalty I``; None if it has none.

    ``system [H, H]`` float64, symmetric and in C's order, is overwritten: at this size a copy counts.

    >>> cholesky(np.array([[3.0]]), 1.0).solve(np.array([[8.0]])), cholesky(np.array([[-3.0]]), 1.0)
    (array([[2.]]), None)
    """
    system[np.diag_indices(len(system))] += penalty
    factor, failed = dpotrf(system.T, lower=1, overwrite_a=1)
    return None if failed else Lower(factor)

"""Conceptors, as pure functions on symmetric matrices of eigenvalues between 0 and 1."""

from __future__ import annotations

import numpy as np


def conceptor(second_moment: np.ndarray, aperture: float) -> np.ndarray:
    """Return ``C = R (R + α⁻² I)⁻¹`` of states with ``R = E[x xᵀ] [D, D]``: nearly 1 in used directions, 0 in others.

    With a larger aperture α, weaker directions count as used. Source: Jaeger 2014, equation 7.

    >>> conceptor(np.diag([3.0, 1.0, 0.0]), 1.0)
    array([[0.75, 0.  , 0.  ],
           [0.  , 0.5 , 0.  ],
           [0.  , 0.  , 0.  ]])
    """
    return np.linalg.solve(second_moment + np.eye(len(second_moment)) / aperture**2, second_moment)


def negation(C: np.ndarray) -> np.ndarray:
    """Return ``NOT C = I - C``: the directions left free.

    >>> negation(np.array([[0.75]]))
    array([[0.25]])
    """
    return np.eye(len(C)) - C


def quota(C: np.ndarray) -> float:
    """Return the share of all directions that is used, ``tr C / D``.

    >>> quota(np.diag([1.0, 0.0, 0.5, 0.5]))
    0.5
    """
    return float(np.trace(C) / len(C))

"""The Boolean algebra of conceptors, as pure functions on symmetric matrices of eigenvalues between 0 and 1."""

from __future__ import annotations

import numpy as np

EDGE = 1e-9  # eigenvalues are kept that far from 0 and 1, where there is no inverse


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


def conjunction(C: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return ``C AND B = (C⁻¹ + B⁻¹ - I)⁻¹``: the directions that both use.

    >>> conjunction(np.diag([0.5, 0.5]), np.diag([0.5, 0.999999])).diagonal()
    array([0.33333333, 0.49999975])
    """
    return np.linalg.inv(np.linalg.inv(_inside(C)) + np.linalg.inv(_inside(B)) - np.eye(len(C)))


def disjunction(C: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return ``C OR B = NOT (NOT C AND NOT B)``: the directions that either uses.

    It is the conceptor of the sum of both second moments: if these are kept, ``conceptor(R + S, α)`` is the same.

    >>> disjunction(conceptor(np.array([[2.0]]), 1.0), conceptor(np.array([[1.0]]), 1.0))
    array([[0.75]])
    """
    return negation(conjunction(negation(C), negation(B)))


def quota(C: np.ndarray) -> float:
    """Return the share of all directions that is used, ``tr C / D``.

    >>> quota(np.diag([1.0, 0.0, 0.5, 0.5]))
    0.5
    """
    return float(np.trace(C) / len(C))


def _inside(C: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh((C + C.T) / 2)
    return (vectors * np.clip(values, EDGE, 1 - EDGE)) @ vectors.T

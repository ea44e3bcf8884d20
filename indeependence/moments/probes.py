"""Random vectors that estimate the trace of a large matrix (Hutchinson 1989)."""

from __future__ import annotations

import numpy as np

PROBES = 32


def probes_of(units: int) -> np.ndarray:
    """Return columns z ``[H, P]`` with ``mean zᵀ A z = tr A``: exact for few units, seeded random signs for many.

    >>> probes_of(2)
    array([[1.41421356, 0.        ],
           [0.        , 1.41421356]])
    """
    if units <= 8 * PROBES:
        return np.sqrt(units) * np.eye(units)
    signs = np.random.default_rng(0).integers(0, 2, (units, PROBES))
    return signs * 2.0 - 1.0

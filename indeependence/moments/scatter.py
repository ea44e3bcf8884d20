"""The scatter of codes about the means of their classes, from sums alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indeependence.moments.gram import mirrored_upper

if TYPE_CHECKING:
    from indeependence.moments.moments import Moments


def within_class_scatter(moments: Moments, part: slice | np.ndarray = slice(None)) -> np.ndarray:
    """Return ``Σ h hᵀ - Σ_c (Σ_c h)(Σ_c h)ᵀ / n_c`` as float64 ``[H, H]``, or ``[K, K]`` of a ``part`` of each code.

    Classes without examples do not count. Divided by the number of examples it is the covariance within the classes.

    >>> from indeependence.moments.moments import Moments
    >>> rows = np.array([[1, 0], [3, 0], [7, 9]], np.uint8), np.array(["a", "a", "b"])
    >>> within_class_scatter(Moments.empty("encoder", 2).learn([rows]))
    array([[2., 0.],
           [0., 0.]])
    """
    seen = moments.counts > 0
    cross = moments.cross[part][:, seen].astype(np.float64)
    scatter = mirrored_upper(moments.products)[part][:, part]
    scatter -= (cross / moments.counts[seen]) @ cross.T
    return scatter

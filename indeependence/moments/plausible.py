"""What sums of real examples must satisfy, so that impossible sums are noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg.lapack import dpotrf

from indeependence.errors import InputError
from indeependence.exact import LARGEST, TOP
from indeependence.moments.scatter import within_class_scatter

if TYPE_CHECKING:
    from indeependence.moments.moments import Moments

ROUNDING = 8.0  # times units, precision and trace: more than forming and factoring the scatter can be off by


def check_possible(rest: Moments) -> None:
    """Raise `InputError` if ``rest`` cannot be what is left after removing examples that had been learned.

    Three things reveal a wrong removal: more examples of a class than there were, sums outside the limits of whole
    codes 0..255, and a scatter within the classes that is not positive semi-definite, as every real one is.
    """
    for label, n in zip(rest.labels, rest.counts, strict=True):
        if n < 0:
            raise InputError(
                f"cannot remove more examples of class {label!r} than were learned ({-n} too many): "
                "inspect shows how many there are"
            )
    if not (within_limits(rest) and is_positive_semidefinite(rest)):
        raise InputError(
            "cannot remove examples that were never learned: the sums would become impossible; "
            "give the data and labels that were learned"
        )


def within_limits(moments: Moments) -> bool:
    """Return whether the sums satisfy what holds for whole codes of 0..255: ``h <= h² <= 255 h``, ``0 <= h_i h_j``."""
    if moments.dropped < 0 or (moments.counts < 0).any() or (moments.counts > LARGEST).any():
        return False
    if sum(moments.counts.tolist()) + moments.dropped > LARGEST:
        return False
    squares = moments.squares
    return bool(
        (moments.products >= 0).all()
        and (moments.cross >= 0).all()
        and (moments.cross <= TOP * moments.counts).all()
        and (moments.code_sum <= squares).all()
        and (squares <= TOP * moments.code_sum + TOP**2 * moments.dropped).all()
    )


def within_lengths(moments: Moments) -> bool:
    """Return whether no sum is larger than the lengths of its units allow, up to the rounding of float64.

    By Cauchy and Schwarz ``Σ h_i h_j`` is at most the root of ``Σ h_i² Σ h_j²``, and the squares of the classes' sums
    over their counts are at most ``Σ h_i²``. That needs no factor, so it costs no more than reading the products.
    """
    squares = moments.squares.astype(np.float64)
    seen = moments.counts > 0
    slack = ROUNDING * (moments.units + int(seen.sum())) * np.finfo(np.float64).eps * squares.sum()
    cross = moments.cross[:, seen].astype(np.float64)
    if moments.cross[:, ~seen].any() or (np.square(cross) @ (1 / moments.counts[seen]) > squares + slack).any():
        return False
    lengths = np.split(np.sqrt(squares + slack), moments.members)
    others = (own[i:] for own in lengths for i in range(len(own)))
    return all((row <= most[0] * most).all() for row, most in zip(moments.triangle(), others, strict=True))


def is_positive_semidefinite(moments: Moments) -> bool:
    """Return whether the scatter within classes has no eigenvalue below 0, up to the rounding of float64.

    Decided by whether its Cholesky factor exists.
    """
    if moments.members > 1:
        return all(map(is_positive_semidefinite, moments.each))
    trace = float(moments.products.diagonal().sum())
    if not trace:
        return not moments.products.any()
    scatter = within_class_scatter(moments)
    size = moments.units + int((moments.counts > 0).sum())
    scatter[np.diag_indices(moments.units)] += ROUNDING * size * np.finfo(np.float64).eps * trace
    _, failed = dpotrf(scatter.T, lower=1, overwrite_a=1)
    return not failed

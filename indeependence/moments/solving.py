"""From sums to a readout: which one, and with which penalty."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from indeependence.moments.balanced import balanced
from indeependence.moments.centred import Centred, centre
from indeependence.moments.discriminant import discriminant
from indeependence.moments.moments import Moments
from indeependence.moments.penalty import usable_penalty
from indeependence.moments.ridge import STEP, best_penalty, least_ridge
from indeependence.moments.weights import Weights, averaged

# What becomes of ridge weights.
MADE: dict[str, Callable[[Centred, Weights], Weights]] = {
    "lda": discriminant,
    "ridge": lambda centred, ridge: ridge,
    "balanced": balanced,
}
READOUTS = tuple(MADE)


def solved(moments: Moments, penalty: float | str, readout: str = "lda") -> Weights:
    """Return the ``readout`` of sums, with that ``penalty``; for "auto", with one from cross-validation.

    Cross-validation finds the penalty of least squared error, for ridge. The discriminant takes a quarter of it: what
    shrinks scores towards their mean lowers the squared error of all, but does not change which is the largest.

    A number too small for the sums to have a solution is increased, with a warning. Of several members each has a
    readout and a penalty of its own; what is returned is their average.
    """
    penalty = usable_penalty(penalty)
    return averaged([_solved(one, penalty, readout) for one in moments.each])


def _solved(moments: Moments, penalty: float | str, readout: str) -> Weights:
    centred = centre(moments)
    weights = (
        least_ridge(centred, chosen_penalty(centred, readout)) if isinstance(penalty, str) else _given(centred, penalty)
    )
    return MADE[readout](centred, weights)


def chosen_penalty(centred: Centred, readout: str) -> float:
    """Return the penalty that ``readout`` takes where none is given."""
    best = best_penalty(centred)
    return best / STEP if readout == "lda" else best


def _given(centred: Centred, penalty: float) -> Weights:
    weights = least_ridge(centred, penalty)
    if weights.penalty > penalty:
        message = f"penalty raised from {penalty} to {weights.penalty:.3g}: below, the sums have no solution"
        warnings.warn(message, RuntimeWarning, stacklevel=6)
    return weights

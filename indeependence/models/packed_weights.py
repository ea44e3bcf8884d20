"""Weights as plain values and arrays of a file, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.ridge import Weights

FIGURES = ("penalty", "effective_units", "expected_error", "criterion")  # in addition to labels and arrays


def pack_weights(weights: Weights) -> tuple[dict[str, float | None], dict[str, np.ndarray]]:
    """Return the figures of ``weights`` as JSON values, None for infinity, and their arrays.

    Coefficients are float32, as `Weights.scores` multiplies them. Labels are left to the caller's header.
    """
    figures = {name: _finite(getattr(weights, name)) for name in FIGURES}
    return figures, {"coefficients": weights.coefficients.astype(np.float32), "intercept": weights.intercept}


def unpack_weights(labels: list, figures: dict[str, Any], arrays: dict[str, np.ndarray], *, units: int) -> Weights:
    """Return the weights of ``units`` code units that `pack_weights` took apart.

    Raise `InputError` if the arrays have another shape or are not finite, or if a label is neither a whole number nor
    a name.
    """
    coefficients, intercept = arrays["coefficients"], arrays["intercept"]
    if coefficients.shape != (units, len(labels)) or intercept.shape != (len(labels),):
        raise InputError(f"damaged model: expected weights of {units} code units and {len(labels)} classes")
    kinds = coefficients.dtype.kind + intercept.dtype.kind
    if not labels or kinds != "ff" or not (np.isfinite(coefficients).all() and np.isfinite(intercept).all()):
        raise InputError("damaged model: expected finite weights")
    if not all(isinstance(label, int | str) for label in labels):
        raise InputError("damaged model: expected labels that are whole numbers or names")
    numbers = (np.inf if figures[name] is None else float(figures[name]) for name in FIGURES)
    return Weights(tuple(labels), coefficients, intercept, *numbers)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

"""Weights as plain values and arrays of a file, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.files.schema import are_labels, expect, floats, is_number
from indeependence.moments.weights import Weights

LARGEST = 1e30  # of a weight: scores of any code are then finite
FIGURES = ("penalty", "effective_units", "expected_error", "criterion")  # in addition to labels and arrays


def pack_weights(weights: Weights) -> tuple[dict[str, float | None], dict[str, np.ndarray]]:
    """Return the figures of ``weights`` as JSON values, None for infinity, and their arrays.

    Coefficients are float32, as `Weights.scores` multiplies them. Labels are left to the caller's header.
    """
    figures = {name: _finite(getattr(weights, name)) for name in FIGURES}
    return figures, {"coefficients": weights.coefficients.astype(np.float32), "intercept": weights.intercept}


def unpack_weights(labels: list, figures: dict[str, Any], arrays: dict[str, np.ndarray], *, units: int) -> Weights:
    """Return the weights of ``units`` code units that `pack_weights` took apart.

    Raise `InputError` if the arrays have another shape or are not finite, if a label is neither a whole number nor a
    name, or if a figure is negative.
    """
    coefficients, intercept = arrays["coefficients"], arrays["intercept"]
    expect(are_labels(labels) and len(labels) > 0, "labels in order, each once")
    if coefficients.shape != (units, len(labels)) or intercept.shape != (len(labels),):
        raise InputError(f"damaged model: expected weights of {units} code units and {len(labels)} classes")
    most = {"least": -LARGEST, "most": LARGEST}
    sound = floats(coefficients, (units, len(labels)), **most) and floats(intercept, (len(labels),), **most)
    expect(sound, f"finite weights of at most {LARGEST:g}")
    numbers = [figures[name] for name in FIGURES]
    expect(all(number is None or is_number(number, 0, np.inf) for number in numbers), "figures of at least 0")
    return Weights(tuple(labels), coefficients, intercept, *(np.inf if one is None else float(one) for one in numbers))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

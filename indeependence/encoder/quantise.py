"""Inputs as whole numbers 0..255: pictures are already, and every other input is converted once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.encoder.spread import LARGEST, middle_and_spread
from indeependence.errors import InputError
from indeependence.exact import TOP

WILD = (50.0, 4.0)  # spreads from the middle to the furthest limits of pictures and of vectors


def check_shape(inputs: np.ndarray, shape: tuple[int, ...]) -> None:
    """Raise `InputError` unless every one of ``inputs`` has the ``shape`` of those at first."""
    if inputs.shape[1:] != shape:
        expected, got = ("x".join(map(str, one)) for one in (shape, inputs.shape[1:]))
        pictures = inputs.ndim > 2 and len(shape) > 1 and inputs.shape[1:3] != shape[:2]
        hint = ": resize them" if pictures else ""  # files were resized when they were read
        raise InputError(f"expected inputs of shape {expected}, as at first, got {got}{hint}")


@dataclass(frozen=True, eq=False)
class Quantiser:
    """Limits, fixed at bootstrap, between which inputs are cut into 256 equal steps; ``None`` for 8-bit inputs.

    Values outside the limits are clipped: the limits come from the first task and must not move afterwards.
    """

    low: np.ndarray | None  # [D] or scalar, float64
    high: np.ndarray | None

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Return inputs of any shape as uint8 of the same shape; NaN is a missing value, and gets the middle.

        Raise `InputError` for infinite values, and unless 8-bit inputs stay so.

        >>> Quantiser(np.array(0.0), np.array(2.0))(np.array([[-1.0, 0.0, 1.0, 2.0]]))
        array([[  0,   0, 127, 255]], dtype=uint8)
        """
        if self.low is None or self.high is None:
            if inputs.dtype != np.uint8:
                raise InputError(
                    f"expected 8-bit inputs (uint8), as at bootstrap, got {inputs.dtype}: convert them to 0..255"
                )
            return inputs
        values = np.asarray(inputs, np.float64)
        if np.isinf(values).any():
            raise InputError("expected finite inputs, got infinite values: remove or fill them first")
        with np.errstate(over="ignore"):  # what is infinitely many steps away is cut to the last one
            steps = (values - self.low) / (self.high - self.low) * TOP
        steps = np.where(np.isnan(values), TOP / 2, steps)
        return np.clip(np.floor(steps), 0, TOP).astype(np.uint8)


def as_bytes(values: np.ndarray) -> np.ndarray:
    """Return values of 0..1, clipped, as the nearest bytes of 0..255; bytes stay as they are.

    >>> as_bytes(np.array([[0.0, 0.5, 2.0]]))
    array([[  0, 128, 255]], dtype=uint8)
    """
    if values.dtype == np.uint8:
        return values
    return np.round(np.clip(np.asarray(values, np.float64), 0, 1) * TOP).astype(np.uint8)


def fit_quantiser(sample: np.ndarray) -> Quantiser:
    """Return limits from a sample of the first task: none for uint8, per column for vectors, one pair for pictures.

    Vectors get a margin of a quarter of their range on both sides, since later tasks reach further than the
    first; a column that is constant in the sample gets the widest range of all columns. A few wild values do not
    stretch the limits: these end `WILD` spreads from the middle. NaN is passed over; raise `InputError` for infinite
    values.
    """
    if sample.dtype == np.uint8:
        return Quantiser(None, None)
    values = np.asarray(sample, np.float64)
    if np.isinf(values).any():
        raise InputError("expected finite inputs, got infinite values: remove or fill them first")
    columns = values if values.ndim == 2 else values.reshape(-1, 1)
    middle, spread = middle_and_spread(columns)
    known = np.where(np.isnan(columns), middle, columns)
    reach = WILD[values.ndim == 2] * np.minimum(spread, LARGEST)
    low, high = np.maximum(known.min(0), middle - reach), np.minimum(known.max(0), middle + reach)
    if values.ndim > 2:
        low, high = low[0], high[0]
    span = high - low
    span = np.where(span > 0, span, span.max() if span.max() > 0 else 1.0)
    margin = span / 4 if values.ndim == 2 else 0.0
    return Quantiser(np.asarray(low - margin), np.asarray(low + span + margin))

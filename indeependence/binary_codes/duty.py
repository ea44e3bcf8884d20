"""Duty cycles: the share of rows in which each unit wins, as a running mean, and how even these shares are."""

from __future__ import annotations

import numpy as np


def record(duty, seen, active, period: int) -> None:
    """Update the Keras variables ``duty [n]`` and ``seen []`` with the ``active`` units of new rows, bool ``[…, n]``.

    ``duty`` is a plain mean over the first ``period`` rows, after that an exponential one. The new rows weigh more than
    0 and at most 1: a weight above 1, as in ``duty·(period - rows)/period`` for a batch larger than its period, would
    make the mean diverge.
    """
    from keras import ops

    active = ops.reshape(ops.cast(active, duty.dtype), (-1, duty.shape[0]))
    rows = ops.cast(ops.shape(active)[0], duty.dtype)
    total = ops.maximum(rows, ops.minimum(seen + rows, float(period)))
    share = rows / ops.maximum(total, 1.0)  # 0 for an empty batch
    mean = ops.sum(active, 0) / ops.maximum(rows, 1.0)
    duty.assign(duty + share * (mean - duty))
    seen.assign(ops.minimum(seen + rows, float(period)))


def duty_of(bits: np.ndarray) -> np.ndarray:
    """Return the share ``[U]`` of rows ``[N, U]`` in which each unit is active.

    >>> duty_of(np.array([[1, 0], [1, 1]]))
    array([1. , 0.5])
    """
    return (bits != 0).mean(0)


def duty_entropy(duty: np.ndarray) -> float:
    """Return the entropy in bits of independent units with these duties ``[U]``: ``Σ -p log2 p - (1-p) log2 (1-p)``.

    It is an upper bound on what the codes can carry; dead units and units that are always on add nothing.

    >>> duty_entropy(np.array([0.5, 0.5, 0.0, 1.0])), duty_entropy(np.array([1.0]))
    (2.0, 0.0)
    """
    shares = np.stack([duty, 1 - np.asarray(duty, float)])
    return float(np.sum(shares * np.abs(np.log2(shares, out=np.zeros_like(shares), where=shares > 0))))


def evenness(bits: np.ndarray) -> dict[str, float]:
    """Return how evenly the units of ``bits [N, U]`` are active: their entropy and the largest that so many can have.

    >>> evenness(np.array([[1, 0, 0], [0, 1, 0]]))["units_never_active"]
    1
    """
    duty, active = duty_of(bits), np.count_nonzero(bits) / len(bits)
    return {
        "units_never_active": int((duty == 0).sum()),
        "duty_entropy_bits": duty_entropy(duty),
        "largest_entropy_bits": largest_entropy(len(duty), active),
    }


def largest_entropy(units: int, active: float) -> float:
    """Return the largest `duty_entropy` of codes of ``units`` bits with ``active`` set on average: all equally often.

    >>> round(largest_entropy(512, 26), 1)
    148.3
    """
    return duty_entropy(np.full(units, active / units))

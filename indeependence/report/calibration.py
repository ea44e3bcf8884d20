"""How far probabilities can be believed: reliability in steps, and the expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEPS = 10  # of probability


@dataclass(frozen=True)
class Step:
    """The answers whose probability lies in one step; both figures are shares."""

    above: float  # the least probability, not included except in the first step
    examples: int
    probability: float  # mean of the answers
    accuracy: float


def reliability(probabilities: np.ndarray, right: np.ndarray) -> tuple[Step, ...]:
    """Return the answers by steps of a tenth of their probability ``[N]``, lowest first; empty steps are left out.

    ``right``: bool [N].

    >>> steps = reliability(np.array([0.95, 1.0, 0.5]), np.array([True, False, True]))
    >>> [(step.above, step.examples, step.accuracy) for step in steps]
    [(0.4, 1, 1.0), (0.9, 2, 0.5)]
    """
    places = np.clip(np.ceil(probabilities * STEPS).astype(int) - 1, 0, STEPS - 1)
    found = []
    for place in np.unique(places).tolist():
        rows = places == place
        figures = float(probabilities[rows].mean()), float(right[rows].mean())
        found.append(Step(place / STEPS, int(rows.sum()), *figures))
    return tuple(found)


def calibration_error(steps: tuple[Step, ...]) -> float | None:
    """Return the expected calibration error: mean gap between probability and accuracy; None for no answers.

    Source: Guo et al., "On calibration of modern neural networks", 2017, section 2.

    >>> calibration_error((Step(0.9, 2, 0.95, 0.5), Step(0.4, 2, 0.5, 0.5)))
    0.225
    """
    total = sum(step.examples for step in steps)
    return sum(step.examples * abs(step.probability - step.accuracy) for step in steps) / total if total else None

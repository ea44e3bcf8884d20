"""Several runs with different seeds in one object: mean, deviation, and every single value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indeependence.report.result import Result


def several_seeds(results: Sequence[Result]) -> dict[str, Any]:
    """Mean and standard deviation (N - 1) of accuracy and forgetting over runs, and each run's own JSON form."""
    figures: dict[str, Any] = {}
    for name in ("average_accuracy", "forgetting"):
        values = np.array([getattr(result, name) for result in results])
        figures[name] = float(values.mean())
        figures[f"{name}_std"] = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return {**figures, "seeds": [result.seed for result in results], "runs": [result.to_json() for result in results]}

"""Facts about a regressor, as plain JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.files.container import REGRESSOR
from indeependence.models.classifier.facts import kept_in, made_of
from indeependence.moments.numbers import joined

if TYPE_CHECKING:
    from indeependence.models.regressor.regressor import ContinualRegressor


def regressor_facts(model: ContinualRegressor) -> dict[str, Any]:
    """Return fingerprints, encoder, targets with their steps, means and deviations, counts, and sizes in bytes."""
    return {
        "kind": REGRESSOR,
        **made_of(model),
        "examples": model.encoder_.examples(model.moments_.count),
        "targets": _targets(model),
        **kept_in(model),
    }


def _targets(model: ContinualRegressor) -> list[dict[str, Any]]:
    """Return name, step, mean, standard deviation and rounding of each target; no mean where nothing was learned."""
    scale, found = model.scale_, joined(model.moments_, model.encoder_.units)
    means = scale.values(found.target_mean + np.array(scale.lowest, np.float64))
    rows = zip(scale.names, scale.steps, means, found.spread, model.rounding_, strict=True)
    return [
        {
            "target": name,
            "step": step,
            "mean": float(mean) if found.count else None,
            "deviation": float(spread * step) if found.count else None,
            "rounded_by": float(rounding),
        }
        for name, step, mean, spread, rounding in rows
    ]

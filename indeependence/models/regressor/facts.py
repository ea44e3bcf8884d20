"""Facts about a regressor, as plain JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence.models.classifier.facts import front_facts
from indeependence.moments.numbers import joined

if TYPE_CHECKING:
    from indeependence.models.regressor.regressor import ContinualRegressor

KIND = "regressor"


def regressor_facts(model: ContinualRegressor) -> dict[str, Any]:
    """Return fingerprints, encoder, targets with their steps, means and deviations, counts, and sizes in bytes."""
    encoder, sums, ledger = model.encoder_, model.moments_, model.ledger_
    tasks = {str(task): encoder.examples(part.count) for task, part in ledger.parts.items()}
    return {
        "kind": KIND,
        "model_sha256": sums.fingerprint,
        "encoder_sha256": encoder.fingerprint,
        **front_facts(encoder),
        "layers": encoder.layers_text,
        "input_shape": list(encoder.shape),
        "code_units": encoder.units,
        "examples": encoder.examples(sums.count),
        "targets": _targets(model),
        "stored_examples": model.stored_examples,
        "statistics_bytes": sums.nbytes,
        "ledger": ledger.kind,
        "tasks": tasks if ledger.kind == "task" else None,
        "ledger_bytes": sum(part.nbytes for part in ledger.parts.values()),
        **({"models_inside": len(model.merged_.models)} if model.merged_.models else {}),
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

"""Facts about a classifier, as plain JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indeependence.encoder.fronts.preparation import PLAIN

if TYPE_CHECKING:
    from indeependence.encoder.encoder import Encoder
    from indeependence.models.classifier.classifier import ContinualClassifier
    from indeependence.models.summed import KeptInSums


def classifier_facts(model: ContinualClassifier) -> dict[str, Any]:
    """Return fingerprints, encoder, classes, counts and sizes in bytes of a model with one set of sums."""
    encoder, sums = model.encoder_, model.moments_
    return {
        **made_of(model),
        **({"members": encoder.members} if encoder.members > 1 else {}),
        "examples": encoder.examples(sums.count),
        "copies_of_each": encoder.copies if encoder.copies > 1 else None,
        "classes": [
            {"class": label, "examples": encoder.examples(int(count))}
            for label, count in zip(sums.labels, sums.counts, strict=True)
        ],
        "dropped_examples": encoder.examples(sums.dropped) or None,
        **kept_in(model),
    }


def made_of(model: KeptInSums) -> dict[str, Any]:
    """Return the fingerprints of a model and its encoder, and what that encoder is."""
    encoder = model.encoder_
    return {
        "model_sha256": model.moments_.fingerprint,
        "encoder_sha256": encoder.fingerprint,
        **front_facts(encoder),
        "layers": encoder.layers_text,
        "input_shape": list(encoder.shape),
        "code_units": encoder.units,
    }


def kept_in(model: KeptInSums) -> dict[str, Any]:
    """Return the sizes of a model's sums, and how many examples each task in its ledger has."""
    ledger = model.ledger_
    tasks = {str(task): model.encoder_.examples(part.count) for task, part in ledger.parts.items()}
    return {
        "stored_examples": model.stored_examples,
        "statistics_bytes": model.moments_.nbytes,
        "ledger": ledger.kind,
        "tasks": tasks if ledger.kind == "task" else None,
        "ledger_bytes": sum(part.nbytes for part in ledger.parts.values()),
        **({"models_inside": len(model.merged_.models)} if model.merged_.models else {}),
    }


def front_facts(encoder: Encoder) -> dict[str, str]:
    """Return name, fingerprint and scale of the network in front of the layers; an empty dict if there is none."""
    front = encoder.front
    if front is None:
        return {}
    from indeependence.encoder.fronts.double_precision import is_double

    kind = front.network.kind
    more = {} if front.scale == PLAIN else {"encoder_scale": front.scale}
    more |= {f"{kind}_encoder_precision": "double"} if is_double(front.network) else {}
    return {f"{kind}_encoder": front.name, f"{kind}_encoder_sha256": front.network.fingerprint, **more}

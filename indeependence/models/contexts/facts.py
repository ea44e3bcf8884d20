"""Facts about a model with contexts, as plain JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indeependence.models.contexts.classifier import ContextualClassifier
    from indeependence.models.contexts.context import Context


def contexts_facts(model: ContextualClassifier) -> dict[str, Any]:
    """Return fingerprints, counts and sizes in bytes, of the whole model and of each context."""
    encoder, contexts = model.encoder_, model.moments_
    return {
        "kind": "contexts",
        "model_sha256": contexts.fingerprint,
        "encoder_sha256": encoder.fingerprint,
        "layers": encoder.layers_text,
        "input_shape": list(encoder.shape),
        "code_units": encoder.units,
        "examples": contexts.count,
        "told_apart_by": model.contexts,
        "contexts": [_of_context(number, part) for number, part in enumerate(contexts.parts, 1)],
        "stored_examples": model.stored_examples,
        "statistics_bytes": contexts.nbytes,
    }


def _of_context(number: int, part: Context) -> dict[str, Any]:
    return {
        "context": number,
        "open": part.is_open,
        "examples": part.inputs.count,
        "labels": list(part.labels),
        "bytes": part.nbytes,
        "sha256": part.fingerprint,
    }

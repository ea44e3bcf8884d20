"""Facts about a model of several labels, as plain JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indeependence.files.container import MULTILABEL
from indeependence.models.classifier.facts import kept_in, made_of

if TYPE_CHECKING:
    from indeependence.models.multilabel.classifier import ContinualMultiLabelClassifier


def multilabel_facts(model: ContinualMultiLabelClassifier) -> dict[str, Any]:
    """Return fingerprints, encoder, labels with how many examples have them, counts, and sizes in bytes."""
    sums, units = model.moments_, model.encoder_.units
    return {
        "kind": MULTILABEL,
        **made_of(model),
        "examples": model.encoder_.examples(sums.count),
        "labels": [
            {"label": name, "examples": model.encoder_.examples(int(count))}
            for name, count in zip(model.scale_.names, sums.code_sum[units:], strict=True)
        ],
        **kept_in(model),
    }

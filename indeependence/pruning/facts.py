"""What the sums say of code units and classes: which units work for which class, and how alike classes are."""

from __future__ import annotations

from typing import Any

import numpy as np

from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.pruning.saliency import activated_values
from indeependence.pruning.similarity import similarity
from indeependence.pruning.surgery import class_saliency


def saliency_facts(model: ContinualClassifier, *, top: int) -> dict[str, Any]:
    """Return the ``top`` units of each class and the cosines of codes within and between classes, as JSON values.

    Cosines are None after a class was removed by its column alone: its products are then still in the sums.
    """
    weights, moments = model.weights, model.moments_
    entries = []
    for label in weights.labels:
        order = np.argsort(-class_saliency(weights, moments, label), kind="stable")[:top]
        value = float(activated_values(weights, moments, label).mean())
        entries.append({"label": label, "mean_activated_value": value, "units": order.tolist()})
    plain, centred = (None if moments.dropped else similarity(moments, centred=about) for about in (False, True))
    return {
        "classes": entries,
        "cosine_within": plain and plain.within,
        "cosine_between": plain and plain.between,
        "centred_cosine_within": centred and centred.within,
        "centred_cosine_between": centred and centred.between,
    }

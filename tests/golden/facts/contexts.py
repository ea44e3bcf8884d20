"""What is pinned of a model with contexts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from indeependence import ContextualClassifier, InputError

from .. import library
from ..given import ASKED, BRIGHT, DARK, LATER, Given
from ..running import sha256


def sums(path: Path, given: Given, folder: Path) -> Any:
    """Return the fingerprints of all contexts."""
    return library.context_sums(ContextualClassifier.load(path))


def codes(path: Path, given: Given, folder: Path) -> Any:
    """Return the codes of fixed inputs by each context's encoder."""
    return list(map(sha256, library.context_codes(ContextualClassifier.load(path), both(given))))


def likelihoods(path: Path, given: Given, folder: Path) -> Any:
    """Return how likely fixed inputs of both kinds are under each context."""
    return library.context_likelihoods(ContextualClassifier.load(path), both(given)).tolist()


def answers(path: Path, given: Given, folder: Path) -> Any:
    """Return context, label and probabilities of fixed inputs of both kinds."""
    model, inputs = ContextualClassifier.load(path), both(given)
    found = {"contexts": model.context_of(inputs).tolist(), "labels": model.predict(inputs).tolist()}
    return {**found, "probabilities": model.predict_proba(inputs).tolist()}


def learned(path: Path, given: Given, folder: Path) -> Any:
    """Return the fingerprints after more examples of both kinds, and of a third one; closed contexts refuse them."""
    model = ContextualClassifier.load(path)
    found: list[Any] = []
    for task, first in enumerate((LATER, BRIGHT + LATER, DARK), start=1):
        try:
            model.learn([given.examples(40, first, classes=4)], task=task if model.contexts == "task" else None)
            found.append(library.context_sums(model))
        except InputError:
            found.append("refused")
    return found


def both(given: Given) -> np.ndarray:
    """Return six inputs of the kind that was learned first and four of the other one."""
    return np.concatenate([given.examples(6, ASKED)[0], given.examples(4, BRIGHT + ASKED)[0]])

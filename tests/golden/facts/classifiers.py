"""What is pinned of a classifier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from indeependence import ContinualClassifier

from .. import library
from ..given import ASKED, LATER, LEARNED, Given
from ..running import sha256


def sums(path: Path, given: Given, folder: Path) -> Any:
    """Return the sums as they are in the file."""
    return library.sums(ContinualClassifier.load(path))


def codes(path: Path, given: Given, folder: Path) -> Any:
    """Return the codes of fixed inputs."""
    made = library.codes(ContinualClassifier.load(path), np.asarray(given.examples(8, ASKED)[0]))
    return [made.dtype.str, list(made.shape), int(made.sum(dtype=np.int64)), sha256(made)]


def answers(path: Path, given: Given, folder: Path) -> Any:
    """Return labels, scores and probabilities of fixed inputs, and the figures of the weights."""
    model, (inputs, _) = ContinualClassifier.load(path), given.examples(5, ASKED)
    told_apart = {"labels": model.predict(inputs).tolist(), "scores": model.decision_function(inputs).tolist()}
    return {**told_apart, "probabilities": model.predict_proba(inputs).tolist(), **library.readout(model)}


def learned(path: Path, given: Given, folder: Path) -> Any:
    """Return the sums after more examples, of a new class too; in the model's next task, and in its first."""
    model = ContinualClassifier.load(path).learn([given.examples(12, LATER, classes=4)])
    following = library.sums(model)
    return [following, library.sums(model.learn([given.examples(5, LATER + 12)], task=1))]


def merged(path: Path, given: Given, folder: Path) -> Any:
    """Return the sums with those of a second model that has learned more."""
    other = ContinualClassifier.load(path).learn([given.examples(7, LATER, classes=4)])
    return library.sums(ContinualClassifier.load(path).merge(other))


def forgotten(path: Path, given: Given, folder: Path) -> Any:
    """Return the sums without six examples, without a class, and without the second task where tasks are kept apart."""
    inputs, labels = given.examples(6, LEARNED)
    there = np.isin(labels, ContinualClassifier.load(path).classes_)
    task = 1 if library.sums(ContinualClassifier.load(path))["ledger"] == "task" else None
    found = {"examples": library.sums(ContinualClassifier.load(path).forget(inputs[there], labels[there], task=task))}
    found["class"] = library.sums(ContinualClassifier.load(path).forget_class(labels[2].item()))
    if task:
        found["task"] = library.sums(ContinualClassifier.load(path).forget_task(2))
    return found

"""A saved classifier without its least salient code units, and how accurate it still is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.data.selection import Source
from indeependence.errors import InputError
from indeependence.history.trail import Trail
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.pruning.remove import remove_units, unit_bases
from indeependence.pruning.saliency import most_salient, unit_saliency


@dataclass(frozen=True)
class Pruning:
    """Settings: how many code units are removed, which of them, and what to measure the result on."""

    fraction: float = 0.5
    by: str = "maav"  # one of `pruning.saliency.WAYS`
    whole: bool = False  # remove whole bases
    like: Path | None = None  # a model of the same encoder that decides
    seed: int = 0
    tests: Source | None = None
    audit: Path | None = None  # a log to note it in


@dataclass(frozen=True, eq=False)
class Pruned:
    """The pruned model, and what it was before."""

    model: ContinualClassifier
    units_before: int
    file_bytes_before: int
    accuracies: dict[str, float]  # before and after, on test examples; empty without any

    def changes(self) -> dict[str, Any]:
        """Return size and accuracy before pruning, and accuracy after it, in plain JSON values."""
        before = {"units_before": self.units_before, "file_bytes_before": self.file_bytes_before}
        return {**before, **self.accuracies}


def prune(path: Path, output: Path, pruning: Pruning, *, threads: int | None = None) -> Pruned:
    """Write the model in the file ``path`` without its least salient units to ``output``, whose lock the caller holds.

    Raises `InputError` if the model that decides has another encoder.
    """
    trail = Trail(output, pruning.audit)
    model = ContinualClassifier.load(path, n_jobs=threads)
    file_bytes = path.stat().st_size  # before `output`, which may be the same file, is written
    judge = ContinualClassifier.load(pruning.like) if pruning.like else model
    if judge.encoder_.fingerprint != model.encoder_.fingerprint:
        raise InputError(f"--like {pruning.like}: expected a model of the same encoder, got another one's")
    pruned = remove_units(model, _kept(judge, pruning))
    accuracies = _accuracies(model, pruned, pruning.tests) if pruning.tests else {}
    whole = {"pruned": path.name, "pruned_sha256": model.moments_.fingerprint}
    trail.replace("prune", pruned.facts, lambda: pruned.save(output), anew=True, **whole)
    return Pruned(pruned, model.encoder_.units, file_bytes, accuracies)


def _kept(judge: ContinualClassifier, pruning: Pruning) -> np.ndarray:
    """Return the mask ``[H]`` of the units that stay."""
    saliency = unit_saliency(judge.weights, judge.moments_, pruning.by, seed=pruning.seed)
    return most_salient(saliency, pruning.fraction, unit_bases(judge.encoder_) if pruning.whole else None)


def _accuracies(model: ContinualClassifier, pruned: ContinualClassifier, source: Source) -> dict[str, float]:
    """Return the accuracy of both on the test examples of the classes that they learned."""
    dataset = source.load(model.reading)
    rows = source.learned_tests(dataset, model.classes_)
    found = {"accuracy_before": model, "accuracy": pruned}
    return {name: float(one.score(dataset.x_test[rows], dataset.y_test[rows])) for name, one in found.items()}

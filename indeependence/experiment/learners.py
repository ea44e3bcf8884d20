"""The model that an evaluation trains: a new one of some kind, or one from a file that keeps only its encoder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from indeependence.data.scenarios import Scenario
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.models.conceptors.learner import ConceptorPerceptron
from indeependence.models.learner import Illustrated
from indeependence.models.making import Making
from indeependence.moments.moments import sorted_labels


@dataclass(frozen=True)
class LearnerSettings:
    """Settings of a learner. Of its ``making``, every kind uses the batch size, seed and threads.

    >>> from indeependence.data.datasets import load_dataset
    >>> from indeependence.data.scenarios import split_tasks
    >>> learner = LearnerSettings(Making(seed=3), kind="conceptor").make(split_tasks(load_dataset("digits")))
    >>> learner.labels, learner.random_state
    ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)
    """

    making: Making
    kind: str = "classifier"  # or "autoencoder", "conceptor"
    load: Path | None = None  # the file whose encoder is used; of a classifier only
    coeff: float | None = None  # of an autoencoder's moving averages; None for sums

    def make(self, scenario: Scenario) -> Illustrated:
        """Return the learner; it knows the labels of ``scenario`` if its kind has to."""
        if self.load is not None:
            return self._loaded(self.load)
        if self.kind == "classifier":
            return self.making.new()
        making, parameters = self.making, self._parameters()
        labels = sorted_labels(label for part in scenario.train for label in part.classes.tolist())
        if self.kind == "conceptor":
            return ConceptorPerceptron(labels, **parameters)
        limit = making.bootstrap_limit
        return LabelledAutoencoder(labels, making.layers, coeff=self.coeff, bootstrap_limit=limit, **parameters)

    def seeded(self, seed: int) -> LearnerSettings:
        """Return the same settings with another seed."""
        return replace(self, making=replace(self.making, seed=seed))

    def _loaded(self, path: Path) -> ContinualClassifier:
        making = self.making
        asked = {"penalty": making.penalty, "readout": making.readout}
        asked = {name: value for name, value in asked.items() if value is not None}
        model = ContinualClassifier.load(path, **asked, **self._parameters())
        return making.checked(path, model)

    def _parameters(self) -> dict[str, Any]:
        making = self.making
        return {"batch_size": making.batch_size, "random_state": making.seed, "n_jobs": making.threads}

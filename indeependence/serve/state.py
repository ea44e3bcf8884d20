"""What a server holds: sums that never change once they are there, and the weights that were solved from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from indeependence.data.reading import Reading
from indeependence.encoder.encoder import Encoder
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.models.classifier.merged import Merged
from indeependence.models.learner import Predictor
from indeependence.moments.ledger import Ledger
from indeependence.moments.moments import Label
from indeependence.serve.journal import Change


@dataclass(frozen=True, eq=False)
class Held:
    """The sums of a model at one time, with all that a model's file has; ``version`` counts the changes so far."""

    encoder: Encoder
    ledger: Ledger
    reading: Reading
    merged: Merged
    options: Mapping[str, Any]  # the model's parameters
    version: int = 0

    @classmethod
    def of(cls, model: ContinualClassifier) -> Held:
        """Return what a model holds."""
        options = {name: value for name, value in model.get_params(deep=False).items() if name != "encoder"}
        return cls(model.encoder_, model.ledger_, model.reading, model.merged_, options)

    @property
    def sha256(self) -> str:
        """The fingerprint of the sums."""
        return self.ledger.total.fingerprint

    @property
    def counts(self) -> dict[Label, int]:
        """How many examples of each class were learned."""
        total = self.ledger.total
        counted = zip(total.labels, total.counts.tolist(), strict=True)
        return {label: self.encoder.examples(count) for label, count in counted if count}

    @property
    def examples(self) -> int:
        """How many examples were learned."""
        return self.encoder.examples(self.ledger.total.count)

    def model(self) -> ContinualClassifier:
        """Return a model of these sums."""
        model = ContinualClassifier(**self.options, encoder=self.encoder.front).start(self.encoder, self.ledger)
        model.reading = self.reading
        if self.ledger.total.count:
            model.merged_ = self.merged
        return model

    def empty(self) -> ContinualClassifier:
        """Return a model with the same encoder that has learned nothing."""
        return replace(self, ledger=Ledger(self.ledger.kind, self.ledger.nothing)).model()

    def next(self, ledger: Ledger, *, gone: bool = False) -> Held:
        """Return what is held once the sums are ``ledger``; with ``gone``, less than before."""
        merged = self.merged.without(frozenset()) if gone and self.merged.models else self.merged
        return replace(self, ledger=ledger, merged=merged, version=self.version + 1)

    def changed(self, change: Change) -> Held:
        """Return what is held after a change; raise `InputError` where the sums show that it is impossible."""
        labels = np.array([*change.labels, None], object)[:-1]
        sums = self.ledger.like.learn([(change.codes, labels)])
        if change.what == "learn":
            return self.next(self.ledger.joined(sums, task=change.task))
        return self.next(self.ledger.without(sums, task=change.task), gone=True)


@dataclass(frozen=True, eq=False)
class Answering:
    """What answers: a predictor, None where nothing was learned, and the fingerprint and version of its sums."""

    predictor: Predictor | None
    sha256: str
    version: int

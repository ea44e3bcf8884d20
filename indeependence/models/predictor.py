"""The prediction-only part of a classifier: encoder and weights, which cannot learn, merge or forget."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from indeependence.data.reading import Reading
from indeependence.encoder.encoder import Encoder
from indeependence.files.container import WEIGHTS
from indeependence.models.classifier.facts import front_facts
from indeependence.models.classifier.privacy import Privacy
from indeependence.models.readout import predict
from indeependence.moments.likeness import Likeness
from indeependence.moments.moments import Label
from indeependence.moments.weights import Weights


@dataclass(frozen=True, eq=False)
class Predictor:
    """Encoder and weights of a classifier: equal answers, without its sums.

    Attributes
    ----------
    encoder : from inputs ``[N, *shape]`` to codes.
    weights : from codes to scores of labels.
    privacy : the bound that the weights keep, if they were solved from noisy sums.
    reading : how files become inputs.
    likeness : how far inputs are from all that was learned; None where that is not known.

    Examples
    --------

    >>> from indeependence import ContinualClassifier
    >>> model = ContinualClassifier("3").fit(np.eye(4, dtype=np.uint8) * 255, ["a", "b", "a", "b"])
    >>> model.predictor.predict(np.eye(4, dtype=np.uint8)[:2] * 255)
    array(['a', 'b'], dtype='<U1')
    """

    encoder: Encoder
    weights: Weights
    privacy: Privacy | None = None
    reading: Reading = Reading()
    likeness: Likeness | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return self.encoder.shape

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes, in the order of the columns of `probabilities`."""
        return self.weights.labels

    def probabilities(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Return probabilities ``[N, C]`` in the order of `labels`, on ``jobs`` threads (all cores by default)."""
        return self.weights.probabilities(self.weights.scores(self.encoder(inputs, jobs=jobs)))

    def answers(self, inputs: np.ndarray, *, jobs: int | None = None) -> tuple[np.ndarray, np.ndarray | None]:
        """Return probabilities ``[N, C]``, and how far the inputs are from all that was learned ``[N]``, if known."""
        return self.answers_to(self.encoder(inputs, jobs=jobs))

    def answers_to(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Return what `answers` does, for inputs whose codes are there."""
        distances = None if self.likeness is None else self.likeness.distances(codes)
        return self.weights.probabilities(self.weights.scores(codes)), distances

    def predict(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Return the label ``[N]`` with the largest score for each input."""
        return predict(self.weights, self.encoder(inputs, jobs=jobs))

    def for_export(self) -> Predictor:
        """Return self: encoder and weights are all that other programs need."""
        return self

    @property
    def predictor(self) -> Predictor:
        """The predictor itself."""
        return self

    def facts(self) -> dict[str, Any]:
        """Return facts about encoder, weights and privacy, as plain JSON values."""
        encoder = self.encoder
        return {
            "kind": WEIGHTS,
            "weights_sha256": self.fingerprint,
            "encoder_sha256": encoder.fingerprint,
            **front_facts(encoder),
            "layers": encoder.layers_text,
            "input_shape": list(encoder.shape),
            "code_units": encoder.units,
            **({"members": encoder.members} if encoder.members > 1 else {}),
            "labels": list(self.labels),
            "temperature": self.weights.temperature,
            "epsilon": self.privacy.epsilon if self.privacy else None,
            "delta": self.privacy.delta if self.privacy else None,
            "stored_examples": 0,
            "statistics_bytes": 0,
        }

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that an answer depends on: encoder, labels, weights and temperature."""
        weights = self.weights
        about = [self.encoder.fingerprint, list(weights.labels), weights.temperature]
        digest = hashlib.sha256(json.dumps(about).encode())
        digest.update(weights.coefficients.astype("<f4").tobytes())  # as `Weights.scores` multiplies them
        digest.update(weights.intercept.astype("<f8").tobytes())
        return digest.hexdigest()

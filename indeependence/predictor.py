"""A classifier without its sums: encoder and weights, which answer but cannot learn, merge or forget."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.encoder.stack import Encoder, describe, restore
from indeependence.errors import InputError
from indeependence.model_file import WEIGHTS, damage_told, read_arrays, under, write_arrays
from indeependence.moments.accumulator import Label
from indeependence.moments.solvers import Weights
from indeependence.privacy import Privacy

SCALARS = ("penalty", "effective_units", "expected_error", "criterion")  # of `Weights`, beside its arrays


@dataclass(frozen=True, eq=False)
class Predictor:
    """Labels and probabilities of inputs ``[N, ...]``, equal to those of the classifier that it was taken from.

    >>> from indeependence import ContinualClassifier
    >>> model = ContinualClassifier("2").fit(np.eye(4, dtype=np.uint8) * 255, ["a", "b", "a", "b"])
    >>> model.predictor.predict(np.eye(4, dtype=np.uint8)[:2] * 255)
    array(['a', 'b'], dtype='<U1')
    """

    encoder: Encoder
    weights: Weights
    privacy: Privacy | None = None  # what the weights keep, if they were solved from noisy sums
    columns: tuple[str, ...] = ()  # names of the inputs' columns, where they have any

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes, in the order of the columns of `probabilities`."""
        return self.weights.labels

    def probabilities(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Probabilities ``[N, C]`` of the labels, on ``jobs`` threads (all cores by default)."""
        return self.weights.probabilities(self.weights.scores(self.encoder(inputs, jobs=jobs)))

    def predict(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Labels ``[N]`` of the largest score."""
        scores = self.weights.scores(self.encoder(inputs, jobs=jobs))
        return np.array(self.labels)[scores.argmax(1)]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that decides about an answer: encoder, labels, weights and temperature."""
        weights = self.weights
        told = [self.encoder.fingerprint, list(weights.labels), weights.temperature]
        digest = hashlib.sha256(json.dumps(told).encode())
        digest.update(weights.coefficients.astype("<f4").tobytes())  # as `Weights.scores` multiplies them
        digest.update(weights.intercept.astype("<f8").tobytes())
        return digest.hexdigest()


def write_predictor(path: str | Path, predictor: Predictor) -> None:
    """Writes ``predictor`` to ``path``, whole or not at all: no sums, no counts, no ledger."""
    encoder_header, encoder_arrays = describe(predictor.encoder)
    weights = predictor.weights
    header = {
        "encoder": encoder_header,
        "labels": list(weights.labels),
        **{name: getattr(weights, name) for name in SCALARS},
        "privacy": asdict(predictor.privacy) if predictor.privacy else None,
        "sha256": predictor.fingerprint,
        "columns": list(predictor.columns),
    }
    arrays = {f"encoder.{name}": array for name, array in encoder_arrays.items()}
    arrays |= {"coefficients": weights.coefficients.astype(np.float32), "intercept": weights.intercept}
    write_arrays(path, WEIGHTS, header, arrays)


def read_predictor(path: str | Path) -> Predictor:
    """The predictor in the file ``path``.

    Raises `InputError`, with what is wrong, as `model_file.read_model` does.
    """
    header, arrays = read_arrays(path, WEIGHTS)
    with damage_told(path):
        encoder = restore(header["encoder"], under("encoder.", arrays))
        privacy = Privacy(**header["privacy"]) if header.get("privacy") else None
        columns = tuple(map(str, header.get("columns", ())))
        predictor = Predictor(encoder, _restore_weights(header, arrays), privacy, columns)
        units, intact = predictor.encoder.units, predictor.fingerprint == header["sha256"]
        if len(predictor.weights.coefficients) != units:
            raise InputError(f"damaged model: expected weights of {units} code units")
    if not intact:
        raise InputError(f"{path}: damaged model, its weights do not have the fingerprint in its header")
    return predictor


def _restore_weights(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> Weights:
    coefficients, intercept = arrays["coefficients"], arrays["intercept"]
    labels = tuple(header["labels"])
    if coefficients.ndim != 2 or coefficients.shape[1:] != (len(labels),) or intercept.shape != (len(labels),):
        raise InputError(f"damaged model: expected weights of {len(labels)} classes")
    kinds = coefficients.dtype.kind + intercept.dtype.kind
    if not labels or kinds != "ff" or not (np.isfinite(coefficients).all() and np.isfinite(intercept).all()):
        raise InputError("damaged model: expected finite weights")
    if not all(isinstance(label, int | str) for label in labels):
        raise InputError("damaged model: expected labels that are whole numbers or names")
    return Weights(labels, coefficients, intercept, *(float(header[name]) for name in SCALARS))

"""The file of a classifier's weights alone: it answers, and cannot learn, merge or forget."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.encoder.description import describe
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.files.container import WEIGHTS, damage_told, read_arrays, under, write_arrays
from indeependence.models.classifier.privacy import Privacy
from indeependence.models.predictor import Predictor
from indeependence.moments.ridge import Weights

SCALARS = ("penalty", "effective_units", "expected_error", "criterion")  # of `Weights`, beside its arrays


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
        **({"columns": list(predictor.columns)} if predictor.columns else {}),
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

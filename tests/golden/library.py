"""The only place where these tests touch what may move: what they need beside public names and commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from indeependence import Autoencoder, ContextualClassifier, ContinualClassifier
from indeependence.binary_codes.centroids import expected_centroids
from indeependence.binary_codes.embedding import labelled_embedding, unlabelled_embedding
from indeependence.binary_codes.storage import read_sdr, write_sdr
from indeependence.encoder.fitting.grammar import default_layers, parse_layers
from indeependence.encoder.fitting.shading import shaded
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.measures import layer_measures
from indeependence.models.contexts.gaussian import log_likelihoods
from indeependence.models.weights_file import read_predictor, write_predictor
from indeependence.report.formatting import percent, points, readable_bytes, readable_seconds
from indeependence.sparse import WillshawMemory

__all__ = [
    "LabelledAutoencoder",
    "default_layers",
    "parse_layers",
    "read_predictor",
    "read_sdr",
    "shaded",
    "write_predictor",
    "write_sdr",
]


def read_memory(path: Path) -> WillshawMemory:
    """Return the memory in a file."""
    return WillshawMemory.load_file(path)


def codes(model: Any, inputs: np.ndarray) -> np.ndarray:
    """Return the codes ``[N, H]`` of inputs by the encoder of a classifier or of exported weights."""
    return (model.encoder_ if hasattr(model, "encoder_") else model.encoder)(inputs)


def context_codes(model: Any, inputs: np.ndarray) -> list[np.ndarray]:
    """Return the codes of inputs by the encoder of each context."""
    return [part.encoder(model.encoder_(inputs)) for part in model.moments_.parts]


def sums(model: Any) -> dict[str, Any]:
    """Return fingerprint and counts of a classifier's sums, and the fingerprints of the ledger's parts in order."""
    total, ledger = model.moments_, model.ledger_
    counts = dict(zip(map(str, total.labels), total.counts.tolist(), strict=True))
    parts = [[str(name), part.fingerprint] for name, part in ledger.parts.items()]
    told = {"sha256": total.fingerprint, "counts": counts, "dropped": total.dropped}
    return {**told, "classes": model.classes_.tolist(), "ledger": ledger.kind, "parts": parts}


def context_sums(model: Any) -> dict[str, Any]:
    """Return the fingerprint of all contexts, and of each."""
    contexts = model.moments_
    return {"sha256": contexts.fingerprint, "parts": [[p.inputs.count, p.fingerprint] for p in contexts.parts]}


def context_likelihoods(model: Any, inputs: np.ndarray) -> np.ndarray:
    """Return how likely inputs are under each context ``[N, T]``, as a logarithm."""
    return log_likelihoods([part.inputs for part in model.moments_.parts], model.encoder_(inputs))


def embeddings(model: Any) -> list[Any]:
    """Return the fingerprints of binary embeddings from a classifier's sums, and the centroids of one."""
    labelled = labelled_embedding(model.moments_, 24, 6, seed=1)
    unlabelled = unlabelled_embedding(model.moments_, 24, 6, seed=1)
    centroids = expected_centroids(labelled, model.moments_, seed=1)
    return [labelled.fingerprint, unlabelled.fingerprint, centroids.means.tolist()]


def for_people(count: float) -> list[str]:
    """Return a number as bytes, as seconds, as a share and as a difference of shares, for people."""
    return [readable_bytes(int(count)), readable_seconds(count / 100), percent(count / 1e6), points(-count / 1e6)]


def autoencoder_sums(model: Any) -> dict[str, Any]:
    """Return the fingerprints of an autoencoder's sums, of whole rows and of each layer's codes, and their drift."""
    deep = [part.fingerprint for part in model._sums.deep]
    return {"sha256": model.sums.fingerprint, "deep": deep, "drift": list(model.drift)}


def is_average(model: Any) -> bool:
    """Return whether an autoencoder keeps moving averages."""
    return not hasattr(model.sums, "labels")


def measures(model: Any, inputs: np.ndarray, targets: np.ndarray) -> list[dict[str, float]]:
    """Return how good each layer of an autoencoder is on some examples."""
    rows = np.hstack([inputs.reshape(len(inputs), -1), 255 * targets]).astype(np.uint8)
    return [vars(layer) for layer in layer_measures(model.tied, rows)]


def readout(model: Any) -> dict[str, float]:
    """Return the figures of a classifier's weights."""
    names = ("penalty", "effective_units", "expected_error", "criterion", "temperature")
    return {name: float(getattr(model.weights, name)) for name in names}


def _classifier(path: Path, again: Path) -> None:
    ContinualClassifier.load(path).save(again)


def _contexts(path: Path, again: Path) -> None:
    ContextualClassifier.load(path).save(again)


def _autoencoder(path: Path, again: Path) -> None:
    Autoencoder.load(path).save(again)


def _labelled(path: Path, again: Path) -> None:
    LabelledAutoencoder.load(path).save(again)


def _weights(path: Path, again: Path) -> None:
    write_predictor(again, read_predictor(path))


def _codes(path: Path, again: Path) -> None:
    write_sdr(again, read_sdr(path))


def _memory(path: Path, again: Path) -> None:
    read_memory(path).save(again)


# How a file of each kind is read and written again
SAVED_AGAIN = {
    **{"classifier": _classifier, "bootstrapped": _classifier, "contexts": _contexts, "autoencoder": _labelled},
    **{"autoencoder without labels": _autoencoder, "weights": _weights, "codes": _codes, "memory": _memory},
}

"""What is pinned of an autoencoder, which sees bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from indeependence import Autoencoder

from .. import library
from ..given import ASKED, LATER, Given
from ..running import sha256


def rows(given: Given, count: int, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs in bytes, and one-hot targets."""
    inputs, labels = Given(given.shape).examples(count, first)
    return inputs, np.eye(3)[labels]


def sums(path: Path, given: Given, folder: Path) -> Any:
    """Return the fingerprints of all sums, and their drift."""
    return library.autoencoder_sums(Autoencoder.load(path))


def codes(path: Path, given: Given, folder: Path) -> Any:
    """Return the top codes of fixed inputs, alone and with their targets."""
    model, (inputs, targets) = Autoencoder.load(path), rows(given, 8, ASKED)
    return [sha256(model.encode(inputs)), sha256(model.encode(inputs, targets))]


def inferred(path: Path, given: Given, folder: Path) -> Any:
    """Return targets of inputs, inputs of targets, both of half an input, drawn inputs, and more."""
    model, (inputs, targets) = Autoencoder.load(path), rows(given, 3, ASKED)
    known = np.arange(inputs[0].size).reshape(inputs.shape[1:]) % 2 == 0
    halves = model.infer(inputs, mask=known)
    return {
        "targets": model.infer(inputs).targets.tolist(),
        "inputs": model.infer(targets=targets).inputs.tolist(),
        "half": [halves.inputs.tolist(), halves.targets.tolist()],
        "unit": model.unit_pattern(1).tolist(),
        "denoised": model.denoise(inputs / 255, noise=0.1).tolist(),
        "decoded": [part.tolist() for part in model.decode(model.encode(inputs))],
    }


def closed(path: Path, given: Given, folder: Path) -> Any:
    """Return targets by least squares in turns with the mirror pattern, in float32."""
    found = Autoencoder.load(path).infer(rows(given, 3, ASKED)[0], method="closed")
    return [found.targets.tolist(), found.error.tolist()]


def drawn(path: Path, given: Given, folder: Path) -> Any:
    """Return inputs drawn for targets, by eigenvectors."""
    return Autoencoder.load(path).generate(np.eye(3), seed=1).tolist()


def measures(path: Path, given: Given, folder: Path) -> Any:
    """Return entropy, reconstruction error and residue of each layer."""
    return library.measures(Autoencoder.load(path), *rows(given, 20, ASKED))


def by_adam(path: Path, given: Given, folder: Path) -> Any:
    """Return the same by gradient steps."""
    found = Autoencoder.load(path).infer(rows(given, 3, ASKED)[0], method="adam", steps=10)
    return [found.targets.tolist(), found.error.tolist()]


def learned(path: Path, given: Given, folder: Path) -> Any:
    """Return the fingerprints of all sums with more examples; of a moving average, whose sums are rounded, targets."""
    model, more = Autoencoder.load(path), rows(given, 9, LATER)
    if library.is_average(model):
        return model.learn(*more, 0.05).infer(more[0]).targets.tolist()
    return library.autoencoder_sums(model.learn(*more))

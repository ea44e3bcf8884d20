"""What is pinned of exported weights, of binary codes and memories of them, and of any file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.sparse import SDR

from .. import library
from ..given import ASKED, Given
from ..running import labelled, sha256, told


def weights_codes(path: Path, given: Given, folder: Path) -> Any:
    """Return the codes of fixed inputs."""
    return sha256(library.codes(library.read_predictor(path), given.examples(8, ASKED)[0]))


def weights_answers(path: Path, given: Given, folder: Path) -> Any:
    """Return labels and probabilities of fixed inputs."""
    model, (inputs, _) = library.read_predictor(path), given.examples(5, ASKED)
    return {"labels": model.predict(inputs).tolist(), "probabilities": model.probabilities(inputs).tolist()}


def binary_codes(path: Path, given: Given, folder: Path) -> Any:
    """Return bits and labels, and how many bits the first codes share."""
    file = library.read_sdr(path)
    first, shape = SDR(file.codes.packed[:4], file.codes.units), file.codes.packed.shape
    shared = [[int((one & other).sum()) for other in first.bits] for one in first.bits]
    return {"packed": [list(shape), sha256(file.codes.packed)], "labels": file.labels.tolist(), "shared": shared}


def recalled(path: Path, given: Given, folder: Path) -> Any:
    """Return what a memory recalls of fixed cues, by all their bits and by the strongest sums, and after more codes."""
    memory = library.read_memory(path)
    cues = SDR.of(Given((memory.cues,)).examples(6, ASKED)[0] % 5 == 0)
    whole, strongest = memory.recall(cues), memory.recall(cues, active=4, steps=2)
    more = memory.learn(cues)
    parts = (memory.packed, whole.packed, strongest.packed, more.packed)
    return {"sums": memory.sums(cues).tolist(), "sha256": list(map(sha256, parts)), "load": [memory.load, more.load]}


def inspected(path: Path, given: Given, folder: Path) -> Any:
    """Return what ``inspect`` tells."""
    return told("inspect", path, folder=folder)


def told_labels(path: Path, given: Given, folder: Path) -> Any:
    """Return what ``infer`` tells of fixed inputs, the best two answers to each."""
    np.save(folder / "asked.npy", np.asarray(given.examples(3, ASKED)[0]))
    return labelled(told("infer", "--data", "asked.npy", "--model", path, "--top", 2, "--quiet", folder=folder))


def unchanged(path: Path, given: Given, folder: Path) -> Any:
    """Return the SHA-256 of the file: it is never changed."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

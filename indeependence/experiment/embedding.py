"""Binary codes of a data set: a model learns, an embedding follows from its sums, and every picture gets a code."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.binary_codes.centroids import Centroids, code_sums, counted_centroids, expected_centroids
from indeependence.binary_codes.duty import evenness
from indeependence.binary_codes.embedding import VARIATION, Embedding, labelled_embedding, unlabelled_embedding
from indeependence.binary_codes.reconstruction import counted_decoder, picture_rows
from indeependence.binary_codes.sdr import SDR, density
from indeependence.binary_codes.storage import SDRFile, write_sdr
from indeependence.data.datasets import Dataset
from indeependence.data.examples import Examples
from indeependence.data.reading import Reading
from indeependence.data.selection import Part, Source
from indeependence.encoder.encoder import check_one_member
from indeependence.errors import InputError, some
from indeependence.experiment.training import bootstrapped
from indeependence.experiment.watching import Watch, watched
from indeependence.files.lock import make_folder
from indeependence.machine import memory
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.models.making import Making
from indeependence.moments.moments import Moments
from indeependence.moments.regression import add_rows

PIECE = 1000  # pictures at a time, for a decoder


@dataclass(frozen=True)
class EmbeddingRun:
    """Settings of a run that gives pictures binary codes."""

    source: Source
    training: Part  # of the training examples: what a new model learns
    making: Making  # of a new model; its seed also draws the embedding
    model: Path | None = None  # a classifier's file; None: learn a new one
    units: int = 512  # bits of a code
    active: int = 26  # bits that are set
    unlabelled: bool = False  # labels do not affect the codes
    variation: float = VARIATION
    part: str = "all"  # which pictures get a code: train, test or all
    decoder: Path | None = None  # file for the way back, from codes to pictures

    def about(self) -> dict[str, Any]:
        """Return the settings that decide about the codes, in plain JSON values."""
        return {
            "data": self.source.data,
            "units": self.units,
            "active": self.active,
            "unlabelled": self.unlabelled,
            "variation": self.variation,
            "seed": self.making.seed,
            "model": None if self.model is None else str(self.model),
        }


@dataclass(frozen=True, eq=False)
class Embedded:
    """The written codes, and the share of test examples that the nearest centroid classifies correctly."""

    file: SDRFile
    nearest_centroid_accuracy: float | None  # None without test examples

    def facts(self) -> dict[str, Any]:
        """Return settings, density, duty and accuracy of the codes, in plain JSON values."""
        codes = self.file.codes
        return {
            **self.file.about,
            "codes": len(codes),
            "bytes_per_code": codes.packed.shape[1],
            "density": density(codes),
            **evenness(codes.bits),
            "nearest_centroid_accuracy": self.nearest_centroid_accuracy,
        }


def embed(run: EmbeddingRun, path: Path, *, watch: Watch) -> Embedded:
    """Write a binary code and a label for each picture to ``path``, and return them with their quality.

    Raises `InputError` if there are no pictures to embed, and if so many units do not fit into memory.
    """
    _check_memory(run.units)
    loaded = _loaded(run)
    dataset = run.source.load(loaded.reading if loaded else None)
    train = run.training.of(dataset)
    parts = {"train": train, "test": _tests_of(dataset, train)}
    written = [name for name in parts if run.part in (name, "all")]
    if not any(len(parts[name]) for name in written):
        raise InputError("expected pictures to embed, got none: --part names an empty part")
    if run.decoder and (train.x.dtype != np.uint8 or train.x.ndim < 3):
        raise InputError("--decoder: expected 8-bit pictures to draw, got a table or vectors: leave it out")
    for place in (path, run.decoder):
        if place:
            make_folder(place)  # before long work
    model = loaded or _learned(run.making, train, watch)
    _tell_unlearned(model, parts)
    embedding = _embedding(model, run)
    codes = {name: _codes(model, embedding, part, watch) for name, part in parts.items()}
    about = {**run.about(), **{f"{name}_examples": len(parts[name]) for name in written}}
    labels = np.concatenate([parts[name].labels for name in written])
    file = SDRFile(_joined([codes[name] for name in written], run.units), labels, about)
    write_sdr(path, file)
    if run.decoder:
        _write_decoder(run.decoder, codes["train"], train, watch)
    centroids = _centroids(model, embedding, codes["train"], train.labels, run)
    return Embedded(file, _accuracy(centroids, codes["test"], parts["test"].labels))


def _check_memory(units: int) -> None:
    """Raise `InputError` if covariances of so many units do not fit into this machine's memory."""
    needed, there = 3 * 8 * units**2, memory()  # one, its eigenvectors, and room to find them
    if there is not None and needed > there:
        raise InputError(
            f"--units: {units:,} of them need {needed / 2**30:,.1f} GB, this machine has {there / 2**30:.0f}: "
            "take fewer"
        )


def _tell_unlearned(model: ContinualClassifier, parts: Mapping[str, Examples]) -> None:
    """Warn of labels that the model never learned: no centroid stands for them."""
    learned = set(model.moments_.only(model.moments_.counts > 0).labels)
    found = np.unique(np.concatenate([part.labels for part in parts.values()])).tolist()
    unknown = [label for label in found if label not in learned]
    if unknown:
        told = f"the model never learned {some(list(map(str, unknown)))}: they get codes, and no centroid can be theirs"
        warnings.warn(told, UserWarning, stacklevel=2)


def _loaded(run: EmbeddingRun) -> ContinualClassifier | None:
    if run.model is None:
        return None
    making = run.making
    options = {"readout": "ridge", "n_jobs": making.threads, "batch_size": making.batch_size}
    return making.checked(run.model, ContinualClassifier.load(run.model, **options))


def _learned(making: Making, train: Examples, watch: Watch) -> ContinualClassifier:
    watch("bootstrapping the encoder", 0, 0)
    # The scores of ridge add up to one, so a pool of units gets as much from each class.
    model = bootstrapped(replace(making, readout="ridge"), train, Reading()).for_workers()
    check_one_member(model.encoder_)
    return model.learn(watched(train, model.batch_size, watch))


def _embedding(model: ContinualClassifier, run: EmbeddingRun) -> Embedding:
    size, seed = (run.units, run.active), run.making.seed
    if run.unlabelled:
        return unlabelled_embedding(model.moments_, *size, seed=seed)
    return labelled_embedding(model.moments_, *size, seed=seed, variation=run.variation, weights=model.weights)


def _tests_of(dataset: Dataset, train: Examples) -> Examples:
    """Return the test examples of the classes that are embedded."""
    return Examples("test", dataset.x_test, dataset.y_test, np.flatnonzero(np.isin(dataset.y_test, train.classes)))


def _codes(model: ContinualClassifier, embedding: Embedding, part: Examples, watch: Watch) -> SDR:
    batches = watched(part, model.batch_size, watch, what="embedding")
    return _joined([embedding(model.encoder_(inputs, jobs=model.n_jobs)) for inputs, _ in batches], embedding.units)


def _write_decoder(path: Path, codes: SDR, part: Examples, watch: Watch) -> None:
    """Write the decoder of least squared error on the training part, from sums of bits and pixels."""
    shape, start, sums = part.x.shape[1:], 0, Moments.empty("decoder", codes.units + int(np.prod(part.x.shape[1:])))
    for inputs, _ in watched(part, PIECE, watch, what="decoding"):
        sums = add_rows(sums, picture_rows(codes[start : start + len(inputs)], inputs))
        start += len(inputs)
    replace(counted_decoder(sums, codes.units), shape=shape).save(path)


def _joined(parts: Sequence[SDR], units: int) -> SDR:
    if not parts:
        return SDR.of(np.zeros((0, units)))
    return SDR(np.concatenate([part.packed for part in parts]), parts[0].units)


def _centroids(
    model: ContinualClassifier, embedding: Embedding, codes: SDR, labels: np.ndarray, run: EmbeddingRun
) -> Centroids:
    """Count the centroids of unlabelled codes; else return those expected for all that the model has learned."""
    if run.unlabelled:
        return counted_centroids(code_sums(embedding, codes, labels))
    return expected_centroids(embedding, model.moments_, seed=run.making.seed)


def _accuracy(centroids: Centroids, codes: SDR, labels: np.ndarray) -> float | None:
    return float(np.mean(centroids.nearest(codes) == labels)) if len(labels) else None

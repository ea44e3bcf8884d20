"""Labels for inputs, from a model's file; with an autoencoder also pictures that are completed or cleaned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import models
from indeependence.data.datasets import read_inputs
from indeependence.data.readers.picture_survey import Size
from indeependence.data.reading import Reading
from indeependence.experiment.answers import Watch
from indeependence.models.autoencoder.completion import Completed, cleaned, filled_in
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.learner import Predictor
from indeependence.models.making import check_encoder
from indeependence.moments.moments import Label
from indeependence.report.pictures.grid import write_grid

Answers = list[list[dict[str, Any]]]  # for each input its best labels, each with a number
COLUMNS = 16  # inputs shown in a grid


@dataclass(frozen=True)
class Inference:
    """Settings of an inference: where the inputs are, the model's file, and how many labels each input gets."""

    data: str
    model: Path
    limit: int | None = None  # inputs
    top: int = 1
    encoder: Path | None = None  # the Keras model that the model must have been bootstrapped with
    batch_size: int = 256
    threads: int | None = None
    size: Size | None = None  # of picture files, for a model that does not know it

    def inputs(self, reading: Reading) -> np.ndarray:
        """Return the inputs, as a model of this ``reading`` needs them."""
        return read_inputs(self.data, reading, size=self.size).x[: self.limit]

    def best(self, labels: Sequence[Label], values: np.ndarray, name: str) -> Answers:
        """Return the best labels of each input, by ``values [N, C]``, which are called ``name``."""
        order = np.argsort(-values, axis=1, kind="stable")[:, : self.top]
        rows = zip(values, order, strict=True)
        return [[{"label": labels[c], name: float(row[c])} for c in columns] for row, columns in rows]


@dataclass(frozen=True)
class Completion:
    """Settings of a completion: the half to hide, or else the noise to add, and where the grid goes."""

    mask: str | None = None  # "top", "bottom", "left" or "right"
    noise: float | None = None  # standard deviation; the values are 0..1
    seed: int = 0
    output: Path = Path("artifacts/inferred.png")

    def of(self, model: LabelledAutoencoder, inputs: np.ndarray) -> Completed:
        """Return what the model makes of the inputs."""
        if self.mask:
            return filled_in(model, inputs, self.mask)
        return cleaned(model, inputs, self.noise or 0, self.seed)


def infer(settings: Inference, *, watch: Watch = lambda what, done, total: None) -> Answers:
    """Return the best labels of each input, and their probabilities."""
    predictor = models.open(settings.model).predictor
    check_encoder(settings.model, predictor.encoder, settings.encoder)
    inputs = settings.inputs(predictor.reading)
    probabilities = np.concatenate(list(_probabilities(predictor, inputs, settings, watch)))
    return settings.best(predictor.labels, probabilities, "probability")


def complete(settings: Inference, completion: Completion) -> dict[str, Any]:
    """Write a grid with a row for each stage, and return the best labels, their scores and the squared errors."""
    model = LabelledAutoencoder.load(settings.model, n_jobs=settings.threads)
    found = completion.of(model, np.asarray(settings.inputs(model.reading)))
    columns = min(COLUMNS, len(found.original))
    stages = (found.original, found.given, found.result)
    write_grid(completion.output, np.vstack([stage[:columns] for stage in stages]), model.shape, columns)
    return {
        "answers": settings.best(found.labels, found.scores, "score"),
        "output": str(completion.output),
        "squared_error": found.squared_error,
        "squared_error_before": found.squared_error_before,
    }


def _probabilities(predictor: Predictor, inputs: np.ndarray, settings: Inference, watch: Watch) -> Iterator[np.ndarray]:
    """Give the probabilities of one batch after another; of no inputs, one empty batch."""
    grey_for_colour = len(predictor.shape) == 3 and inputs.ndim == 3
    for start in range(0, max(len(inputs), 1), settings.batch_size):
        batch = inputs[start : start + settings.batch_size]
        batch = np.repeat(np.asarray(batch)[..., None], 3, axis=-1) if grey_for_colour else batch
        yield predictor.probabilities(batch, jobs=settings.threads)
        watch("inferring", start + len(batch), len(inputs))

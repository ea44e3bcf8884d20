"""From a model's file to a file that predicts without the sums: the ending of its name says of which kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from indeependence import models
from indeependence.errors import InputError
from indeependence.export import files
from indeependence.files.lock import sole_writer_of
from indeependence.models.classifier.privacy import Noise, Privacy, private_weights
from indeependence.models.classifier.storage import read_model
from indeependence.models.predictor import Predictor
from indeependence.models.weights_file import write_predictor

ENDINGS = (".safetensors", ".keras", ".onnx", ".tf")  # or none, for a SavedModel


@dataclass(frozen=True)
class Export:
    """Settings: the model's file, the file to write, and the privacy that its weights are to keep."""

    model: Path
    output: Path
    privacy: Privacy | None = None


@dataclass(frozen=True, eq=False)
class Exported:
    """What was written, and the noise that its privacy took."""

    predictor: Predictor
    noise: Noise | None = None


def export(asked: Export) -> Exported:
    """Write encoder and weights of a model, without its sums, and return them.

    Raises `InputError` if the model's own file would be replaced or its name ends in something unknown.
    """
    if os.path.realpath(asked.output) == os.path.realpath(asked.model):
        raise InputError(f"{asked.output} is the model itself, whose sums would be lost: name another file")
    write = _writer(asked.output)
    done = _private(asked.model, asked.privacy) if asked.privacy else _plain(asked.model)
    with sole_writer_of(asked.output):
        write(asked.output, done.predictor)
    return done


def can_be_written(output: Path) -> bool:
    """Return whether the name of ``output`` ends in one of the `ENDINGS`, or has no ending.

    >>> can_be_written(Path("digits.keras")), can_be_written(Path("digits.h5"))
    (True, False)
    """
    return output.suffix in (*ENDINGS, "")


def _plain(path: Path) -> Exported:
    return Exported(models.open(path).predictor.for_export())


def _private(path: Path, privacy: Privacy) -> Exported:
    """Return weights from noisy sums."""
    model = read_model(path)
    weights, noise = private_weights(model.ledger.total, model.encoder, privacy)
    return Exported(Predictor(model.encoder, weights, privacy, model.reading), noise)


def _writer(output: Path) -> Callable[[Path, Predictor], None]:
    """Return what writes a file of the kind that the ending of ``output`` says."""
    if not can_be_written(output):
        raise InputError(f"expected a name that ends in {' or '.join(ENDINGS)}, got {output.name}")
    writers = {".safetensors": write_predictor, ".keras": files.write_keras, ".onnx": files.write_onnx}
    return writers.get(output.suffix, files.write_saved_model)

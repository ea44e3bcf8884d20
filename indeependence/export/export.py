"""From a model's file to a file that predicts without the sums: the ending of its name says of which kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

from indeependence import models
from indeependence.errors import InputError, some
from indeependence.export import files
from indeependence.export.places import FILES, labels_path
from indeependence.files.lock import sole_writer_of
from indeependence.history.trail import Trail
from indeependence.models.autoencoder.pairs import ContinualAutoencoder
from indeependence.models.autoencoder.side_inference import SideInference
from indeependence.models.classifier.exact_values import exact_values
from indeependence.models.classifier.privacy import Noise, Privacy, private_weights
from indeependence.models.classifier.storage import read_model
from indeependence.models.predictor import Predictor
from indeependence.models.weights_file import write_predictor
from indeependence.moments.moments import Label

ENDINGS = (".safetensors", ".keras", ".onnx", ".tf")  # or none, for a SavedModel


@dataclass(frozen=True)
class Export:
    """Settings: the model's file, the file to write, the privacy that its weights are to keep, and an audit log.

    Raise `InputError` for what only a private export can use.
    """

    model: Path
    output: Path
    privacy: Privacy | None = None
    audit: Path | None = None  # a log to note it in
    labels: tuple[str, ...] | None = None  # by name, those that everybody may know, for a private export
    public_sample: bool = False  # the examples that the encoder was fitted on may be known to everybody
    given: str | None = None  # of pairs, the side from which the other is inferred: A, if none is named

    def __post_init__(self) -> None:
        if self.privacy is None and (self.labels is not None or self.public_sample):
            raise InputError("--labels and --public-sample go with --epsilon and --delta: give those, or neither")
        if self.privacy is not None and self.given is not None:
            raise InputError("--from is about pairs, --epsilon and --delta about labels: leave one out")


@dataclass(frozen=True, eq=False)
class Exported:
    """What was written, and the noise that its privacy took."""

    predictor: Predictor | SideInference
    noise: Noise | None = None


def export(asked: Export) -> Exported:
    """Write encoder and weights of a model, without its sums, and return them.

    Raises `InputError` if the model's own file would be replaced or its name ends in something unknown.
    """
    if os.path.realpath(asked.output) == os.path.realpath(asked.model):
        raise InputError(f"{asked.output} is the model itself, whose sums would be lost: name another file")
    write = _writer(asked.output)
    with ExitStack() as locked:
        if asked.audit:  # the line is about this model and no later one
            locked.enter_context(sole_writer_of(asked.model, existing=True))
        trail = Trail(asked.model, asked.audit, beside=(asked.output,))
        done = _private(asked, asked.privacy) if asked.privacy else _plain(asked)
        locked.enter_context(sole_writer_of(asked.output, folder=asked.output.suffix not in FILES))
        kept = asdict(asked.privacy) if asked.privacy else {}
        written = _files_for_others(asked.output, done.predictor.labels) if asked.audit else ()
        facts = done.predictor.facts()
        trail.give(asked.output, facts, lambda: write(asked.output, done.predictor), for_others=written, **kept)
    return done


def _files_for_others(output: Path, labels: Sequence[Label]) -> tuple[Path, ...]:
    """Return what is written for other programs: a file and its labels, or a folder; nothing for one of our own."""
    if output.suffix == ".safetensors":
        return ()
    return (output, labels_path(output)) if output.suffix in FILES and labels else (output,)


def can_be_written(output: Path) -> bool:
    """Return whether the name of ``output`` ends in one of the `ENDINGS`, or has no ending.

    >>> can_be_written(Path("digits.keras")), can_be_written(Path("digits.h5"))
    (True, False)
    """
    return output.suffix in (*ENDINGS, "")


def _plain(asked: Export) -> Exported:
    model = models.open(asked.model)
    if not isinstance(model, ContinualAutoencoder):
        if asked.given is not None:
            raise InputError(f"--from goes with a model of pairs, {asked.model} has learned none: leave it out")
        return Exported(model.predictor.for_export())
    if asked.output.suffix == ".safetensors":
        raise InputError("pairs are exported for other programs, got .safetensors: name a .keras, .onnx or a folder")
    return Exported(model.inference(asked.given or "A"))


def _private(asked: Export, privacy: Privacy) -> Exported:
    """Return weights from noisy sums; raise `InputError` if values of single examples would go with them."""
    model = read_model(asked.model)
    found = exact_values(model.encoder, model.reading, model.options.get("limits"))
    if found and not asked.public_sample:
        raise InputError(
            f"{asked.model}: a private export would hold {' and '.join(found)}: values of single examples that the "
            "encoder was fitted on. If everybody may know those, say --public-sample; otherwise bootstrap on public "
            "data, or with --limits and other --layers"
        )
    sums = model.ledger.total
    labels = None if asked.labels is None else public_labels(asked.labels, sums.labels)
    weights, noise = private_weights(sums, model.encoder, privacy, labels=labels)
    return Exported(Predictor(model.encoder, weights, privacy, model.reading), noise)


def public_labels(names: Sequence[str], learned: Sequence[Label]) -> tuple[Label, ...]:
    """Return labels by their names: whole numbers where the ``learned`` ones are.

    >>> public_labels(["1", " 2"], [1]), public_labels(["1", "2"], ["1"])
    ((1, 2), ('1', '2'))
    """
    words = [normalize("NFC", name.strip()) for name in names]
    if all(isinstance(label, str) for label in learned):
        return tuple(words)
    try:
        return tuple(map(int, words))
    except ValueError as error:
        raise InputError(f"--labels: expected whole numbers, as the model's classes are, got {some(words)}") from error


def _writer(output: Path) -> Callable[[Path, Any], None]:
    """Return what writes a file of the kind that the ending of ``output`` says."""
    if not can_be_written(output):
        raise InputError(f"expected a name that ends in {' or '.join(ENDINGS)}, got {output.name}")
    writers = {".safetensors": write_predictor, ".keras": files.write_keras, ".onnx": files.write_onnx}
    return writers.get(output.suffix, files.write_saved_model)

"""Labels for inputs, from a model's file; with an autoencoder also pictures that are completed or cleaned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indeependence import models
from indeependence.data.inputs import Inputs
from indeependence.data.readers.picture_survey import Size
from indeependence.data.reading import Reading
from indeependence.data.selection import Source
from indeependence.encoder.fronts.pretrained import pretrained
from indeependence.encoder.quantise import check_shape
from indeependence.exact import TOP
from indeependence.experiment.answers import Watch
from indeependence.experiment.same_sizes import check_sizes
from indeependence.experiment.unknown import UNKNOWN, Doubt
from indeependence.models.far import noticed
from indeependence.models.learner import Predictor
from indeependence.models.making import check_encoder
from indeependence.moments.moments import Label, sorted_labels
from indeependence.report.metrics import confusion_matrix
from indeependence.report.pictures.grid import write_grid
from indeependence.report.sides import check_kind, write_side

if TYPE_CHECKING:  # loaded where they are needed: one answer is not to wait for what it does not use
    from indeependence.models.autoencoder.completion import Completed
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder

COLUMNS = 16  # inputs shown in a grid
Best = list[list[dict[str, Any]]]  # for each input its best labels, each with a number


@dataclass(frozen=True)
class Inference:
    """Settings of an inference: where the inputs are, the model's file, and how many labels each input gets."""

    data: str
    model: Path
    limit: int | None = None  # inputs
    top: int = 1
    encoder: str | None = None  # the network that the model must have been bootstrapped with
    batch_size: int = 256
    threads: int | None = None
    unknown_below: float | None = None
    unknown_above: float | None = None
    header: str | None = None  # of a table, as in `Source`
    ignore: str | None = None
    id: str | None = None
    size: Size | None = None  # of picture files, for a model that does not know it

    @property
    def source(self) -> Source:
        """The inputs, and how they are read."""
        return Source(self.data, size=self.size, header=self.header, ignore=self.ignore, id=self.id)

    @property
    def doubt(self) -> Doubt:
        """When an answer is unknown."""
        return Doubt(self.unknown_below, self.unknown_above)

    def inputs(self, reading: Reading) -> Inputs:
        """Return the inputs, as a model of this ``reading`` needs them."""
        found = self.source.inputs(reading)
        x = found.x[: self.limit]
        names = found.names[: self.limit] or tuple(str(row) for row in range(1, len(x) + 1))
        return Inputs(x, found.reading, names, None if found.labels is None else found.labels[: self.limit])

    def best(self, labels: Sequence[Label], values: np.ndarray, name: str) -> Best:
        """Return the best labels of each input, by ``values [N, C]``, which are called ``name``."""
        order = np.argsort(-values, axis=1, kind="stable")[:, : self.top]
        rows = zip(values, order, strict=True)
        return [[{"label": labels[c], name: float(row[c])} for c in columns] for row, columns in rows]


@dataclass(frozen=True)
class Completion:
    """Settings of a completion: what to hide, or the noise that is there or to be added, and where the result goes."""

    mask: str | None = None  # a part of the pictures: see `known_part`
    clean: float | None = None  # standard deviation of the noise in them; the values are 0..1
    noise: float | None = None  # of noise to add beforehand
    seed: int = 0  # of that noise
    inference: str = "mean"  # how a part is filled in: a method of `Autoencoder.infer`
    infer: int = 100  # its steps
    output: Path = Path("artifacts/inferred.png")

    def of(self, model: LabelledAutoencoder, inputs: np.ndarray) -> Completed:
        """Return what the model makes of the inputs."""
        from indeependence.models.autoencoder.completion import cleaned, filled_in

        if self.mask is not None:
            return filled_in(model, inputs, self.mask, method=self.inference, steps=self.infer)
        return cleaned(model, inputs, self.clean or self.noise or 0, self.seed if self.noise else None)


def infer(settings: Inference, *, watch: Watch = lambda what, done, total: None) -> dict[str, Any]:
    """Return an answer to each input, and how many are right where the inputs have labels.

    Shapes are compared before anything is solved. Raise `InputError` if an answer is to be unknown for a reason that
    this kind of model does not know.
    """
    inputs = settings.inputs(Reading.in_file(settings.model))
    shape = models.input_shape(settings.model)
    check_shape(of_shape(inputs.x[:1], shape), shape)
    predictor = models.predictor_of(settings.model)
    if settings.encoder is not None:
        check_encoder(settings.model, predictor.encoder, pretrained(settings.encoder))
    probabilities, distances = answered(predictor, inputs.x, settings.batch_size, settings.threads, watch)
    best = settings.best(predictor.labels, probabilities, "probability")
    unknown = settings.doubt.about(predictor.labels, probabilities, distances)
    unlike = [None] * len(best) if distances is None else settings.doubt.far(distances).tolist()
    answers = [_answer(*row) for row in zip(inputs.names, best, unknown.tolist(), unlike, strict=True)]
    return {"answers": answers, **_rightness(inputs, answers)}


def complete(settings: Inference, completion: Completion) -> dict[str, Any]:
    """Write the pictures, or a grid with a row for each stage, and return the best labels and their scores.

    The squared errors are returned, too, where it is known what is right.
    """
    from indeependence.models.autoencoder.completion import check_pictures
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder

    model = LabelledAutoencoder.load(settings.model, n_jobs=settings.threads)
    check_pictures(model.shape)
    inputs, output = settings.inputs(model.reading), completion.output
    check_kind(output, model.shape)
    check_sizes(settings.data, inputs.names, model.shape, output)
    found = completion.of(model, np.asarray(inputs.x))
    if output.suffix.lower() == ".png":
        columns = min(COLUMNS, len(found.original))
        stages = (found.original, found.given, found.result)
        write_grid(output, np.vstack([stage[:columns] for stage in stages]), model.shape, columns)
    else:
        write_side(output, TOP * np.clip(found.result, 0, 1).reshape(-1, *model.shape), inputs.names)
    best = settings.best(found.labels, found.scores, "score")
    errors = {"squared_error": found.squared_error, "squared_error_before": found.squared_error_before}
    return {
        "answers": [_answer(name, row) for name, row in zip(inputs.names, best, strict=True)],
        "output": str(output),
        **({} if completion.clean else errors),
    }


def answered(
    predictor: Predictor, x: np.ndarray, batch_size: int, threads: int | None, watch: Watch
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return probabilities ``[N, C]``, and how far inputs are from all that was learned ``[N]``, if that is known."""
    parts = list(_in_batches(predictor, x, batch_size, threads, watch))
    distances = [distance for _, distance in parts if distance is not None]
    return np.concatenate([part for part, _ in parts]), np.concatenate(distances) if distances else None


def _in_batches(
    predictor: Predictor, x: np.ndarray, size: int, threads: int | None, watch: Watch
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Give the answers to one batch after another; to no inputs, one empty batch."""
    starts = range(0, max(len(x), 1), size)
    batches = ((of_shape(x[start : start + size], predictor.shape), np.empty(0)) for start in starts)
    done = 0
    for batch, _ in noticed(predictor.encoder, batches, predictor.reading.columns):
        yield predictor.answers(batch, jobs=threads)
        done += len(batch)
        watch("inferring", done, len(x))


def of_shape(batch: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return grey pictures in three equal colours, for a model of coloured ones; others as they are."""
    grey_for_colour = len(shape) == 3 and batch.ndim == 3
    return np.repeat(np.asarray(batch)[..., None], 3, axis=-1) if grey_for_colour else batch


def _answer(name: str, best: list[dict[str, Any]], unknown: bool = False, unlike: bool | None = None) -> dict[str, Any]:
    """Return one answer: what it is about, the best label and its number, and the others; all of them if unknown."""
    label, others = (UNKNOWN, best) if unknown else (best[0]["label"], best[1:])
    return {"name": name, **best[0], "label": label, "unlike": unlike, "others": others}


def _rightness(inputs: Inputs, answers: list[dict[str, Any]]) -> dict[str, Any]:
    """Return accuracy and confusion where the inputs have labels, and write the right ones into the answers."""
    if inputs.labels is None or not answers:
        return {}
    right, given = inputs.labels.tolist(), [answer["label"] for answer in answers]
    for answer, label in zip(answers, right, strict=True):
        answer["expected"] = label
    classes = sorted_labels((*right, *given))
    place = {label: index for index, label in enumerate(classes)}
    rows, columns = (np.array([place[label] for label in some]) for some in (right, given))
    confusion = confusion_matrix(rows, columns, range(len(classes)))
    accuracy = float(np.trace(confusion) / len(right))
    return {"accuracy": accuracy, "classes": list(classes), "confusion_matrix": confusion.tolist()}

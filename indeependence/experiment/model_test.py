"""A test of a saved model of any kind on labelled data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indeependence import models
from indeependence.data.datasets import Dataset
from indeependence.data.examples import Examples
from indeependence.data.reading import Reading
from indeependence.data.selection import Source
from indeependence.encoder.quantise import check_shape
from indeependence.errors import InputError
from indeependence.experiment.answers import Answers, worst_mistakes
from indeependence.experiment.inference import answered, of_shape
from indeependence.experiment.unknown import Doubt
from indeependence.experiment.watching import Watch, unwatched
from indeependence.models.inputs import check_same_kind
from indeependence.moments.moments import Label, sorted_labels
from indeependence.report.model_test import ModelTest
from indeependence.report.result import Asked


@dataclass(frozen=True)
class ModelTesting:
    """Settings of a test: the model's file, the data, which part of it, and when an answer is unknown."""

    model: Path
    source: Source
    asked: Asked
    part: str | None = None  # "train", "test" or "all"; None: the test part if there is one, else all
    threshold: float | None = None  # of probability
    unknown_above: float | None = None
    batch_size: int = 256
    threads: int | None = None

    def parts(self, dataset: Dataset) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return inputs and labels of the parts to test on; raise `InputError` for a part that is not there."""
        parts = {"train": (dataset.x_train, dataset.y_train), "test": (dataset.x_test, dataset.y_test)}
        there = {name: part for name, part in parts.items() if len(part[1])}
        if self.part is None:
            return [there.get("test", parts["train"])]
        if self.part != "all" and self.part not in there:
            raise InputError(f"--part {self.part}: {self.source.data} has no such part: leave it out for all rows")
        return list(there.values()) if self.part == "all" else [there[self.part]]


def run_test(settings: ModelTesting, *, watch: Watch = unwatched) -> ModelTest:
    """Return how the model in a file answers labelled data.

    Examples of classes that it never learned are counted apart. Raise `InputError` if there are no others, or if data
    and model do not fit together, before anything is solved.
    """
    dataset = settings.source.load(Reading.in_file(settings.model))
    parts = settings.parts(dataset)
    shape = models.input_shape(settings.model)
    check_shape(of_shape(parts[0][0][:1], shape), shape)
    predictor = models.predictor_of(settings.model)
    labels = np.array(predictor.labels)
    right = np.concatenate([y for _, y in parts])
    check_same_kind(labels, right)
    found = [answered(predictor, x, settings.batch_size, settings.threads, watch) for x, _ in parts]
    probabilities = np.concatenate([part for part, _ in found])
    known = [part for _, part in found if part is not None]
    distances = np.concatenate(known) if known else None
    doubt = Doubt(settings.threshold, settings.unknown_above)
    unknown = doubt.about(predictor.labels, probabilities, distances)
    learned = np.isin(right, labels)
    if not learned.any():
        raise InputError(
            f"--data {settings.source.data}: expected examples of classes that the model learned, got none"
        )
    given = labels[probabilities.argmax(1)]
    return ModelTest(
        model=str(settings.model),
        classes=predictor.labels,
        right=right[learned],
        given=given[learned],
        probabilities=probabilities.max(1)[learned],
        unknown=unknown[learned],
        unlike=None if distances is None else int(doubt.far(distances).sum()),
        unlearned=_counted(right[~learned]),
        unlearned_unknown=int(unknown[~learned].sum()),
        mistakes=_mistakes(parts, right, given, probabilities.max(1), learned),
        asked=settings.asked,
        limits={
            name: value
            for name, value in (("threshold", doubt.below), ("unknown_above", doubt.above))
            if value is not None
        },
    )


def _counted(labels: np.ndarray) -> dict[Label, int]:
    counts = Counter(labels.tolist())
    return {label: counts[label] for label in sorted_labels(counts)}


def _mistakes(
    parts: list[tuple[np.ndarray, np.ndarray]],
    right: np.ndarray,
    given: np.ndarray,
    probabilities: np.ndarray,
    learned: np.ndarray,
) -> tuple:
    """Return the most probable wrong answers to examples of learned classes, with their pictures."""
    examples, answers, start = [], [], 0
    for x, y in parts:
        rows = np.flatnonzero(learned[start : start + len(y)])
        places = start + rows
        examples.append(Examples("", x, y, rows))
        answers.append(Answers(right[places], given[places], probabilities[places]))
        start += len(y)
    return worst_mistakes(examples, answers)

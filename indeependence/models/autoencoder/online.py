"""The loop of the original program: infer the label of each example, score it, learn it, and refit now and then."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.moments.moments import Label

GROWTH = 1.1  # weights are solved again each time there are a tenth more examples
DOUBLING = 2.0  # bases are refitted each time there are twice as many


@dataclass(frozen=True)
class Pace:
    """The settings of a run."""

    evaluation: float = 0.01  # coefficient of the running error
    method: str = "mean"  # of inference
    infer: int = 100  # its steps
    learn: int = 1  # steps of the solver when bases are refitted; one is enough for eigenvectors


@dataclass(frozen=True)
class Step:
    """The result of one example."""

    number: int  # from 1
    label: Label
    predicted: Label | None  # None before anything was learned
    error: float  # running error, from 1 (nothing right) downwards


def run(
    model: LabelledAutoencoder, examples: Iterable[tuple[np.ndarray, Label]], pace: Pace | None = None
) -> Iterator[Step]:
    """Infer and then learn each example once, and yield a step for each.

    The running error is ``E ← (1 - c) E + c·wrong`` from 1. The weights of few examples change much with each one, and
    those of many hardly change: they are solved after each of the first ten examples, then each time there are a tenth
    more.

    >>> from indeependence import load_dataset
    >>> digits = load_dataset("digits")
    >>> model = LabelledAutoencoder(range(10), "30", frozen=False).bootstrap(digits.x_train[:1], digits.y_train[:1])
    >>> *_, last = run(model, zip(digits.x_train[:200], digits.y_train[:200].tolist()))
    >>> last.number, last.error < 0.5
    (200, True)
    """
    pace = pace or Pace()
    count = int(model.moments_.count)
    refit, solve = max(2, math.ceil(DOUBLING * count)), count + 1
    weights = model.weights if count else None
    error = 1.0
    for number, (picture, label) in enumerate(examples, start=1):
        one, labels = picture[None], np.array([label])
        predicted = (
            None if weights is None else model.predict_with(one, weights, method=pace.method, steps=pace.infer)[0]
        )
        error += pace.evaluation * (float(predicted != label) - error)
        model.learn([(one, labels)])
        count += 1
        if count >= refit:
            model.autoencoder.refit(pace.learn)
            refit = math.ceil(DOUBLING * count)
        if count >= solve or weights is None:
            weights = model.weights
            solve = max(count + 1, math.ceil(GROWTH * count))
        yield Step(number, label, predicted.item() if predicted is not None else None, error)

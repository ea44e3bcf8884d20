"""What is written for TensorBoard while a model learns."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from indeependence.data.scenarios import Scenario
from indeependence.experiment.answers import Answers
from indeependence.models.autoencoder.completion import reconstructed
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.online import Step
from indeependence.models.learner import Illustrated, Model
from indeependence.report.page.markup import spaced
from indeependence.report.tensorboard import Board

ERRORS = 10  # examples from one running error to the next
STATES = 100  # examples from one state of an autoencoder to the next


def after_part(board: Board | None, scenario: Scenario) -> Callable[[int, Illustrated, dict[int, Answers]], None]:
    """Return a function that writes accuracies, penalty and weights after each part of an evaluation."""

    def write(part: int, model: Illustrated, answers: dict[int, Answers]) -> None:
        if board is None:
            return
        every = len(scenario.test) != len(scenario.train)
        seen = [answer.accuracy for index, answer in answers.items() if every or index < part]
        each = {f"accuracy/{scenario.test[index].name}": answer.accuracy for index, answer in answers.items()}
        board.scalars({**each, "accuracy_on_seen": sum(seen) / len(seen)}, part)
        board.measures(model.measures(), part)

    return write


def after_piece(board: Board | None) -> Callable[[Model], None]:
    """Return a function that writes examples per second, expected error and weights at each checkpoint."""
    began, before = time.perf_counter(), [0]

    def write(model: Model) -> None:
        count = model.encoder_.examples(int(model.moments_.count))
        if board is None or not count:
            return
        speed = (count - before[0]) / (time.perf_counter() - began) if before[0] else None
        before[0] = before[0] or count
        board.scalars({"examples_per_second": speed}, count)
        board.measures(model.measures(), count)

    return write


def after_step(board: Board) -> Callable[[LabelledAutoencoder, np.ndarray, list[Step]], None]:
    """Return a function that writes how an autoencoder stands after an example, the last of the steps.

    The running error is written every ten examples; drift, weights and a reconstruction of the input every hundred.
    """

    def write(model: LabelledAutoencoder, picture: np.ndarray, steps: list[Step]) -> None:
        number = steps[-1].number
        if number % ERRORS == 0:
            board.scalars({"running_error": steps[-1].error}, number)
        if number % STATES == 0:
            board.measures(model.measures(), number)
            if picture.ndim > 1:
                pair = np.concatenate(reconstructed(model, picture[None]))
                board.picture("reconstruction", spaced(pair, 2), number)

    return write

"""What ``--tensorboard`` writes while a command runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from indeependence.data.scenarios import Scenario
    from indeependence.experiment.answers import Answers
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder
    from indeependence.models.learner import Illustrated, Model
    from indeependence.report.tensorboard import Board


def after_part(board: Board | None, scenario: Scenario) -> Callable[[int, Illustrated, dict[int, Answers]], None]:
    """What writes down how an evaluation stands after a part: accuracies, penalty and weights."""

    def write(part: int, model: Illustrated, answers: dict[int, Answers]) -> None:
        if board is None:
            return
        every = len(scenario.test) != len(scenario.train)
        seen = [answer.accuracy for index, answer in answers.items() if every or index < part]
        told = {f"accuracy/{scenario.test[index].name}": answer.accuracy for index, answer in answers.items()}
        board.scalars({**told, "accuracy_on_seen": sum(seen) / len(seen)}, part)
        board.measures(model.measures(), part)

    return write


def after_piece(board: Board | None) -> Callable[[Model], None]:
    """What writes down how a training stands at a checkpoint: examples, speed, expected error and weights."""
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


def after_step(board: Board, model: LabelledAutoencoder, picture: np.ndarray, step: int) -> None:
    """Writes down how an autoencoder stands: drift, weights, and what it makes of a picture ``[H, W(, 3)]``."""
    import numpy as np

    from indeependence.encoder.quantise import as_bytes
    from indeependence.report.pictures.grid import spaced

    board.measures(model.measures(), step)
    if picture.ndim > 1:
        whole = model.quantised(picture[None])
        again = model.autoencoder.decode(model.autoencoder.encode(whole))[0].reshape(whole.shape)
        pair = np.concatenate([whole, as_bytes(again)])
        board.picture("reconstruction", spaced(pair, 2), step)

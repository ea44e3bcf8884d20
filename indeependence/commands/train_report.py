"""What ``train`` tells of the model at its end: accuracy on the classes learned, and a report."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indeependence.autoencoder.labelled import LabelledAutoencoder
    from indeependence.commands.models import Model
    from indeependence.commands.progress import Watch
    from indeependence.data.datasets import Dataset
    from indeependence.data.examples import Examples
    from indeependence.report.tensorboard import Board


@dataclass(frozen=True)
class Clock:
    """When a run began, by the clock on the wall and by that of the processor."""

    wall: float
    cpu: float

    @classmethod
    def start(cls) -> Clock:
        """A clock that begins now."""
        return cls(time.perf_counter(), time.process_time())


def write(
    model: Model | LabelledAutoencoder,
    dataset: Dataset,
    choice: dict[str, Any],
    clock: Clock,
    facts: dict[str, Any],
    *,
    errors: Sequence[float] = (),
    watch: Watch = lambda what, done, total: None,
    board: Board | None = None,
) -> dict[str, Any]:
    """The ``facts`` and what the test examples add to them, once a report of all is written to --output."""
    import numpy as np

    from indeependence.experiment import answers_to, peak_memory, worst_mistakes
    from indeependence.inside import inside_of
    from indeependence.moments.storage import stored_bytes
    from indeependence.report.metrics import confusion_matrix
    from indeependence.report.training import Costs, Training, write_training_report

    classes = model.weights.labels
    part = _of_classes(dataset, classes)
    answers = answers_to(model, part, watch) if len(part) else None
    told = {**facts, "accuracy_on_learned_classes": answers.accuracy if answers else None}
    watch("writing the report", 0, 0)
    count = len(classes)
    training = Training(
        data=choice["data"],
        learned_now=facts["learned_now"],
        learned=model.encoder_.examples(int(model.moments_.count)),
        examples=tuple((entry["label"], entry["examples"]) for entry in facts.get("classes", ())),
        classes=classes,
        confusion=confusion_matrix(answers.labels, answers.predicted, classes)
        if answers
        else np.zeros((count, count), np.int64),
        mistakes=worst_mistakes([part], [answers]) if answers else (),
        errors=errors,
        statistics_bytes=stored_bytes(model.moments_),
        costs=Costs(time.perf_counter() - clock.wall, time.process_time() - clock.cpu, peak_memory()),
        facts=told,
        inside=inside_of(model, [part]),
        options={name: str(value) if isinstance(value, Path) else value for name, value in choice.items()},
        command=shlex.join(["python", "cli.py", *sys.argv[1:]]),
    )
    if board is not None:
        board.scalars({"accuracy_on_learned_classes": training.accuracy}, training.learned)
        board.inside(training.inside, training.learned)
    return {**told, "report": str(write_training_report(training, choice["output"]))}


def _of_classes(dataset: Dataset, classes: Sequence) -> Examples:
    """The test examples of some classes."""
    import numpy as np

    from indeependence.data.examples import Examples

    rows = np.flatnonzero(np.isin(dataset.y_test, np.array(classes)))
    return Examples("the test part", dataset.x_test, dataset.y_test, rows)

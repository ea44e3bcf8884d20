"""The end of a training: accuracy on the classes learned, and a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.data.datasets import Dataset
from indeependence.data.examples import Examples
from indeependence.experiment.answers import answers_to, worst_mistakes
from indeependence.experiment.costs import Clock
from indeependence.experiment.watching import Watch, unwatched
from indeependence.models.learner import Model
from indeependence.report.metrics import confusion_matrix
from indeependence.report.page.training import Training
from indeependence.report.result import Asked
from indeependence.report.tensorboard import Board
from indeependence.report.write import write_training_report


def report(
    model: Model,
    dataset: Dataset,
    clock: Clock,
    facts: dict[str, Any],
    asked: Asked,
    folder: Path,
    *,
    errors: Sequence[float] = (),
    watch: Watch = unwatched,
    board: Board | None = None,
) -> dict[str, Any]:
    """Test the model on the classes that it learned, write a report to ``folder``, and return the facts with both."""
    of_pairs = dataset.reading.other is not None  # whose targets are no classes
    classes = () if of_pairs else model.weights.labels
    rows = np.flatnonzero(np.isin(dataset.y_test, np.array(classes))) if classes else np.empty(0, int)
    part = Examples("the test part", dataset.x_test, dataset.y_test, rows)
    answers = answers_to(model, part, watch) if len(part) else None
    result = {**facts, "accuracy_on_learned_classes": answers.accuracy if answers else None}
    watch("writing the report", 0, 0)
    shown = (answers.labels, answers.predicted) if answers else (np.array(classes)[:0],) * 2
    training = Training(
        data=asked.data,
        learned_now=facts["learned_now"],
        learned=model.encoder_.examples(int(model.moments_.count)),
        examples=tuple((entry["class"], entry["examples"]) for entry in facts.get("classes", ())),
        classes=classes,
        confusion=confusion_matrix(*shown, classes),
        mistakes=worst_mistakes([part], [answers]) if answers else (),
        errors=errors,
        statistics_bytes=model.moments_.nbytes,
        costs=clock.costs(),
        facts=result,
        inside=model.galleries([part]),
        options=asked.options,
        command=asked.command,
    )
    if board is not None:
        board.scalars({"accuracy_on_learned_classes": training.accuracy}, training.learned)
        board.inside(training.inside, training.learned)
    return {**result, "report": str(write_training_report(training, folder))}

"""Tables of which each row can have several labels: answered, tested, and measured on held-out rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from indeependence.data.selection import Source
from indeependence.experiment.numbers import held_out, learned_in_parts, new_multilabel, read_targets
from indeependence.experiment.watching import Watch, unwatched
from indeependence.models.making import Making
from indeependence.models.multilabel.classifier import ContinualMultiLabelClassifier
from indeependence.report.labels import LabelsResult, measured_labels


def infer_labels(path: Path, source: Source, *, limit: int | None = None, threads: int | None = None) -> dict[str, Any]:
    """Return the labels of each row with all probabilities, and measures where the table has the labels."""
    model = ContinualMultiLabelClassifier.load(path, n_jobs=threads)
    labels = model.scale_.names
    table = read_targets(source, labels, model.reading, needed=False, are_labels=True)
    x, y = table.x[:limit], None if table.y is None else table.y[:limit].astype(np.int64)
    rows = table.names[:limit] or [str(row) for row in range(1, len(x) + 1)]
    given, probabilities = model.answers(x)
    answers = [
        {
            "name": name,
            "labels": _named(labels, given[row]),
            "probabilities": dict(zip(labels, probabilities[row].tolist(), strict=True)),
            **({} if y is None else {"expected": _named(labels, y[row])}),
        }
        for row, name in enumerate(rows)
    ]
    if y is None or not len(y):
        return {"answers": answers}
    return {"answers": answers, "measured": measured_labels(labels, y, given, model.thresholds)}


def _named(labels: tuple[str, ...], row: np.ndarray) -> list[str]:
    return [name for name, has in zip(labels, row, strict=True) if has]


def test_labels(
    path: Path, source: Source, *, threshold: float | None = None, threads: int | None = None
) -> LabelsResult:
    """Return how the model in a file answers a table with labels; with a ``threshold`` in place of its own."""
    changes = {} if threshold is None else {"threshold": threshold}
    model = ContinualMultiLabelClassifier.load(path, n_jobs=threads, **changes)
    table = read_targets(source, model.scale_.names, model.reading, are_labels=True)
    right, (given, _) = np.asarray(table.y).astype(np.int64), model.answers(table.x)
    found = measured_labels(model.scale_.names, right, given, model.thresholds)
    facts = model.facts()
    return LabelsResult((facts["examples"],), (found,), len(right), facts, is_test=True)


def evaluate_labels(
    making: Making,
    source: Source,
    labels: str,
    *,
    threshold: float | str | None = None,
    parts: int = 10,
    watch: Watch = unwatched,
) -> LabelsResult:
    """Hold out rows of a table by the seed, learn the others in ``parts``, and measure on the held-out ones."""
    table = read_targets(source, labels, are_labels=True)
    x, y = table.x, np.asarray(table.y).astype(np.int64)
    test, pieces = held_out(len(x), source, parts)
    model = new_multilabel(making, threshold)
    curve, examples = [], []
    for done in learned_in_parts(model, table, y, pieces, watch):
        examples.append(done)
        given, _ = model.answers(x[test])
        curve.append(measured_labels(model.scale_.names, y[test], given, model.thresholds))
    return LabelsResult(tuple(examples), tuple(curve), len(test), model.facts())

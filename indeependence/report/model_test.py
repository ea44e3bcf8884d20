"""The results of a test of a saved model, in the forms of JSON and of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from indeependence.report.calibration import calibration_error, reliability
from indeependence.report.cells import csv_cell
from indeependence.report.metrics import confusion_matrix
from indeependence.report.result import Asked, Mistake, plain

Label = int | str


@dataclass(frozen=True, eq=False)
class ModelTest:
    """The answers of a model to labelled examples: N of classes that it learned, and others that are counted apart."""

    model: str
    classes: tuple[Label, ...]  # C, those that the model learned
    right: np.ndarray  # [N] labels
    given: np.ndarray  # [N] the most probable ones
    probabilities: np.ndarray  # [N] of those given
    unknown: np.ndarray  # bool [N]: answered with "unknown"
    unlike: int | None  # of all examples, those that are unlike all that was learned; None where that is not known
    unlearned: Mapping[Label, int]  # examples of classes that the model never learned, by their label
    unlearned_unknown: int  # of them, those answered with "unknown"
    mistakes: tuple[Mistake, ...]
    asked: Asked
    limits: Mapping[str, float]  # that make an answer unknown

    @property
    def confusion(self) -> np.ndarray:
        """Counts [C, C] of right (row) and given (column) labels, whatever their probability."""
        return confusion_matrix(self.right, self.given, self.classes)

    @property
    def accuracy(self) -> float | None:
        """The share of right labels among examples of learned classes; None where there are none."""
        return _share(self.right == self.given)

    @property
    def coverage(self) -> float | None:
        """The share of examples of learned classes that got an answer."""
        return _share(~self.unknown)

    @property
    def accuracy_of_known(self) -> float | None:
        """The share of right labels among those that got an answer."""
        return _share((self.right == self.given)[~self.unknown])

    def per_class(self) -> list[dict[str, Any]]:
        """Return examples, right ones, recall and precision of each class; None for a share of nothing."""
        counts = self.confusion
        rows = zip(
            self.classes, counts.diagonal().tolist(), counts.sum(1).tolist(), counts.sum(0).tolist(), strict=True
        )
        return [
            {
                "label": label,
                "examples": examples,
                "right": right,
                "recall": right / examples if examples else None,
                "precision": right / given if given else None,
            }
            for label, right, examples, given in rows
        ]

    def to_json(self) -> dict[str, Any]:
        """Return all figures in types that JSON has."""
        steps = reliability(self.probabilities, self.right == self.given)
        figures = {
            "model": self.model,
            "data": self.asked.data,
            "examples": len(self.right) + sum(self.unlearned.values()),
            "tested_examples": len(self.right),
            "accuracy": self.accuracy,
            "classes": self.classes,
            "per_class": self.per_class(),
            "confusion_matrix": self.confusion,
            "calibration_error": calibration_error(steps),
            "reliability": [asdict(step) for step in steps],
            "unlike_examples": self.unlike,
            "unlearned": [{"label": label, "examples": count} for label, count in self.unlearned.items()],
        }
        return plain(figures | self._with_limits() | {"options": self.asked.options, "command": self.asked.command})

    def _with_limits(self) -> dict[str, Any]:
        if not self.limits:
            return {}
        return {
            **self.limits,
            "unknown_examples": int(self.unknown.sum()),
            "coverage": self.coverage,
            "accuracy_of_known": self.accuracy_of_known,
            "unlearned_unknown": self.unlearned_unknown,
        }

    def to_csv(self) -> str:
        """Return a table with a row for each class: examples, right ones, recall, precision, and the labels given."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        rows = self.per_class()
        table.writerow([*(rows[0] if rows else ()), *(csv_cell(f"given as {label}") for label in self.classes)])
        for row, counts in zip(rows, self.confusion.tolist(), strict=True):
            table.writerow([*map(csv_cell, row.values()), *counts])
        return text.getvalue()


def _share(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None

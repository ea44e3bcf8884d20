"""Runs that differ in their seed alone: the mean, the deviation and every value of each figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.report.formatting import percent, points
from indeependence.report.metrics import accuracy_on_seen
from indeependence.report.result import Result, plain


@dataclass(frozen=True)
class Metric:
    """A figure of a `Result`: the name of its property, a title for people, and its unit."""

    name: str
    title: str
    unit: str = "%"  # or "points", of differences

    def text(self, value: float | None) -> str:
        """Return a value as it stands in tables, without the unit."""
        signed = self.unit == "points" and self.name.endswith("transfer")
        return points(value) if signed else percent(value)


METRICS = (
    Metric("average_accuracy", "average accuracy"),
    Metric("average_incremental_accuracy", "incremental"),
    Metric("anytime_accuracy", "anytime"),
    Metric("learning_accuracy", "learning accuracy"),
    Metric("forgetting", "forgetting", "points"),
    Metric("backward_transfer", "backward transfer", "points"),
    Metric("forward_transfer", "forward transfer", "points"),
    Metric("intransigence", "intransigence", "points"),
)


@dataclass(frozen=True, eq=False)
class Spread:
    """Values of several seeds, each a number or an array of one shape; the deviation is that of samples (N - 1)."""

    values: np.ndarray  # [seeds, ...]

    @property
    def mean(self) -> np.ndarray:
        """The mean over seeds."""
        return self.values.mean(axis=0)

    @property
    def deviation(self) -> np.ndarray | None:
        """The standard deviation over seeds; None of a single one."""
        return self.values.std(axis=0, ddof=1) if len(self.values) > 1 else None

    def to_json(self) -> dict[str, Any]:
        """Return mean, deviation and every value in types that JSON has."""
        return plain({"mean": self.mean, "std": self.deviation, "values": self.values})


@dataclass(frozen=True, eq=False)
class Series:
    """A name, of a method or of its layers, and its results, one for each seed."""

    name: str
    results: tuple[Result, ...]

    def spread(self, metric: str) -> Spread | None:
        """Return a figure of every seed; None where it has no meaning."""
        found = [getattr(result, metric) for result in self.results]
        return None if None in found else Spread(np.array(found))

    @property
    def matrix(self) -> Spread:
        """The accuracy matrix ``[T, S]`` of every seed."""
        return Spread(np.array([result.accuracy_matrix for result in self.results]))

    @property
    def seen(self) -> Spread:
        """The accuracy ``[T]`` of every seed after each part on the test sets seen so far."""
        return Spread(np.array([accuracy_on_seen(result.accuracy_matrix) for result in self.results]))

    @property
    def curve(self) -> np.ndarray:
        """The mean accuracy ``[T]`` after each part on the test sets seen so far."""
        return self.seen.mean

    @property
    def has_common_tasks(self) -> bool:
        """Whether the tasks have the same names in all seeds; else the first of one is another than that of others."""
        return len({(result.task_names, result.test_names) for result in self.results}) == 1

    @property
    def task_names(self) -> tuple[str, ...]:
        """The names of the parts; only their numbers where seeds have other parts."""
        names = self.results[0].task_names
        return names if self.has_common_tasks else tuple(f"task {i + 1}" for i in range(len(names)))

    @property
    def test_names(self) -> tuple[str, ...]:
        """The names of the test sets; only their numbers where seeds have others."""
        names = self.results[0].test_names
        return names if self.has_common_tasks else tuple(f"task {i + 1}" for i in range(len(names)))

    def to_json(self) -> dict[str, Any]:
        """Return the figures of all seeds together, and each run, in types that JSON has."""
        spreads = {metric.name: self.spread(metric.name) for metric in METRICS}
        return {
            "name": self.name,
            "metrics": {name: spread and spread.to_json() for name, spread in spreads.items()},
            "accuracy_on_seen": self.seen.to_json(),
            "accuracy_matrix": {
                "rows": list(self.task_names),
                "columns": list(self.test_names),
                **{name: value for name, value in self.matrix.to_json().items() if name != "values"},
            },
            "runs": [result.to_json() for result in self.results],
        }


def shown_metrics(series: Sequence[Series]) -> list[Metric]:
    """Return the metrics that have a meaning for one of the series."""
    return [metric for metric in METRICS if any(one.spread(metric.name) is not None for one in series)]


def plus_minus(metric: Metric, spread: Spread | None, *, sign: str = "±") -> str:
    """Return mean and deviation as text, the mean alone of a single seed; a dash for None.

    >>> plus_minus(METRICS[0], Spread(np.array([0.5, 0.75]))), plus_minus(METRICS[5], Spread(np.array([0.25])))
    ('62.50 ± 17.68', '+25.00')
    """
    if spread is None:
        return metric.text(None)
    mean = metric.text(float(spread.mean))
    return mean if spread.deviation is None else f"{mean} {sign} {percent(float(spread.deviation))}"

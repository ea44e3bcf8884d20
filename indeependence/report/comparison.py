"""The results of several methods on the same tasks, with their JSON form and the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.report.formatting import percent, readable_bytes, readable_seconds
from indeependence.report.joint import common_json
from indeependence.report.metrics import FORGETTING_FORMULA, intransigence
from indeependence.report.result import Asked, Result, plain
from indeependence.report.series import METRICS, Series, plus_minus

JOINT = "joint"  # the method that learns all data so far after each task
HEAD = ("method", "stored examples", "average accuracy, %", "forgetting, points", "bytes", "CPU time")


@dataclass(frozen=True)
class Bytes:
    """The bytes of all that a method needs to go on learning."""

    parameters: int  # an encoder, or a network's weights
    statistics: int  # sums, Fisher information and the like
    examples: int

    @property
    def total(self) -> int:
        """The sum of the three."""
        return self.parameters + self.statistics + self.examples


@dataclass(frozen=True, eq=False)
class Entry(Series):
    """A method and its results, one for each seed."""

    about: str  # its settings in words
    bytes: Bytes  # after the last task of the last seed
    settings: Mapping[str, Any] = field(default_factory=dict)  # its settings by name
    given: frozenset[str] = frozenset()  # those that are not the defaults of the method

    @property
    def accuracies(self) -> np.ndarray:
        """The average accuracy of each seed."""
        return np.array([result.average_accuracy for result in self.results])

    @property
    def average_accuracy(self) -> float:
        """The mean of average accuracy over seeds."""
        return float(self.accuracies.mean())

    @property
    def forgetting(self) -> float | None:
        """The mean of forgetting over seeds; None where tasks share one test set."""
        spread = self.spread("forgetting")
        return None if spread is None else float(spread.mean)

    @property
    def cpu_seconds(self) -> float:
        """The mean CPU time of a run, in seconds."""
        return float(np.mean([result.cpu_seconds for result in self.results]))

    @property
    def stored_examples(self) -> int:
        """The number of examples stored at the end."""
        return self.results[-1].stored_examples

    def to_json(self) -> dict[str, Any]:
        """Return the settings, the figures and all runs in types that JSON has."""
        content = {
            "method": self.name,
            "settings": self.about,
            "values": dict(self.settings),
            "given": sorted(self.given),
            "average_accuracy": self.average_accuracy,
            "forgetting": self.forgetting,
            "stored_examples": self.stored_examples,
            "bytes": self.bytes.total,
            "parameter_bytes": self.bytes.parameters,
            "statistics_bytes": self.bytes.statistics,
            "example_bytes": self.bytes.examples,
            "cpu_seconds": self.cpu_seconds,
        }
        return {**plain(content), **super().to_json()}

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Entry:
        """Return the entry that `to_json` told of; raise `InputError` where it is none."""
        try:
            held = Bytes(*(told[f"{name}_bytes"] for name in ("parameter", "statistics", "example")))
            results = tuple(map(Result.of_json, told["runs"]))
            settings, given = told.get("values", {}), frozenset(told.get("given", ()))
            return cls(told["method"], results, told["settings"], held, settings, given)
        except (KeyError, TypeError) as error:
            raise InputError(f"expected the results of a method, got something else ({error!r})") from error


def with_intransigence(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries with the intransigence of every result, if joint training is among them.

    Joint training has learned all data so far after each task, so its accuracy on the task is the reference.
    """
    joint = next((entry for entry in entries if entry.name == JOINT), None)
    if joint is None:
        return list(entries)
    references = [np.diag(one.accuracy_matrix) for one in joint.results]
    square = all(one.accuracy_matrix.shape == (len(one.task_names),) * 2 for one in joint.results)
    return [replace(entry, results=_against(entry.results, references)) for entry in entries] if square else [*entries]


def _against(results: Sequence[Result], references: Sequence[np.ndarray]) -> tuple[Result, ...]:
    return tuple(
        replace(result, intransigence=intransigence(result.accuracy_matrix, reference))
        for result, reference in zip(results, references, strict=True)
    )


def comparison_json(entries: Sequence[Entry], asked: Asked) -> dict[str, Any]:
    """Return what is common to all methods, and each method's own figures."""
    first = entries[0].results[0]
    about = {"data_bytes": first.data_bytes, "forgetting_formula": FORGETTING_FORMULA}
    return {
        **common_json("comparison", entries, asked),
        **plain(about),
        "methods": [entry.to_json() for entry in entries],
    }


def row(entry: Entry) -> tuple[str, ...]:
    """Return an entry's figures, in the order of `HEAD`."""
    return (
        entry.name,
        f"{entry.stored_examples:,}",
        plus_minus(METRICS[0], entry.spread("average_accuracy")),
        percent(entry.forgetting),
        readable_bytes(entry.bytes.total),
        readable_seconds(entry.cpu_seconds),
    )

"""The results of several methods on the same tasks, with their JSON form and the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from indeependence.report.formatting import percent, readable_bytes, readable_seconds
from indeependence.report.metrics import FORGETTING_FORMULA, accuracy_on_seen
from indeependence.report.result import Result, plain

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
class Entry:
    """A method and its results, one for each seed."""

    name: str
    about: str  # its settings in words
    results: tuple[Result, ...]
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
    def deviation(self) -> float | None:
        """The standard deviation (N - 1) of the average accuracy over seeds; None for a single one."""
        return float(self.accuracies.std(ddof=1)) if len(self.results) > 1 else None

    @property
    def forgetting(self) -> float | None:
        """The mean of forgetting over seeds; None where tasks share one test set."""
        found = [result.forgetting for result in self.results]
        return None if None in found else float(np.mean(found))  # type: ignore[arg-type]

    @property
    def cpu_seconds(self) -> float:
        """The mean CPU time of a run, in seconds."""
        return float(np.mean([result.cpu_seconds for result in self.results]))

    @property
    def stored_examples(self) -> int:
        """The number of examples stored at the end."""
        return self.results[-1].stored_examples

    @property
    def curve(self) -> np.ndarray:
        """The mean accuracy ``[T]`` after each part on the test sets seen so far."""
        return np.mean([accuracy_on_seen(result.accuracy_matrix) for result in self.results], axis=0)

    def to_json(self) -> dict[str, Any]:
        """Return the settings, the figures and all runs in types that JSON has."""
        content = {
            "method": self.name,
            "settings": self.about,
            "values": dict(self.settings),
            "average_accuracy": self.average_accuracy,
            "average_accuracy_std": self.deviation,
            "forgetting": self.forgetting,
            "stored_examples": self.stored_examples,
            "bytes": self.bytes.total,
            "parameter_bytes": self.bytes.parameters,
            "statistics_bytes": self.bytes.statistics,
            "example_bytes": self.bytes.examples,
            "cpu_seconds": self.cpu_seconds,
            "accuracy_on_seen": self.curve,
            "runs": [result.to_json() for result in self.results],
        }
        return plain(content)


def comparison_json(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return what is common to all methods, and each method's own figures."""
    first = entries[0].results[0]
    about = {
        "data": first.data,
        "scenario": first.scenario,
        "setting": first.setting,
        "task_names": first.task_names,
        "data_bytes": first.data_bytes,
        "seeds": [result.seed for result in entries[0].results],
        "forgetting_formula": FORGETTING_FORMULA,
        "command": first.command,
    }
    return {**plain(about), "methods": [entry.to_json() for entry in entries]}


def row(entry: Entry) -> tuple[str, ...]:
    """Return an entry's figures, in the order of `HEAD`."""
    spread = "" if entry.deviation is None else f" ± {percent(entry.deviation)}"
    return (
        entry.name,
        f"{entry.stored_examples:,}",
        f"{percent(entry.average_accuracy)}{spread}",
        percent(entry.forgetting),
        readable_bytes(entry.bytes.total),
        readable_seconds(entry.cpu_seconds),
    )

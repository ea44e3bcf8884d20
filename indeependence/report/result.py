"""The results of an experiment: all that the table, the plots and the page show, and their JSON form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import PurePath
from typing import Any, Protocol

import numpy as np

from indeependence import __version__
from indeependence.errors import InputError
from indeependence.models.galleries import Inside
from indeependence.report import metrics

PICTURED = ("mistakes", "confusion", "inside")  # not in JSON, or in another form


@dataclass(frozen=True)
class Asked:
    """The origin of a result: the name of its data, the options, and the command that makes it again."""

    data: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    data_sha256: str = ""  # of the arrays of the data


@dataclass(frozen=True, eq=False)
class Costs:
    """The time and memory of one run."""

    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int | None


@dataclass(frozen=True, eq=False)
class Mistake:
    """A test picture that was taken for another class."""

    picture: np.ndarray  # uint8 [H, W] or [H, W, 3]
    label: int | str
    predicted: int | str
    confidence: float  # in the predicted class
    measure: str = "probability"  # what confidence is, or "score"


class Tested(Protocol):
    """The answers to test examples, class by class, in an evaluation or of a trained model."""

    @property
    def classes(self) -> tuple[int | str, ...]: ...
    @property
    def confusion(self) -> np.ndarray:
        """The counts [C, C]; rows are true classes."""

    @property
    def mistakes(self) -> tuple[Mistake, ...]: ...


@dataclass(frozen=True, eq=False)
class Result:
    """One run of a scenario: accuracies, costs, and all that is needed to run it again.

    T training parts, S test sets, C classes. Raises `InputError` if the shapes do not fit together.
    """

    scenario: str  # "split", "permuted", "rotated", "noisy" or "stream"
    setting: str  # "class", "task" or "domain"
    data: str
    task_names: tuple[str, ...]  # T
    test_names: tuple[str, ...]  # S
    accuracy_matrix: np.ndarray  # [T, S], 0 to 1: after learning part t, on test set i
    confusion: np.ndarray  # [C, C] counts after the last part, rows are true classes
    classes: tuple[int | str, ...]
    examples_per_task: tuple[int, ...]  # T
    seconds_per_task: tuple[float, ...]  # T
    stored_examples: int
    statistics_bytes: int
    data_bytes: int
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int | None
    encoder: str  # the text of --layers
    code_units: int
    penalty: float  # λ of the readout after the last part
    model_sha256: str
    encoder_sha256: str
    seed: int
    options: dict[str, Any]
    command: str
    baseline: np.ndarray  # [S] accuracy before any learning
    class_order: tuple[int | str, ...] | None = None  # in which the classes of a split come
    data_sha256: str = ""  # of the arrays of the data; empty where nobody asked
    version: str = __version__  # of this package
    intransigence: float | None = None  # see `metrics.intransigence`; only beside joint training
    mistakes: tuple[Mistake, ...] = ()  # most confident first
    inside: Inside = Inside()  # what the model looks like

    def __post_init__(self) -> None:
        tasks, tests, classes = len(self.task_names), len(self.test_names), len(self.classes)
        metrics.average_accuracy(self.accuracy_matrix)  # refuses what is no accuracy matrix
        for name, shape, expected in [
            ("accuracy_matrix", self.accuracy_matrix.shape, (tasks, tests)),
            ("confusion", self.confusion.shape, (classes, classes)),
            ("baseline", self.baseline.shape, (tests,)),
            ("examples_per_task", (len(self.examples_per_task),), (tasks,)),
            ("seconds_per_task", (len(self.seconds_per_task),), (tasks,)),
        ]:
            if shape != expected:
                raise InputError(f"expected {name} of shape {expected}, as many as there are names, got {shape}")

    @property
    def average_accuracy(self) -> float:
        """The mean accuracy after the last part; see `metrics.average_accuracy`."""
        return metrics.average_accuracy(self.accuracy_matrix)

    @property
    def average_incremental_accuracy(self) -> float | None:
        """The mean over all parts of the accuracy on what was seen; see `metrics.average_incremental_accuracy`."""
        return metrics.average_incremental_accuracy(self.accuracy_matrix)

    @property
    def anytime_accuracy(self) -> float | None:
        """The mean over all examples of the accuracy on what was seen; see `metrics.anytime_accuracy`."""
        return metrics.anytime_accuracy(self.accuracy_matrix, self.examples_per_task)

    @property
    def forgetting(self) -> float | None:
        """The mean loss of accuracy since its best; see `metrics.forgetting`. None where tasks share one test set.

        What parts of a stream have not brought yet is no loss, and what they bring later no gain.
        """
        tasks, tests = self.accuracy_matrix.shape
        return metrics.forgetting(self.accuracy_matrix) if tasks == tests else None

    @property
    def backward_transfer(self) -> float | None:
        """The effect of later tasks on earlier ones; see `metrics.backward_transfer`."""
        return metrics.backward_transfer(self.accuracy_matrix)

    @property
    def forward_transfer(self) -> float | None:
        """The effect of earlier tasks on later ones; see `metrics.forward_transfer`. None unless they share labels.

        Of labels that were never learned no model can answer any, so nothing could be above chance there.
        """
        return metrics.forward_transfer(self.accuracy_matrix, self.baseline) if self.setting == "domain" else None

    @property
    def learning_accuracy(self) -> float | None:
        """The plasticity, the mean accuracy on tasks just learned; see `metrics.learning_accuracy`."""
        return metrics.learning_accuracy(self.accuracy_matrix)

    @property
    def per_class_accuracy(self) -> np.ndarray:
        """The accuracy [C] of each class, in the order of ``classes``."""
        return metrics.per_class_accuracy(self.confusion)

    def to_json(self) -> dict[str, Any]:
        """Return all of it but the pictures, in types that JSON has: headline figures first, NaN as None.

        ``per_class_accuracy`` and ``confusion_matrix`` are in the order of ``classes``.
        """
        figures = {
            "average_accuracy": self.average_accuracy,
            "average_incremental_accuracy": self.average_incremental_accuracy,
            "anytime_accuracy": self.anytime_accuracy,
            "forgetting": self.forgetting,
            "forgetting_formula": metrics.FORGETTING_FORMULA,
            "forgetting_per_task": metrics.forgetting_per_task(self.accuracy_matrix),
            "backward_transfer": self.backward_transfer,
            "forward_transfer": self.forward_transfer,
            "learning_accuracy": self.learning_accuracy,
            "per_class_accuracy": self.per_class_accuracy,
        }
        others = {name: value for name, value in vars(self).items() if name not in PICTURED}
        return plain({**figures, **others, "confusion_matrix": self.confusion, "kind": "evaluation"})

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Result:
        """Return the result that `to_json` told of, without its pictures; raise `InputError` where it is none."""
        try:
            found = {one.name: told[one.name] for one in fields(cls) if one.name not in PICTURED}
            for name in ("task_names", "test_names", "classes", "examples_per_task", "seconds_per_task", "class_order"):
                found[name] = None if found[name] is None else tuple(found[name])
            for name in ("accuracy_matrix", "baseline"):
                found[name] = np.array(found[name], dtype=np.float64)  # None becomes NaN
            return cls(**found, confusion=np.array(told["confusion_matrix"]))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"expected the results of an evaluation, got something else ({error!r})") from error


def plain(value: Any) -> Any:
    """Return the same value in types that JSON has: dict, list, str, int, float, bool and None.

    NumPy numbers and arrays become Python's, paths become text, NaN and infinity become None.

    Raises `InputError` for any other type.

    >>> plain({"a": np.float32(0.5), 7: (np.int64(3), float("nan"))})
    {'a': 0.5, '7': [3, None]}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, PurePath):
        return str(value)
    raise InputError(f"expected numbers, text, lists and dicts for JSON, got {type(value).__name__}: {value!r}")

"""Which tasks are to be learned: the kind of scenario with its settings, before there is any data."""

from __future__ import annotations

from dataclasses import dataclass

from indeependence.data.class_order import class_words
from indeependence.data.datasets import Dataset
from indeependence.data.scenario_names import SPLITS
from indeependence.data.scenarios import (
    Scenario,
    noisy_tasks,
    permuted_tasks,
    rotated_tasks,
    shuffled_classes,
    split_tasks,
    stream_tasks,
)
from indeependence.data.uneven import blurry, few_shot, repetition
from indeependence.errors import InputError

FEW = 0.4  # of the classes have few shots


@dataclass(frozen=True)
class ScenarioSettings:
    """Settings of a scenario as text and numbers; None where its kind decides.

    >>> from indeependence.data.datasets import load_dataset
    >>> settings = ScenarioSettings("split", class_order="9,8,7,6,5,4,3,2,1,0", classes_per_task="2,3,5")
    >>> [task.name for task in settings.make(load_dataset("digits")).train]
    ['9,8', '7,6,5', '4,3,2,1,0']
    """

    scenario: str = "split"  # one of `scenario_names.SCENARIOS`
    setting: str | None = None  # "class", "task" or "domain"
    tasks: int | None = None  # of a stream: parts
    classes_per_task: str | None = None  # one size, or several separated by commas; of splits but few-shot
    class_order: str | None = None  # classes as in `class_words`, "random" or "labels"; of splits
    max_angle: float = 180.0  # degrees; of rotated tasks
    max_noise: float = 0.5  # 0 to 1; of noisy tasks
    noise: str = "salt"  # or "gaussian"; of noisy tasks
    order: str = "shuffled"  # or "class"; of a stream
    blur: float = 0.1  # share of each class in other tasks; of blurry tasks
    repeats: float = 0.2  # probability that a class comes again in a task; of repetition
    ways: int = 5  # classes of each task but the first; of few-shot tasks
    shots: int = 5  # examples of each of them
    seed: int = 0

    def make(self, dataset: Dataset) -> Scenario:
        """Return the tasks that are made of ``dataset``; raise `InputError` where that is not possible."""
        if self.scenario in SPLITS:
            return self._split(dataset)
        if self.scenario == "stream":
            return stream_tasks(dataset, parts=self.tasks or 10, order=self.order, seed=self.seed)
        setting = self.setting or "domain"
        if self.scenario == "permuted":
            return permuted_tasks(dataset, tasks=self.tasks or 10, setting=setting, seed=self.seed)
        if self.scenario == "rotated":
            angle = self.max_angle
            return rotated_tasks(dataset, tasks=self.tasks or 10, max_angle=angle, setting=setting, seed=self.seed)
        return noisy_tasks(
            dataset,
            tasks=self.tasks or 5,
            max_noise=self.max_noise,
            kind=self.noise,
            setting=setting,
            seed=self.seed,
        )

    def _split(self, dataset: Dataset) -> Scenario:
        split = split_tasks(
            dataset,
            tasks=self.tasks or min(5, max(1, len(dataset.classes) // 2)),
            classes_per_task=self._sizes(len(dataset.classes)),
            class_order=self._order(dataset),
            setting=self.setting or "class",
            seed=self.seed,
        )
        if self.scenario == "blurry":
            return blurry(split, self.blur, self.seed)
        if self.scenario == "repetition":
            return repetition(split, self.repeats, self.seed)
        return few_shot(split, self.shots) if self.scenario == "few-shot" else split

    def _order(self, dataset: Dataset) -> list | None:
        if self.class_order == "random":
            return shuffled_classes(dataset, self.seed).tolist()
        return class_words(self.class_order) if self.class_order not in (None, "", "labels") else None

    def _sizes(self, classes: int) -> int | list[int] | None:
        """Return the classes of each task; where new ones have few shots, the first task has most of them."""
        if self.scenario != "few-shot":
            return _sizes(self.classes_per_task)
        later = max(round(FEW * classes / self.ways), 1) if self.tasks is None else self.tasks - 1
        first = classes - later * self.ways
        if first < 1:
            raise InputError(
                f"{later} tasks of --ways {self.ways} after the first one need more than the {classes} classes there "
                "are: choose fewer --tasks or --ways"
            )
        return [first, *(self.ways,) * later]


def _words(text: str | None) -> list[str] | None:
    return [word.strip() for word in text.split(",")] if text else None


def _sizes(text: str | None) -> int | list[int] | None:
    words = _words(text)
    if words is None:
        return None
    if not all(word.isdigit() and int(word) > 0 for word in words):
        raise InputError(f"--classes-per-task: expected whole numbers above 0, as in 2 or 2,3,5, got '{text}'")
    return int(words[0]) if len(words) == 1 else [int(word) for word in words]

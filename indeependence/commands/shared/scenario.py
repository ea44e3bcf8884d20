"""Which tasks a command learns: the options that say it, and the scenario that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared.help import Function, option, section
from indeependence.commands.shared.types import COUNT
from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.data.datasets import Dataset
    from indeependence.data.scenarios import Scenario

SCENARIOS = ("split", "permuted", "rotated", "noisy", "stream")

_tasks = section(
    "Scenario",
    option(
        "--scenario",
        type=click.Choice(SCENARIOS),
        default="split",
        show_default=True,
        metavar="KIND",
        help="split, permuted, rotated, noisy, or a stream without tasks.",
    ),
    option(
        "--setting",
        type=click.Choice(["class", "task", "domain"]),
        metavar="KIND",
        help="class, task (which is known when testing) or domain (labels shared).",
    ),
    option("--tasks", type=COUNT, metavar="N", help="Number of tasks, or of parts of a stream."),
    option("--classes-per-task", metavar="N|N,M,…", help="Sizes of a split's tasks, even or uneven."),
    option("--class-order", metavar="A,B,…|random", help="Order in which classes come; random: by the seed."),
    option("--seeds", type=COUNT, default=1, show_default=True, help="Runs, with seeds from --seed upwards."),
)
_of_few_kinds = section(
    "Scenario",
    option("--max-angle", type=float, default=180.0, show_default=True, help="Rotated: degrees of the whole turn."),
    option("--max-noise", type=float, default=0.5, show_default=True, help="Noisy: noise of the last task, 0 to 1."),
    option("--noise", type=click.Choice(["salt", "gaussian"]), default="salt", show_default=True, help="Noisy: kind."),
    option("--order", type=click.Choice(["shuffled", "class"]), default="shuffled", help="Stream: order of examples."),
    rare=True,
)


def scenario_options(function: Function) -> Function:
    """The tasks, their order and their size."""
    return _tasks(_of_few_kinds(function))


def make_scenario(dataset: Dataset, choice: dict[str, Any]) -> Scenario:
    """The tasks that the options ask for."""
    from indeependence.data import scenarios

    kind, tasks, seed = choice["scenario"], choice["tasks"], choice["seed"]
    if kind == "split":
        return _split(dataset, choice)
    for name in ("classes_per_task", "class_order"):
        if choice[name]:
            raise click.UsageError(f"--{name.replace('_', '-')} goes with --scenario split, got {kind}: leave one out")
    if kind == "stream":
        if choice["setting"] not in (None, "class"):
            raise click.UsageError(f"a stream has no tasks; got --setting {choice['setting']}: leave it out")
        return scenarios.stream_tasks(dataset, parts=tasks or 10, order=choice["order"], seed=seed)
    setting = choice["setting"] or "domain"
    if kind == "permuted":
        return scenarios.permuted_tasks(dataset, tasks=tasks or 10, setting=setting, seed=seed)
    if kind == "rotated":
        return scenarios.rotated_tasks(
            dataset, tasks=tasks or 10, max_angle=choice["max_angle"], setting=setting, seed=seed
        )
    return scenarios.noisy_tasks(
        dataset, tasks=tasks or 5, max_noise=choice["max_noise"], kind=choice["noise"], setting=setting, seed=seed
    )


def _split(dataset: Dataset, choice: dict[str, Any]) -> Scenario:
    from indeependence.data.scenarios import shuffled_classes, split_tasks

    order = choice["class_order"]
    return split_tasks(
        dataset,
        tasks=choice["tasks"] or min(5, max(1, len(dataset.classes) // 2)),
        classes_per_task=_sizes(choice["classes_per_task"]),
        class_order=shuffled_classes(dataset, choice["seed"]).tolist() if order == "random" else _words(order),
        setting=choice["setting"] or "class",
        seed=choice["seed"],
    )


def _words(text: str | None) -> list[str] | None:
    return [word.strip() for word in text.split(",")] if text else None


def _sizes(text: str | None) -> int | list[int] | None:
    words = _words(text)
    if words is None:
        return None
    if not all(word.isdigit() and int(word) > 0 for word in words):
        raise InputError(f"--classes-per-task: expected whole numbers above 0, as in 2 or 2,3,5, got '{text}'")
    return int(words[0]) if len(words) == 1 else [int(word) for word in words]

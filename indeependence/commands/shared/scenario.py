"""The options that say which tasks a command learns, and the settings that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared.help import Function, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FROM_ZERO, Finite

if TYPE_CHECKING:
    from indeependence.data.scenario_settings import ScenarioSettings

SCENARIOS = ("split", "permuted", "rotated", "noisy", "stream")

_tasks = section(
    "Scenario",
    option(
        "--scenario",
        type=click.Choice(SCENARIOS),
        default="split",
        show_default=True,
        metavar="KIND",
        help="split, permuted, rotated, noisy, or a stream.",
    ),
    option(
        "--setting",
        type=click.Choice(["class", "task", "domain"]),
        metavar="KIND",
        help="class; task (known when testing); domain (with shared labels).",
    ),
    option("--tasks", type=COUNT, metavar="N", help="Number of tasks, or of parts of a stream."),
    option("--classes-per-task", metavar="N|N,M,…", help="Split: classes in each task, even or uneven."),
    option("--class-order", metavar="A,B,…|random", help="Split: order of the classes; random: by the seed."),
    option("--seeds", type=COUNT, default=1, show_default=True, help="Number of runs, with seeds from --seed upwards."),
)
_of_few_kinds = section(
    "Scenario",
    option("--max-angle", type=Finite(), default=180.0, show_default=True, help="Rotated: the whole turn in degrees."),
    option("--max-noise", type=Finite(), default=0.5, show_default=True, help="Noisy: noise of the last task, 0 to 1."),
    option("--noise", type=click.Choice(["salt", "gaussian"]), default="salt", show_default=True, help="Noisy: kind."),
    option(
        "--order",
        type=click.Choice(["shuffled", "class", "given"]),
        default="shuffled",
        help="Stream: order of examples; given: as in the data, and each row is answered before it is learned.",
    ),
    rare=True,
)


def scenario_options(function: Function) -> Function:
    """Add the options for the tasks, their order and their size to a command."""
    return _tasks(_of_few_kinds(function))


# How a stream in the given order is learned.
stream_options = section(
    "Stream in the given order",
    option("--block", type=COUNT, default=1, show_default=True, metavar="N", help="Rows answered together."),
    option("--period", type=COUNT, default=200, show_default=True, metavar="N", help="Rows of a period."),
    option(
        "--adapt",
        type=click.Choice(["auto", "none"]),
        metavar="KIND",
        help="auto, by default: drop old periods where the newest one's sums show that they do harm; none: keep all.",
    ),
    option("--periods", type=COUNT, metavar="N", help="Keep the sums of at most N periods for auto; 32 by default."),
    option("--window", type=COUNT, metavar="K", help="Instead: count the last K periods alone."),
    option("--half-life", type=COUNT, metavar="P", help="Instead: count half as much every P periods."),
    option("--lags", type=FROM_ZERO, default=0, metavar="N", help="The labels of the N rows before as inputs, too."),
    rare=True,
)
STREAM = ("block", "period", "adapt", "periods", "window", "half_life", "lags")


def scenario_settings(choice: dict[str, Any]) -> ScenarioSettings:
    """Return the tasks that the options ask for; raise `click.UsageError` where the options contradict each other."""
    from indeependence.data.scenario_settings import ScenarioSettings

    settings = taken(ScenarioSettings, choice)
    kind, of_a_split = settings.scenario, ("classes_per_task", "class_order")
    for name in of_a_split:
        if kind != "split" and getattr(settings, name):
            raise click.UsageError(f"--{name.replace('_', '-')} goes with --scenario split, got {kind}: leave one out")
    if settings.order == "given":
        raise click.UsageError("--order given goes with evaluate --scenario stream: leave it out")
    if kind == "stream" and settings.setting not in (None, "class"):
        raise click.UsageError(f"a stream has no tasks; got --setting {settings.setting}: leave it out")
    return settings

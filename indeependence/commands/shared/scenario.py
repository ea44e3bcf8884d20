"""The options that say which tasks a command learns, and the settings that they make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared.given import given, option_of
from indeependence.commands.shared.help import Function, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, FROM_ZERO, Finite
from indeependence.data.scenario_names import OF_SCENARIOS, ONE_SETTING, SCENARIOS, SPLITS, WORDS

if TYPE_CHECKING:
    from indeependence.data.scenario_settings import ScenarioSettings

_tasks = section(
    "Scenario",
    option(
        "--scenario",
        type=click.Choice([*SCENARIOS, *WORDS]),
        default="split",
        show_default=True,
        metavar="KIND",
        help=f"{', '.join(SCENARIOS)}; or class-, task-, domain-incremental, online.",
    ),
    option(
        "--setting",
        type=click.Choice(["class", "task", "domain"]),
        metavar="KIND",
        rare=True,
        help="class; task (known when testing); domain (with shared labels).",
    ),
    option("--tasks", type=COUNT, metavar="N", help="Number of tasks, or of parts of a stream."),
    option("--classes-per-task", metavar="N|N,M,…", rare=True, help="Split: classes in each task, even or uneven."),
    option(
        "--class-order",
        metavar="A,B,…|FILE",
        help="Split: order of the classes; or labels; or random: by the seed, usual with --seeds.",
    ),
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
    option(
        "--blur", type=Finite(0, 1), default=0.1, show_default=True, help="Blurry: share of a class in others' tasks."
    ),
    option(
        "--repeats",
        type=Finite(0, 1),
        default=0.2,
        show_default=True,
        help="Repetition: probability that a class comes again in a later task.",
    ),
    option("--ways", type=COUNT, default=5, show_default=True, help="Few-shot: classes of each task but the first."),
    option("--shots", type=COUNT, default=5, show_default=True, help="Few-shot: examples of each of these classes."),
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
        type=click.Choice(["mix", "auto", "none"]),
        metavar="KIND",
        help="mix, by default: several windows, weighted by their answers of late; auto: drop old periods where the "
        "newest one's sums show that they do harm; none: keep all.",
    ),
    option(
        "--periods", type=COUNT, metavar="N", help="Keep the sums of at most N periods for mix and auto; 32 by default."
    ),
    option("--window", type=COUNT, metavar="K", help="Instead: count the last K periods alone."),
    option("--half-life", type=COUNT, metavar="P", help="Instead: count half as much every P periods."),
    option("--lags", type=FROM_ZERO, default=0, metavar="N", help="The labels of the N rows before as inputs, too."),
    rare=True,
)
STREAM = ("block", "period", "adapt", "periods", "window", "half_life", "lags")


def name_scenario(ctx: click.Context, choice: dict[str, Any]) -> None:
    """Replace what stands for a scenario in the choice: a word of other programs, a file, and what --seeds implies.

    Raise `click.UsageError` for options that do not go with the scenario.
    """
    word = choice["scenario"]
    for name, value in WORDS.get(word, {}).items():
        if name != "scenario" and given(ctx, name) and choice[name] != value:
            raise click.UsageError(f"--scenario {word} means --{name} {value}, got {choice[name]}: leave one out")
        choice[name] = value
    kind = choice["scenario"]
    for name, kinds in OF_SCENARIOS.items():
        if kind not in kinds and name in choice and given(ctx, name):
            raise click.UsageError(
                f"{option_of(name)} goes with --scenario {', '.join(kinds)}, got {kind}: leave one out"
            )
    if kind in ONE_SETTING and choice["setting"] not in (None, "class"):
        what = "a stream has no tasks" if kind == "stream" else f"{kind} tasks have one output for all classes"
        raise click.UsageError(f"{what}; got --setting {choice['setting']}: leave it out")
    if kind in SPLITS:
        choice["class_order"] = _class_order(choice["class_order"], choice["seeds"])


def _class_order(text: str | None, seeds: int) -> str | None:
    """Return the order in a file as a list; several seeds have an order each, unless one is given."""
    if text is None:
        return "random" if seeds > 1 else None
    path = Path(text)
    if text in ("random", "labels") or not path.is_file():
        if path.suffix in (".txt", ".npy", ".json") and "," not in text:
            raise click.UsageError(f"--class-order: expected a file of labels, found none at {text}")
        return text
    from indeependence.data.class_order import read_class_order

    return json.dumps(read_class_order(path), ensure_ascii=False)


def scenario_settings(choice: dict[str, Any]) -> ScenarioSettings:
    """Return the tasks that the options ask for, after `name_scenario`; raise `click.UsageError` for --order given."""
    from indeependence.data.scenario_settings import ScenarioSettings

    settings = taken(ScenarioSettings, choice)
    if settings.order == "given":
        raise click.UsageError("--order given goes with evaluate --scenario stream: leave it out")
    return settings

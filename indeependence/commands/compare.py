"""``compare``: this project's model and what others do against forgetting, on the same tasks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import data_options, message_options, options, outputs, repeating, work_options
from indeependence.commands.shared.given import given
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.scenario import name_scenario, scenario_options, scenario_settings
from indeependence.commands.shared.settings import asked, taken
from indeependence.commands.shared.types import COUNT
from indeependence.errors import InputError, shown
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    from indeependence.encoder.fronts.front import Front
    from indeependence.report.comparison import Entry


def _list_methods(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from indeependence.models.baselines.catalogue import described

        click.echo(described())
        ctx.exit()


@command()
@data_options.data_options
@scenario_options
@section(
    "Methods",
    option(
        "--methods",
        default="usual",
        show_default=True,
        metavar="A,B,…|usual|all",
        help="By name, with settings as in --with; usual: nine.",
    ),
    option(
        "--with",
        "given",
        multiple=True,
        metavar="METHOD",
        help="One more, as ewc:strength=100; or MODULE:NAME, what makes your estimator, Keras model or learner.",
    ),
    option(
        "--list-methods",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_list_methods,
        help="Print all methods with their settings, and exit.",
    ),
    option(
        "--steps", type=COUNT, default=500, show_default=True, help="Training steps of each network, for each task."
    ),
    option("--layers", default="auto", show_default=True, help="Our encoder layers, as in evaluate."),
)
@section(
    "Methods",
    option(
        "--encoder",
        metavar="NAME|FILE",
        rare=True,
        help="Frozen network whose outputs all methods learn from: .keras, .onnx, or a name of keras.applications.",
    ),
    *options.BESIDE_NETWORK,
)
@options.seed_option
@work_options.threads_option
@repeating.repeating_options("comparison")
@message_options.folder_option("artifacts/comparison", "report.html, results.json and plots")
@options.overwrite_option
@message_options.output_options
@click.pass_context
def compare(ctx: click.Context, **choice: Any) -> None:
    """Measure this model and other methods on the same tasks.

    Each method learns the tasks one after another, in this process. Joint training, which keeps every example, shows
    the best that the network of the others can reach.

    \b
    Examples:
      python cli.py compare
      python cli.py compare --data mnist --methods indeependence,joint,replay:examples=5000,steps=300
      python cli.py compare --data mnist --scenario permuted --tasks 10 --json
      python cli.py compare --with der++ --with sklearn.naive_bayes:GaussianNB
    """
    from indeependence.data.identity import arrays_sha256
    from indeependence.data.selection import Source
    from indeependence.experiment.comparison import compare as run
    from indeependence.experiment.features import through
    from indeependence.experiment.methods import Settings, names_of
    from indeependence.report.comparison import comparison_json
    from indeependence.report.folders import COMPARISON, clear_stale
    from indeependence.report.write import write_comparison

    repeating.check_repeats(ctx, choice)
    name_scenario(ctx, choice)
    anew = choice["overwrite"]
    outputs.check_outputs(choice, output=_check_folder)
    names = [*names_of(choice["methods"]), *choice["given"]]
    _check_heeded(names)
    settings, tasks, origin = taken(Settings, choice), scenario_settings(choice), asked(choice)
    front = _front(choice)
    dataset = taken(Source, choice).load()
    origin = replace(
        origin, data_sha256=arrays_sha256(dataset.x_train, dataset.y_train, dataset.x_test, dataset.y_test)
    )
    repeating.say_repeated(ctx, origin.data_sha256)
    about = {"data": origin.data, "command": origin.command, "data_sha256": origin.data_sha256}
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        scenarios = [replace(tasks, seed=tasks.seed + number).make(dataset) for number in range(choice["seeds"])]
        scenarios = scenarios if front is None else [through(scenario, front) for scenario in scenarios]
        with repeating.kept_runs(choice, origin, anew=anew) as kept:
            entries = run(scenarios, names, settings, kept=kept, watch=watch, **about)
            clear_stale(choice["output"], (), COMPARISON)
            page = write_comparison(entries, origin, choice["output"])
            kept.finish()
    told = comparison_json(entries, origin)
    _print(entries, page, told, as_json=choice["as_json"])
    repeating.say_same(ctx, told)


def _front(choice: dict[str, Any]) -> Front | None:
    """Return the network whose outputs all methods learn from, if one is asked for."""
    from indeependence.models.making import Making

    if choice["cache"] is not None and choice["encoder"] is None:
        raise InputError("--cache goes with --encoder: give the network, too")
    return Making(**{name: choice[name] for name in options.OF_NETWORKS}).front


def _check_folder(folder: Path, overwrite: bool) -> None:
    """Check the folder of the report, and those in it of an earlier evaluation."""
    from indeependence.files.ours import check_folder
    from indeependence.report.folders import ALL

    check_folder(folder, ALL, overwrite=overwrite)


def _check_heeded(names: Sequence[str]) -> None:
    """Raise `click.UsageError` for an option that none of the methods heeds."""
    from indeependence.models.baselines.catalogue import KINDS
    from indeependence.models.baselines.settings import name_of

    ctx = click.get_current_context()
    known = [KINDS[name].settings for name in map(name_of, names) if name in KINDS]
    for option_ in ("layers", "steps"):
        if given(ctx, option_) and not any(option_ in settings for settings in known):
            heeding = ", ".join(name for name, kind in KINDS.items() if option_ in kind.settings)
            raise click.UsageError(f"--{option_} goes with --methods {heeding}: add one, or leave it out")


def _print(entries: list[Entry], page: Path, told: dict[str, Any], *, as_json: bool) -> None:
    """Print the results as one JSON object, or as a table for people."""
    from rich.console import Console

    from indeependence.report.formatting import readable_bytes
    from indeependence.report.terminal.comparison import comparison_table

    if as_json:
        click.echo(json.dumps(told, allow_nan=False))
        return
    Console().print(comparison_table(entries))
    first = entries[0].results[0]
    click.echo(f"\nThe data itself: {readable_bytes(first.data_bytes)}. Settings and single values: {shown(page)}")

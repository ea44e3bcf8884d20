"""``compare``: this project's model and what others do against forgetting, on the same tasks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import data_options, message_options, options, outputs, repeating, work_options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.scenario import name_scenario, scenario_options, scenario_settings
from indeependence.commands.shared.settings import asked, taken
from indeependence.commands.shared.types import COUNT
from indeependence.errors import shown
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    from indeependence.report.comparison import Entry


@command()
@data_options.data_options
@scenario_options
@section(
    "Methods",
    option(
        "--methods",
        default="all",
        show_default=True,
        metavar="A,B,…|all",
        help="Of indeependence, ridge, lda, naive-bayes, gradient-steps, fine-tuning, ewc, replay and joint.",
    ),
    option(
        "--replay",
        type=COUNT,
        multiple=True,
        default=[500],
        show_default=True,
        metavar="N",
        help="Examples that replay stores; may be given several times.",
    ),
    option(
        "--steps", type=COUNT, default=500, show_default=True, help="Training steps of each network, for each task."
    ),
    option("--layers", default="auto", show_default=True, help="Our encoder layers, as in evaluate."),
    option(
        "--with",
        "given",
        multiple=True,
        metavar="MODULE:NAME",
        help="Also what this makes: an estimator with partial_fit, or a learner.",
    ),
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
      python cli.py compare --data mnist --replay 5000 --methods indeependence,replay,joint
      python cli.py compare --data mnist --scenario permuted --tasks 10 --json
      python cli.py compare --methods indeependence --with sklearn.naive_bayes:GaussianNB
    """
    from indeependence.data.identity import arrays_sha256
    from indeependence.data.selection import Source
    from indeependence.experiment.comparison import NAMES, Settings
    from indeependence.experiment.comparison import compare as run
    from indeependence.report.comparison import comparison_json
    from indeependence.report.folders import COMPARISON, clear_stale
    from indeependence.report.write import write_comparison

    repeating.check_repeats(ctx, choice)
    name_scenario(ctx, choice)
    anew = choice["overwrite"]
    outputs.check_outputs(choice, output=_check_folder)
    names = NAMES if choice["methods"] == "all" else [name.strip() for name in choice["methods"].split(",")]
    _check_heeded(names)
    settings, tasks, origin = taken(Settings, choice), scenario_settings(choice), asked(choice)
    dataset = taken(Source, choice).load()
    origin = replace(
        origin, data_sha256=arrays_sha256(dataset.x_train, dataset.y_train, dataset.x_test, dataset.y_test)
    )
    repeating.say_repeated(ctx, origin.data_sha256)
    about = {"data": origin.data, "command": origin.command, "data_sha256": origin.data_sha256}
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        scenarios = [replace(tasks, seed=tasks.seed + number).make(dataset) for number in range(choice["seeds"])]
        with repeating.kept_runs(choice, origin, anew=anew) as kept:
            entries = run(scenarios, names, settings, kept=kept, watch=watch, **about)
            clear_stale(choice["output"], (), COMPARISON)
            page = write_comparison(entries, origin, choice["output"])
            kept.finish()
    told = comparison_json(entries, origin)
    _print(entries, page, told, as_json=choice["as_json"])
    repeating.say_same(ctx, told)


def _check_folder(folder: Path, overwrite: bool) -> None:
    """Check the folder of the report, and those in it of an earlier evaluation."""
    from indeependence.files.ours import check_folder
    from indeependence.report.folders import ALL

    check_folder(folder, ALL, overwrite=overwrite)


OF_METHODS = {  # which methods heed an option
    "layers": ("indeependence",),
    "replay": ("replay",),
    "steps": ("fine-tuning", "ewc", "replay", "joint"),
}


def _check_heeded(names: Sequence[str]) -> None:
    """Raise `click.UsageError` for an option that none of the methods heeds."""
    ctx = click.get_current_context()
    for option_, heeding in OF_METHODS.items():
        given = ctx.get_parameter_source(option_) is click.core.ParameterSource.COMMANDLINE
        if given and not set(heeding) & set(names):
            raise click.UsageError(f"--{option_} goes with --methods {', '.join(heeding)}: add one, or leave it out")


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

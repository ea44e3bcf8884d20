"""``evaluate``: learn a sequence of tasks, test on all of them after each, and print what was forgotten."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.numbers import check_given, check_options, evaluate_numbers
from indeependence.commands.shared import data_options, message_options, options, outputs, repeating, work_options
from indeependence.commands.shared.given import given, option_of
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.notes import note
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.scenario import (
    STREAM,
    name_scenario,
    scenario_options,
    scenario_settings,
    stream_options,
)
from indeependence.commands.shared.settings import asked, taken
from indeependence.commands.shared.types import SHARE
from indeependence.commands.stream import evaluate_stream
from indeependence.errors import shown
from indeependence.machine import limited_threads
from indeependence.models.contexts import usual_contexts

if TYPE_CHECKING:
    from pathlib import Path

    from indeependence.experiment.learners import LearnerSettings
    from indeependence.experiment.runs import Evaluated, Runs


@command()
@data_options.data_options
@data_options.target_option
@scenario_options
@stream_options
@options.kind_option("classifier", "autoencoder", "conceptor")
@options.several_encoders_options
@options.solver_options
@options.contexts_options
@section(
    "Model",
    option("--coeff", type=SHARE, rare=True, help="Autoencoder: also run with moving averages of that coefficient."),
    option("--load", is_flag=True, rare=True, help="Use the encoder of --model, and leave its file unchanged."),
    option(
        "--measure",
        type=click.Choice(["all", "own"]),
        default="all",
        show_default=True,
        rare=True,
        help="all: after each task, test on all; own: test on that task alone, and on all after the last.",
    ),
)
@options.model_option
@work_options.work_options
@repeating.repeating_options("evaluation", "evaluations")
@message_options.folder_option("artifacts/evaluation", "report.html, results.json and plots")
@message_options.tensorboard_option
@options.overwrite_option
@message_options.output_options
@click.pass_context
def evaluate(ctx: click.Context, **choice: Any) -> None:
    """Learn task after task and measure what is forgotten.

    Without --contexts, permuted tasks have one each, all others one. Several seeds or --layers share one page.

    \b
    Examples:
      python cli.py evaluate --data my_pictures --tasks 3 --seeds 5
      python cli.py evaluate --data houses.csv --target price,size
      python cli.py evaluate --data sensors.csv --scenario stream --order given
    """
    from indeependence.data.identity import arrays_sha256
    from indeependence.data.reading import Reading
    from indeependence.data.selection import Source
    from indeependence.experiment.runs import evaluate_runs

    repeating.check_repeats(ctx, choice)
    name_scenario(ctx, choice)
    check_given(choice)
    anew, layers = choice["overwrite"], choice["layers"]
    choice["layers"] = layers[0] if len(layers) == 1 else list(layers)
    columns = next((f"--{name}" for name in ("target", "labels") if choice[name] is not None), None)
    other = columns or ("--order given" if _is_given_stream(choice) else None)
    if other is not None:
        _check_alone(ctx, layers, other)
        outputs.check_outputs(choice, output=outputs.report(plots=("learning_curve",)))
        in_order = _is_given_stream(choice) and choice["labels"] is None
        (evaluate_stream if in_order else evaluate_numbers)(ctx, choice)
        return
    check_options(ctx, STREAM, "tasks, but with --scenario stream --order given")
    if choice["contexts"] is None:
        has_one = choice["kind"] != "classifier" or choice["load"] or choice["encoder"]
        choice["contexts"] = "one" if has_one else usual_contexts(choice["scenario"], layers[0])
    _check_resumable(ctx, choice)
    outputs.check_outputs(choice, output=_check_folders)
    runs = _runs(choice, layers)
    dataset = taken(Source, choice).load(Reading.in_file(choice["model"]) if choice["load"] else None)
    data_sha256 = arrays_sha256(dataset.x_train, dataset.y_train, dataset.x_test, dataset.y_test)
    runs = replace(runs, asked=replace(runs.asked, data_sha256=data_sha256))
    repeating.say_repeated(ctx, data_sha256)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        with repeating.kept_runs(choice, runs.asked, anew=anew) as kept:
            done = evaluate_runs(runs, dataset, kept=kept, watch=watch)
    told = _as_json(done, runs)
    if choice["as_json"]:
        click.echo(json.dumps(told, allow_nan=False))
    else:
        _print(done, runs)
    for folder in done.left:
        note(f"{folder}: the report of an earlier run is gone, files of others stay")
    repeating.say_same(ctx, told)


def _is_given_stream(choice: dict[str, Any]) -> bool:
    return choice["scenario"] == "stream" and choice["order"] == "given"


def _check_alone(ctx: click.Context, layers: tuple[str, ...], other: str) -> None:
    """Raise `click.UsageError` for what goes with tasks alone."""
    check_options(ctx, ("resume", "checkpoint_every", "again"), other)
    if len(layers) > 1:
        raise click.UsageError(f"several --layers do not go with {other}: give one")


def _check_resumable(ctx: click.Context, choice: dict[str, Any]) -> None:
    """Raise `click.UsageError` for checkpoints inside of tasks where a model is kept after each task only."""
    if choice["contexts"] != "one" or choice["kind"] != "classifier":
        what = f"--contexts {choice['contexts']}" if choice["kind"] == "classifier" else f"--kind {choice['kind']}"
        check_options(ctx, ("checkpoint_every",), what)


def _check_folders(folder: Path, overwrite: bool) -> None:
    """Check the folder of the report, and those in it of several seeds, layers and of moving averages."""
    from indeependence.files.ours import check_folder
    from indeependence.report.folders import ALL, places_in

    for below in (folder, *places_in(folder)):
        check_folder(below, ALL, overwrite=overwrite)


def _runs(choice: dict[str, Any], layers: tuple[str, ...]) -> Runs:
    """Return the settings that the options make; raise `click.UsageError` where the options contradict each other."""
    from indeependence.experiment.learners import LearnerSettings
    from indeependence.experiment.runs import Runs
    from indeependence.models.making import Making

    load = choice["model"] if choice["load"] else None
    learner = LearnerSettings(taken(Making, {**choice, "layers": layers[0]}), choice["kind"], load)
    _check_kind(learner, choice["coeff"])
    if len(layers) > 1 and (load or choice["kind"] == "conceptor"):
        raise click.UsageError(
            f"several --layers go without {'--load' if load else '--kind conceptor'}: leave them out"
        )
    _check_contexts(learner)
    return Runs(
        scenario_settings(choice),
        learner,
        asked(choice),
        **{name: choice[name] for name in ("output", "seeds", "coeff", "measure", "tensorboard")},
        layers=layers,
    )


def _check_kind(learner: LearnerSettings, coeff: float | None) -> None:
    kind, making = learner.kind, learner.making
    if learner.load and given(click.get_current_context(), "bootstrap_limit"):
        raise click.UsageError("--bootstrap-limit makes a new encoder, and --load takes that of --model: leave one out")
    if kind != "autoencoder" and coeff is not None:
        raise click.UsageError(f"--coeff goes with --kind autoencoder, got {kind}: leave one out")
    if kind == "classifier":
        return
    if learner.load:
        raise click.UsageError(f"--load goes with --kind classifier: {kind} starts afresh here")
    if making.layers == "best":
        raise click.UsageError(f"--preset best goes with --kind classifier, got {kind}: leave one out")
    for name in (*options.OF_NETWORKS, "members", "readout", "keep_sums"):
        if getattr(making, name):
            raise click.UsageError(f"{option_of(name)} goes with --kind classifier, got {kind}: leave one out")
    if making.penalty is not None:
        raise click.UsageError(f"--penalty goes with --kind classifier, got {kind}: leave one out")
    if kind == "conceptor" and given(click.get_current_context(), "bootstrap_limit"):
        raise click.UsageError("--bootstrap-limit goes with encoders, --kind conceptor has none: leave one out")
    if kind == "conceptor" and making.layers != "auto":
        raise click.UsageError(
            "--layers: the perceptron of --kind conceptor has one hidden layer, of 100 units: leave --layers out"
        )


def _check_contexts(learner: LearnerSettings) -> None:
    kind, contexts = learner.kind, learner.making.contexts
    others = {"--load": learner.load, f"--kind {kind}": kind != "classifier", "--encoder": learner.making.encoder}
    for name in [name for name, chosen in others.items() if chosen and contexts != "one"]:
        raise click.UsageError(f"--contexts {contexts} does not go with {name}: it has one, leave it out")
    if learner.making.keep_sums and contexts == "one":
        raise click.UsageError("--keep-sums goes with --contexts task: one context always keeps its sums")


def _as_json(done: Evaluated, runs: Runs) -> dict[str, Any]:
    """Return the results in plain JSON types: those of one seed as they are, those of several together."""
    from indeependence.report.joint import joint_json

    if runs.are_joint:
        return joint_json(done.series, runs.asked)
    first, *averages = [result.to_json() for result in done.results]
    return {**first, "moving_average": averages[0]} if averages else first


def _print(done: Evaluated, runs: Runs) -> None:
    """Print a table for each run, or one for several, and where the report is."""
    from rich.console import Console

    from indeependence.report.terminal.comparison import joint_table
    from indeependence.report.terminal.table import table

    console = Console()
    if runs.are_joint:
        console.print(joint_table(done.series))
    else:
        first, *averages = done.results
        console.print(table(first))
        for result in averages:
            click.echo(f"\nBeside it, a moving average with coefficient {runs.coeff:g}:\n")
            console.print(table(result))
    click.echo(f"\nReport: {shown(runs.output / 'report.html')}")

"""``evaluate``: learn a sequence of tasks, test on all of them after each, and print what was forgotten."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.numbers import check_options, evaluate_numbers
from indeependence.commands.shared import data_options, message_options, options, outputs, work_options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.scenario import STREAM, scenario_options, scenario_settings, stream_options
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
@options.encoder_options
@options.solver_options
@options.contexts_options
@section(
    "Model",
    option("--coeff", type=SHARE, rare=True, help="Autoencoder: also run with moving averages of that coefficient."),
    option("--load", is_flag=True, help="Use the encoder of --model, and leave its file unchanged."),
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
@message_options.folder_option("artifacts/evaluation", "report.html, results.json and plots")
@message_options.tensorboard_option
@options.overwrite_option
@message_options.output_options
@click.pass_context
def evaluate(ctx: click.Context, **choice: Any) -> None:
    """Learn task after task and measure what is forgotten.

    Without --contexts, permuted tasks are learned with --contexts task, all others with one.

    \b
    Examples:
      python cli.py evaluate --data my_pictures --tasks 3 --seeds 5
      python cli.py evaluate --data mnist --scenario permuted --tasks 10 --json
      python cli.py evaluate --data houses.csv --target price,size
      python cli.py evaluate --data sensors.csv --scenario stream --order given
    """
    from indeependence.data.reading import Reading
    from indeependence.data.selection import Source
    from indeependence.experiment.runs import evaluate_seeds

    if choice["target"] is not None:
        outputs.check_outputs(choice, output=outputs.report(plots=("learning_curve",)))
        evaluate_numbers(ctx, choice)
        return
    if choice["scenario"] == "stream" and choice["order"] == "given":
        outputs.check_outputs(choice, output=outputs.report(plots=("learning_curve",)))
        evaluate_stream(ctx, choice)
        return
    check_options(ctx, STREAM, "tasks, but with --scenario stream --order given")
    if choice["contexts"] is None:
        has_one = choice["kind"] != "classifier" or choice["load"] or choice["encoder"]
        choice["contexts"] = "one" if has_one else usual_contexts(choice["scenario"], choice["layers"])
    outputs.check_outputs(choice, output=_check_folders)
    runs = _runs(choice)
    dataset = taken(Source, choice).load(Reading.in_file(choice["model"]) if choice["load"] else None)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        done = evaluate_seeds(runs, dataset, watch=watch)
    if choice["as_json"]:
        click.echo(json.dumps(_as_json(done), allow_nan=False))
    else:
        _print(done, runs)


def _check_folders(folder: Path, overwrite: bool) -> None:
    """Check the folder of the report, and those in it of several seeds and of moving averages."""
    from indeependence.experiment.runs import AVERAGE

    check = outputs.report(plots=("accuracy_matrix", "learning_curve"))
    for one in (folder, folder / AVERAGE):
        for below in (one, *sorted(one.glob("seed-*"))):
            check(below, overwrite)


def _runs(choice: dict[str, Any]) -> Runs:
    """Return the settings that the options make; raise `click.UsageError` where the options contradict each other."""
    from indeependence.experiment.learners import LearnerSettings
    from indeependence.experiment.runs import Runs
    from indeependence.models.making import Making

    load = choice["model"] if choice["load"] else None
    learner = LearnerSettings(taken(Making, choice), choice["kind"], load)
    _check_kind(learner, choice["coeff"])
    _check_contexts(learner)
    return Runs(
        scenario_settings(choice),
        learner,
        asked(choice),
        **{name: choice[name] for name in ("output", "seeds", "coeff", "measure", "tensorboard")},
    )


def _check_kind(learner: LearnerSettings, coeff: float | None) -> None:
    kind, making = learner.kind, learner.making
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
            raise click.UsageError(f"--{name.replace('_', '-')} goes with --kind classifier, got {kind}: leave one out")
    if making.penalty not in (None, "auto"):
        raise click.UsageError(f"--penalty goes with --kind classifier, got {kind}: leave one out")
    if kind == "conceptor" and making.layers != "auto":
        raise click.UsageError(
            "--layers: the perceptron of --kind conceptor has one hidden layer, of 100 units: leave --layers out"
        )


def _check_contexts(learner: LearnerSettings) -> None:
    kind, contexts = learner.kind, learner.making.contexts
    others = {"--load": learner.load, f"--kind {kind}": kind != "classifier", "--encoder": learner.making.encoder}
    for name in [name for name, given in others.items() if given and contexts != "one"]:
        raise click.UsageError(f"--contexts {contexts} does not go with {name}: it has one, leave it out")
    if learner.making.keep_sums and contexts == "one":
        raise click.UsageError("--keep-sums goes with --contexts task: one context always keeps its sums")


def _as_json(done: Evaluated) -> dict[str, Any]:
    """Return the results in plain JSON types: those of one seed as they are, those of several summed up."""
    from indeependence.report.result import several_seeds

    parts = [
        results[0].to_json() if len(results) == 1 else several_seeds(results)
        for results in (done.results, done.averages)
        if results
    ]
    return parts[0] if len(parts) == 1 else {**parts[0], "moving_average": parts[1]}


def _print(done: Evaluated, runs: Runs) -> None:
    """Print a table for each run, the mean over several seeds, and where the reports are."""
    from rich.console import Console

    from indeependence.report.result import several_seeds
    from indeependence.report.terminal.table import table

    console = Console()
    for result in done.results:
        console.print(table(result))
    for result in done.averages:
        click.echo(f"\nBeside it, a moving average with coefficient {runs.coeff:g}:\n")
        console.print(table(result))
    if len(done.results) > 1:
        figures = several_seeds(done.results)
        click.echo(
            f"\nAverage accuracy over {len(done.results)} seeds: {100 * figures['average_accuracy']:.2f} % "
            f"± {100 * figures['average_accuracy_std']:.2f}"
        )
    click.echo(f"\nReport: {shown(runs.output / ('report.html' if len(done.results) == 1 else '*/report.html'))}")

"""``evaluate``: learn a sequence of tasks, test on all after each, and tell what was forgotten."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import options
from indeependence.commands.shared import tensorboard as watching
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.scenario import make_scenario, scenario_options
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import SHARE
from indeependence.machine import limited_threads
from indeependence.models.contexts import usual_contexts

if TYPE_CHECKING:
    from indeependence.data.datasets import Dataset
    from indeependence.data.scenarios import Scenario
    from indeependence.models.learner import Illustrated
    from indeependence.report.result import Result


@command()
@options.data_options
@scenario_options
@options.kind_option("classifier", "autoencoder", "conceptor")
@options.encoder_options
@options.solver_options
@options.contexts_options
@section(
    "Model",
    option("--coeff", type=SHARE, help="Autoencoder: also show a moving average with that coefficient."),
    option("--load", is_flag=True, help="Use the encoder of --model, which is left untouched."),
    option(
        "--measure",
        type=click.Choice(["all", "own"]),
        default="all",
        show_default=True,
        rare=True,
        help="Test on all tasks after each; or on its own alone, and on all after the last.",
    ),
)
@options.model_option
@options.work_options
@options.folder_option("artifacts/evaluation", "report.html, results.json and plots")
@options.tensorboard_option
@options.output_options
def evaluate(**choice: Any) -> None:
    """Learn task after task and measure what is forgotten.

    Permuted tasks are learned with --contexts task unless that is given, all others with one.

    \b
    Examples:
      python cli.py evaluate
      python cli.py evaluate --data my_pictures --tasks 3 --seeds 5
      python cli.py evaluate --data mnist --scenario permuted --tasks 10 --json
      python cli.py evaluate --kind autoencoder --data mnist --coeff 0.01
      python cli.py evaluate --kind conceptor --data mnist --scenario permuted
    """
    choice["contexts"] = _contexts(choice)
    _check_kind(choice)
    from indeependence.data.selection import Source
    from indeependence.files.container import columns_of

    dataset = taken(Source, choice).load(columns_of(choice["model"]) if choice["load"] else None)
    results, beside = [], []
    with limited_threads(choice["threads"]):
        for seed in range(choice["seed"], choice["seed"] + choice["seeds"]):
            results.append(_run(dataset, {**choice, "seed": seed, "coeff": None}))
            if choice["coeff"] is not None:
                folder = choice["output"] / "moving_average"
                beside.append(_run(dataset, {**choice, "seed": seed, "output": folder}))
    _tell(results, beside, choice)


def _contexts(choice: dict[str, Any]) -> str:
    """What --contexts says, or the rule where it says nothing."""
    if choice["contexts"] is not None:
        return str(choice["contexts"])
    if choice["kind"] != "classifier" or choice["load"] or choice["encoder"]:
        return "one"
    return usual_contexts(choice["scenario"], choice["layers"])


def _check_kind(choice: dict[str, Any]) -> None:
    if choice["kind"] != "autoencoder" and choice["coeff"] is not None:
        raise click.UsageError(f"--coeff goes with --kind autoencoder, got {choice['kind']}: leave one out")
    if choice["kind"] != "classifier" and choice["load"]:
        raise click.UsageError(f"--load goes with --kind classifier: {choice['kind']} starts afresh here")
    if choice["kind"] != "classifier" and choice["layers"] == "best":
        raise click.UsageError(f"--preset best goes with --kind classifier, got {choice['kind']}: leave one out")
    if choice["kind"] != "classifier" and choice["encoder"]:
        raise click.UsageError(f"--encoder goes with --kind classifier, got {choice['kind']}: leave one out")
    _check_contexts(choice)
    if choice["kind"] == "conceptor" and choice["layers"] != "auto":
        raise click.UsageError(
            "--layers: the perceptron of --kind conceptor has one hidden layer, of 100 units: leave --layers out"
        )


def _check_contexts(choice: dict[str, Any]) -> None:
    others = {"--load": choice["load"], f"--kind {choice['kind']}": choice["kind"] != "classifier"}
    others["--encoder"] = choice["encoder"]
    for name in [name for name, given in others.items() if given and choice["contexts"] != "one"]:
        raise click.UsageError(f"--contexts {choice['contexts']} does not go with {name}: it has one, leave it out")
    if choice["keep_sums"] and choice["contexts"] == "one":
        raise click.UsageError("--keep-sums goes with --contexts task: one context always keeps its sums")


def _run(dataset: Dataset, choice: dict[str, Any]) -> Result:
    """One run with one seed, and its report."""
    from indeependence.experiment.evaluation import evaluate as run
    from indeependence.report.tensorboard import board
    from indeependence.report.write import write_report

    scenario = make_scenario(dataset, choice)
    learner = _learner(scenario, choice)
    folder = choice["output"] / f"seed-{choice['seed']}" if choice["seeds"] > 1 else choice["output"]
    with progress(quiet=choice["quiet"]) as watch, board(_events(choice)) as shown:
        result = run(
            scenario,
            learner,
            data=choice["data"],
            options={name: str(value) if isinstance(value, Path) else value for name, value in choice.items()},
            command=shlex.join(["python", "cli.py", *sys.argv[1:]]),
            measure=choice["measure"],
            watch=watch,
            after=watching.after_part(shown, scenario),
        )
        watch("writing the report", 0, 0)
        result = replace(result, inside=learner.galleries(scenario.test))
        if shown is not None:
            shown.inside(result.inside, len(scenario.train))
        write_report(result, folder)
    return result


def _events(choice: dict[str, Any]) -> Path | None:
    """Where the run's own events go: runs of several seeds, and a moving average beside the sums, lie side by side."""
    if choice["tensorboard"] is None:
        return None
    folder: Path = choice["tensorboard"]
    folder = folder / f"seed-{choice['seed']}" if choice["seeds"] > 1 else folder
    return folder / "moving_average" if choice["coeff"] is not None else folder


def _learner(scenario: Scenario, choice: dict[str, Any]) -> Illustrated:
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder
    from indeependence.models.classifier.classifier import ContinualClassifier
    from indeependence.models.conceptors.learner import ConceptorPerceptron
    from indeependence.models.contexts.classifier import ContextualClassifier
    from indeependence.models.making import check_encoder
    from indeependence.moments.moments import sorted_labels

    parameters = {"batch_size": choice["batch_size"], "random_state": choice["seed"], "n_jobs": choice["threads"]}
    labels = sorted_labels(label for part in scenario.train for label in part.classes.tolist())
    if choice["kind"] == "conceptor":
        return ConceptorPerceptron(labels, **parameters)
    if choice["kind"] == "autoencoder":
        limit, coeff = choice["bootstrap_limit"], choice["coeff"]
        return LabelledAutoencoder(labels, choice["layers"], coeff=coeff, bootstrap_limit=limit, **parameters)
    parameters["penalty"] = choice["penalty"]
    if choice["load"]:
        model = ContinualClassifier.load(choice["model"], **parameters)
        check_encoder(choice["model"], model.encoder_, choice["encoder"])
        return model
    parameters["bootstrap_limit"] = choice["bootstrap_limit"]
    if choice["contexts"] != "one":
        kept = {"contexts": choice["contexts"], "keep_sums": choice["keep_sums"]}
        return ContextualClassifier(choice["layers"], **kept, **parameters)
    parameters["encoder"] = choice["encoder"]
    return ContinualClassifier(choice["layers"], **parameters)


def _tell(results: list[Result], beside: list[Result], choice: dict[str, Any]) -> None:
    from rich.console import Console

    from indeependence.report.result import several_seeds
    from indeependence.report.terminal.table import table

    if choice["as_json"]:
        told = results[0].to_json() if len(results) == 1 else several_seeds(results)
        if beside:
            told["moving_average"] = beside[0].to_json() if len(beside) == 1 else several_seeds(beside)
        click.echo(json.dumps(told, allow_nan=False))
        return
    console = Console()
    for result in results:
        console.print(table(result))
    for result in beside:
        click.echo(f"\nBeside it, a moving average with coefficient {choice['coeff']:g}:\n")
        console.print(table(result))
    if len(results) > 1:
        figures = several_seeds(results)
        click.echo(
            f"\nAverage accuracy over {len(results)} seeds: {100 * figures['average_accuracy']:.2f} % "
            f"± {100 * figures['average_accuracy_std']:.2f}"
        )
    click.echo(f"\nReport: {choice['output'] / ('report.html' if len(results) == 1 else '*/report.html')}")

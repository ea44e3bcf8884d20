"""``evaluate``: learn a sequence of tasks, test on all after each, and tell what was forgotten."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands import chosen, options
from indeependence.commands.machine import limited_threads
from indeependence.commands.progress import progress
from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.data.datasets import Dataset
    from indeependence.data.scenarios import Scenario
    from indeependence.experiment import Learner
    from indeependence.report.result import Result

SCENARIOS = ("split", "permuted", "rotated", "noisy", "stream")


@click.command()
@options.data_options
@options.kind_option("classifier", "autoencoder", "conceptor")
@click.option("--scenario", type=click.Choice(SCENARIOS), default="split", show_default=True)
@click.option(
    "--setting",
    type=click.Choice(["class", "task", "domain"]),
    help="Known when testing: class, nothing (split's default); task, the task; domain: all tasks share labels.",
)
@click.option("--tasks", type=click.IntRange(1), help="Number of tasks, or of parts of a stream.")
@click.option("--classes-per-task", metavar="N|N,M,…", help="Sizes of a split's tasks, even or uneven.")
@click.option("--class-order", metavar="A,B,…|random", help="Order in which classes come; random: drawn by the seed.")
@click.option("--max-angle", type=float, default=180.0, show_default=True, help="Rotated: degrees of the whole turn.")
@click.option("--max-noise", type=float, default=0.5, show_default=True, help="Noisy: noise of the last task, 0 to 1.")
@click.option(
    "--noise", type=click.Choice(["salt", "gaussian"]), default="salt", show_default=True, help="Noisy: kind."
)
@click.option(
    "--order", type=click.Choice(["shuffled", "class"]), default="shuffled", help="Stream: order of examples."
)
@options.encoder_options
@options.solver_options
@click.option(
    "--coeff",
    type=click.FloatRange(0, 1, min_open=True),
    help="Autoencoder: show beside the sums what their moving average with this coefficient comes to (0.01, say).",
)
@click.option(
    "--seeds", type=click.IntRange(1), default=1, show_default=True, help="Runs, with seeds from --seed upwards."
)
@click.option("--load", is_flag=True, help="Use the encoder of --model, which is left untouched.")
@options.model_option
@options.work_options
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("artifacts/evaluation"),
    show_default=True,
    help="Folder for results.json, plots and report.html.",
)
@options.output_options
def evaluate(**choice: Any) -> None:
    """Learn task after task and measure what is forgotten.

    \b
    Examples:
      python cli.py evaluate
      python cli.py evaluate --data my_pictures --tasks 3 --seeds 5
      python cli.py evaluate --data mnist --scenario permuted --tasks 10 --json
      python cli.py evaluate --kind autoencoder --data mnist --coeff 0.01
      python cli.py evaluate --kind conceptor --data mnist --scenario permuted
    """
    _check_kind(choice)
    dataset = chosen.load(choice)
    results, beside = [], []
    with limited_threads(choice["threads"]):
        for seed in range(choice["seed"], choice["seed"] + choice["seeds"]):
            results.append(_run(dataset, {**choice, "seed": seed, "coeff": None}))
            if choice["coeff"] is not None:
                folder = choice["output"] / "moving_average"
                beside.append(_run(dataset, {**choice, "seed": seed, "output": folder}))
    _tell(results, beside, choice)


def _check_kind(choice: dict[str, Any]) -> None:
    if choice["kind"] != "autoencoder" and choice["coeff"] is not None:
        raise click.UsageError(f"--coeff goes with --kind autoencoder, not with {choice['kind']}")
    if choice["kind"] != "classifier" and choice["load"]:
        raise click.UsageError(f"--load goes with --kind classifier: {choice['kind']} starts afresh here")
    if choice["kind"] == "conceptor" and choice["layers"] != "auto":
        raise click.UsageError("--layers: the perceptron of --kind conceptor has one hidden layer, of 100 units")


def _run(dataset: Dataset, choice: dict[str, Any]) -> Result:
    """One run with one seed, and its report."""
    from indeependence.experiment import evaluate as run
    from indeependence.report.write import write_report

    scenario = make_scenario(dataset, choice)
    with progress(quiet=choice["quiet"]) as watch:
        result = run(
            scenario,
            _learner(scenario, choice),
            data=choice["data"],
            options={name: str(value) if isinstance(value, Path) else value for name, value in choice.items()},
            command=shlex.join(["python", "cli.py", *sys.argv[1:]]),
            watch=watch,
        )
    folder = choice["output"] / f"seed-{choice['seed']}" if choice["seeds"] > 1 else choice["output"]
    write_report(result, folder)
    return result


def _learner(scenario: Scenario, choice: dict[str, Any]) -> Learner:
    from indeependence.autoencoder.labelled import LabelledAutoencoder
    from indeependence.classifier import ContinualClassifier
    from indeependence.conceptors.learner import ConceptorPerceptron
    from indeependence.moments.accumulator import sorted_labels

    parameters = {"batch_size": choice["batch_size"], "random_state": choice["seed"], "n_jobs": choice["threads"]}
    labels = sorted_labels(label for part in scenario.train for label in part.classes.tolist())
    if choice["kind"] == "conceptor":
        return ConceptorPerceptron(labels, **parameters)
    if choice["kind"] == "autoencoder":
        limit, coeff = choice["bootstrap_limit"], choice["coeff"]
        return LabelledAutoencoder(labels, choice["layers"], coeff=coeff, bootstrap_limit=limit, **parameters)
    parameters["penalty"] = choice["penalty"]
    if choice["load"]:
        return ContinualClassifier.load(choice["model"], **parameters)
    return ContinualClassifier(choice["layers"], bootstrap_limit=choice["bootstrap_limit"], **parameters)


def make_scenario(dataset: Dataset, choice: dict[str, Any]) -> Scenario:
    """The tasks that the options ask for."""
    from indeependence.data import scenarios

    kind, tasks, seed = choice["scenario"], choice["tasks"], choice["seed"]
    if kind == "split":
        return _split(dataset, choice)
    for name in ("classes_per_task", "class_order"):
        if choice[name]:
            raise click.UsageError(f"--{name.replace('_', '-')} goes with --scenario split, not with {kind}")
    if kind == "stream":
        if choice["setting"] not in (None, "class"):
            raise click.UsageError(f"a stream has no tasks; got --setting {choice['setting']}")
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


def _tell(results: list[Result], beside: list[Result], choice: dict[str, Any]) -> None:
    from rich.console import Console

    from indeependence.report.summary import several_seeds
    from indeependence.report.table import table

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

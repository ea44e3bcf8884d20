"""What ``train``, ``evaluate`` and ``infer`` do on a table with columns to learn: numbers, or several labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from indeependence.commands.labels import evaluate_labels, infer_labels, is_of_labels, print_labels
from indeependence.commands.shared.facts import facts_of, say
from indeependence.commands.shared.given import refuse
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import taken
from indeependence.errors import shown
from indeependence.machine import limited_threads

OF_TRAIN = (
    *("label", "classes", "tasks", "readout", "contexts", "keep_sums", "kind", "workers", "scheduler", "resume"),
    *("gram_blocks", "tensorboard", "encoder", "limits", "size", "test_fraction", "cache", "checkpoint_every"),
    "members",
)
OF_EVALUATE = (
    *("label", "setting", "classes_per_task", "class_order", "seeds", "readout", "contexts", "keep_sums", "kind"),
    *("tensorboard", "encoder", "size", "cache", "load", "coeff", "members", "measure", "ledger", "scenario", "order"),
    *("block", "period", "adapt", "periods", "window", "half_life", "lags"),
)
OF_COLUMNS = "a model that has learned numbers or several labels"
OF_INFER = ("top", "unknown_below", "unknown_above", "size", "encoder", "mask", "clean", "noise")


def is_of_numbers(path: Path) -> bool:
    """Return whether the file ``path`` is there and holds a model of columns: of numbers, or of several labels."""
    from indeependence.files.container import REGRESSOR, holds

    return holds(path, REGRESSOR) or is_of_labels(path)


def check_given(choice: dict[str, Any]) -> None:
    """Raise `UsageError` where options on targets and labels contradict each other."""
    if choice["target"] is not None and choice["labels"] is not None:
        raise click.UsageError("--target is for numbers and --labels for labels: leave one out")
    of_labels = choice["labels"] is not None or (choice.get("load") and is_of_labels(choice["model"]))
    if choice["threshold"] is not None and not of_labels:
        raise click.UsageError("--threshold goes with --labels: name the columns there, or leave it out")


def check_options(ctx: click.Context, names: tuple[str, ...], why: str) -> None:
    """Raise `UsageError` for one of the options of these ``names`` that was given: none of them goes with numbers."""
    refuse(ctx, names, f"does not go with {why}: leave one out")


def train_numbers(ctx: click.Context, choice: dict[str, Any]) -> None:
    """Train a model of numbers or of several labels on a table, and print the facts about it."""
    from indeependence.data.selection import Source
    from indeependence.experiment import numbers
    from indeependence.files.lock import sole_writer_of
    from indeependence.models.making import Making

    why = next((f"--{name}" for name in ("target", "labels") if choice[name]), OF_COLUMNS)
    check_options(ctx, OF_TRAIN, why)
    making, source = taken(Making, choice), taken(Source, choice)
    run = numbers.NumberRun(
        making,
        source,
        choice["model"],
        **{
            name: choice[name] for name in ("target", "labels", "threshold", "load", "skip", "limit", "audit", "window")
        },
    )
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        with sole_writer_of(run.path, existing=run.load):
            model, learned = numbers.train_numbers(run, watch=watch)
    say(facts_of(model, run.path, learned_now=learned), as_json=choice["as_json"])


def evaluate_numbers(ctx: click.Context, choice: dict[str, Any]) -> None:
    """Measure a model of numbers or of several labels on held-out rows; print and report how far off it is."""
    from indeependence.commands.shared.settings import asked
    from indeependence.data.selection import Source
    from indeependence.experiment.numbers import evaluate_numbers
    from indeependence.models.making import Making
    from indeependence.report.numbers import numbers_json, write_numbers

    check_options(ctx, OF_EVALUATE, "--target" if choice["target"] is not None else "--labels")
    if choice["labels"] is not None:
        evaluate_labels(choice)
        return
    made = asked(choice)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        settings = (taken(Making, choice), taken(Source, choice), choice["target"])
        result = evaluate_numbers(*settings, parts=choice["tasks"] or 10, watch=watch)
        page = write_numbers(result, made, choice["output"])
    if choice["as_json"]:
        say(numbers_json(result, made), as_json=True)
        return
    click.echo(f"{result.tested:,} held-out rows, {result.examples[-1]:,} learned")
    _print_measured(result.curve[-1])
    click.echo(f"\nReport: {shown(page)}")


def infer_numbers(ctx: click.Context, choice: dict[str, Any]) -> dict[str, Any]:
    """Return the answers of a model of numbers or of several labels to a table."""
    from indeependence.data.selection import Source
    from indeependence.experiment import numbers
    from indeependence.files.atomic import write_atomically
    from indeependence.report.numbers import numbers_csv

    check_options(ctx, OF_INFER, OF_COLUMNS)
    if is_of_labels(choice["model"]):
        return infer_labels(choice)
    source, path = taken(Source, choice), Path(choice["model"])
    with limited_threads(choice["threads"]):
        found = numbers.infer_numbers(path, source, limit=choice["limit"], threads=choice["threads"])
    if choice["table"]:
        write_atomically(choice["table"], numbers_csv(found["answers"]).encode())
    return {"data": source.data, "model": str(path), **found}


def print_answers(found: dict[str, Any]) -> None:
    """Print one row a line: its name, its labels, or each target with its interval; then what was measured."""
    if found["answers"] and "labels" in found["answers"][0]:
        print_labels(found)
        return
    for answer in found["answers"]:
        words = [shown(answer["name"])]
        for one in answer["targets"]:
            ends = "" if one["low"] is None else f" ({one['low']:.6g} to {one['high']:.6g})"
            words.append(f"{shown(one['target'])} {one['value']:.6g}{ends}")
        click.echo("\t".join(words))
    _print_measured(found.get("measured", []))


def _print_measured(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        share = "R² none" if row["r2"] is None else f"R² {row['r2']:.3f}"
        click.echo(
            f"{shown(row['target'])}: {share}, error {row['mae']:.4g} on average, {row['rmse']:.4g} squared; "
            f"{100 * row['inside_of_interval']:.0f} % inside their interval of {100 * row['coverage']:.0f} %"
        )

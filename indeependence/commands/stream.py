"""What ``evaluate --scenario stream --order given`` does: answer every row before it is learned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.numbers import check_options
from indeependence.commands.shared.facts import say
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import asked, taken
from indeependence.errors import shown
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    from indeependence.moments.periods import Rule

NOT_OF_STREAMS = (
    *("setting", "tasks", "classes_per_task", "class_order", "seeds", "contexts", "keep_sums", "kind", "tensorboard"),
    *("encoder", "cache", "load", "coeff", "measure", "test_fraction", "members"),
)
SHOWN = 10  # changes
SHOWN_LEADS = 3  # of several answers


def evaluate_stream(ctx: click.Context, choice: dict[str, Any]) -> None:
    """Go through a data set in its order, write a report, and print the accuracy and what was dropped when."""
    from indeependence.data.selection import Source
    from indeependence.experiment.stream import StreamSettings, stream
    from indeependence.report.stream import stream_json, write_stream

    check_options(ctx, NOT_OF_STREAMS, "--order given")
    if choice["target"] is not None:
        _evaluate_numbers(ctx, choice)
        return
    made = asked(choice)
    usual = {"penalty": choice["penalty"] or "auto", "readout": choice["readout"] or "lda"}
    settings = replace(taken(StreamSettings, {**choice, **usual}), rule=rule_of(choice))
    dataset = replace(taken(Source, choice), test_fraction=0.0).load()
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        result = stream(dataset, settings, watch=watch)
        page = write_stream(result, made, choice["output"])
    if choice["as_json"]:
        say(stream_json(result, made), as_json=True)
        return
    click.echo(f"accuracy {100 * result.accuracy:.2f} % of {len(result.right):,} rows, each before it was learned")
    for name, hits in result.baselines.items():
        click.echo(f"{name}: {100 * hits.mean():.2f} %")
    click.echo(f"Cohen's kappa {result.kappa:.3f}")
    for label, rows, share in result.per_class:
        click.echo(f"{shown(label)}: {100 * share:.2f} % of {rows:,}")
    _print_leads(result.leads)
    for change in result.changes[:SHOWN]:
        click.echo(change.words)
    if len(result.changes) > SHOWN:
        click.echo(f"… and {len(result.changes) - SHOWN:,} more changes, in the report")
    click.echo(f"\nReport: {shown(page)}")


def _evaluate_numbers(ctx: click.Context, choice: dict[str, Any]) -> None:
    """Go through a table with numeric targets in its order, write a report, and print the errors."""
    from indeependence.data.selection import Source
    from indeependence.experiment.numbers import read_targets
    from indeependence.experiment.stream import StreamSettings
    from indeependence.experiment.stream_numbers import stream_numbers
    from indeependence.report.stream_numbers import lines, number_stream_json, write_number_stream

    check_options(ctx, ("label", "readout", "size"), "--target")
    made = asked(choice)
    settings = taken(StreamSettings, {**choice, "penalty": choice["penalty"] or "auto", "readout": "ridge"})
    settings, table = replace(settings, rule=rule_of(choice)), read_targets(taken(Source, choice), choice["target"])
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        result = stream_numbers(table, settings, watch=watch)
        page = write_number_stream(result, made, choice["output"])
    if choice["as_json"]:
        say(number_stream_json(result, made), as_json=True)
        return
    click.echo("\n".join(map(shown, lines(result))))
    _print_leads(result.leads)
    click.echo(f"\nReport: {shown(page)}")


def _print_leads(leads: dict[str, float]) -> None:
    for name, share in list(leads.items())[:SHOWN_LEADS]:
        click.echo(f"{name}: counted most in {100 * share:.0f} % of the rows")


def rule_of(choice: dict[str, Any]) -> Rule:
    """Return which periods count; raise `UsageError` where the options contradict each other."""
    from indeependence.moments.periods import KEPT, Rule

    ways = {
        "--adapt": choice["adapt"],
        "--window": choice["window"],
        "--half-life": choice["half_life"],
    }
    given = [name for name, value in ways.items() if value is not None]
    if len(given) > 1:
        raise click.UsageError(f"{given[0]} and {given[1]} both say which periods count: leave one out")
    if choice["periods"] is not None and (given and choice["adapt"] not in ("mix", "auto")):
        raise click.UsageError(f"--periods goes with --adapt mix and auto, got {given[0]}: leave one out")
    if choice["window"] is not None:
        return Rule("window", choice["window"])
    if choice["half_life"] is not None:
        return Rule("half-life", choice["half_life"])
    if choice["adapt"] == "none":
        return Rule("all", 1)
    return Rule(choice["adapt"] or "mix", choice["periods"] or KEPT)

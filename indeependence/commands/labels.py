"""What ``evaluate``, ``infer`` and ``test`` do on a table of which each row can have several labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared.facts import say
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import asked, taken
from indeependence.errors import shown
from indeependence.machine import limited_threads


def is_of_labels(path: Path) -> bool:
    """Return whether the file ``path`` is there and holds a model of several labels."""
    from indeependence.files.container import MULTILABEL, holds

    return holds(path, MULTILABEL)


def evaluate_labels(choice: dict[str, Any]) -> None:
    """Measure a model of several labels on held-out rows of a table, write a report, and print the measures."""
    from indeependence.data.selection import Source
    from indeependence.experiment import labels
    from indeependence.models.making import Making
    from indeependence.report.labels import labels_json, lines
    from indeependence.report.page.labels import write_labels

    made = asked(choice)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        result = labels.evaluate_labels(
            *(taken(Making, choice), taken(Source, choice), choice["labels"]),
            threshold=choice["threshold"],
            parts=choice["tasks"] or 10,
            watch=watch,
        )
        page = write_labels(result, made, choice["output"])
    if choice["as_json"]:
        say(labels_json(result, made), as_json=True)
        return
    click.echo(f"{result.tested:,} held-out rows, {result.examples[-1]:,} learned")
    click.echo("\n".join(map(shown, lines(result.curve[-1], result.tested))))
    click.echo(f"\nReport: {shown(page)}")


def test_labels(choice: dict[str, Any]) -> None:
    """Test a saved model of several labels on a table, write a report, and print the measures."""
    from indeependence.data.selection import Source
    from indeependence.experiment import labels
    from indeependence.files.atomic import write_atomically
    from indeependence.report.labels import labels_json, labels_table, lines
    from indeependence.report.page.labels import write_labels

    made, path = asked(choice), Path(choice["model"])
    with limited_threads(choice["threads"]):
        result = labels.test_labels(
            path, taken(Source, choice), threshold=choice["threshold"], threads=choice["threads"]
        )
    page = write_labels(result, made, choice["output"])
    if choice["table"]:
        write_atomically(choice["table"], labels_table(result).encode())
    if choice["as_json"]:
        say({"model_file": str(path), **labels_json(result, made)}, as_json=True)
        return
    click.echo("\n".join(map(shown, lines(result.curve[-1], result.tested))))
    click.echo(f"\nReport: {shown(page)}")


def infer_labels(choice: dict[str, Any]) -> dict[str, Any]:
    """Return the answers of a model of several labels to a table."""
    from indeependence.data.selection import Source
    from indeependence.experiment import labels
    from indeependence.files.atomic import write_atomically
    from indeependence.report.labels import answers_table

    source, path = taken(Source, choice), Path(choice["model"])
    with limited_threads(choice["threads"]):
        found = labels.infer_labels(path, source, limit=choice["limit"], threads=choice["threads"])
    if choice["table"]:
        names = list(found["answers"][0]["probabilities"]) if found["answers"] else []
        write_atomically(choice["table"], answers_table(names, found["answers"]).encode())
    return {"data": source.data, "model": str(path), **found}


def print_labels(found: dict[str, Any]) -> None:
    """Print one row a line: its name, and its labels with their probabilities; then what was measured."""
    from indeependence.report.labels import lines

    for answer in found["answers"]:
        given = [f"{shown(name)} {answer['probabilities'][name]:.4f}" for name in answer["labels"]]
        click.echo("\t".join([shown(answer["name"]), *(given or ["none"])]))
    if "measured" in found:
        click.echo("\n".join(map(shown, lines(found["measured"], len(found["answers"])))))

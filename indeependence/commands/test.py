"""``test``: how a saved model answers labelled data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.labels import is_of_labels, test_labels
from indeependence.commands.numbers import check_options
from indeependence.commands.shared import data_options, message_options, options, outputs, work_options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import asked, taken
from indeependence.commands.shared.types import DISTANCE, FILE, SHARE
from indeependence.errors import shown as visible
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    from indeependence.report.model_test import ModelTest


NOT_OF_LABELS = ("label", "part", "unknown_above", "size", "test_fraction")


@command()
@click.argument("file", type=FILE, required=False, metavar="[MODEL]")
@data_options.learned_data_options
@section(
    "Data",
    option(
        "--part",
        type=click.Choice(["train", "test", "all"]),
        metavar="PART",
        help="train, test or all; by default the test part, or all rows of data that has none.",
    ),
)
@options.model_option
@section(
    "Unknown",
    option(
        "--threshold",
        type=SHARE,
        metavar="P",
        help="Answers of less probability count as unknown; of several labels, they are not given.",
    ),
    option("--unknown-above", type=DISTANCE, metavar="D", help="So do inputs at more than that distance; see infer."),
)
@options.seed_option
@work_options.work_options
@message_options.folder_option("artifacts/test", "report.html, results.json and classes.csv")
@section("Output", option("--csv", "table", type=FILE, metavar="FILE", help="Write a row for each class, too."))
@options.overwrite_option
@message_options.output_options
@click.pass_context
def test(ctx: click.Context, file: Path | None, **choice: Any) -> None:
    """Test a saved MODEL on labelled data.

    Shows accuracy, recall and precision of each class, confusion, and whether the probabilities can be believed.
    Examples of classes that the model never learned are counted apart. The model's file is left unchanged.

    \b
    Examples:
      python cli.py test artifacts/model.safetensors --data digits
      python cli.py test monday.safetensors --data tuesday.csv --threshold 0.9 --csv classes.csv
    """
    from indeependence.data.selection import Source
    from indeependence.experiment.model_test import ModelTesting, run_test
    from indeependence.files.atomic import write_atomically
    from indeependence.report.write import write_model_test

    choice["model"] = file or choice["model"]
    of_labels = is_of_labels(choice["model"])
    if of_labels:
        check_options(ctx, NOT_OF_LABELS, "a model of several labels")
    outputs.check_outputs(
        choice, output=outputs.report("classes.csv"), table=outputs.table("label,examples,right,recall,precision")
    )
    if of_labels:
        test_labels(choice)
        return
    settings = taken(ModelTesting, choice, source=taken(Source, choice), asked=asked(choice))
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        found = run_test(settings, watch=watch)
    page = write_model_test(found, choice["output"])
    if choice["table"]:
        write_atomically(choice["table"], found.to_csv().encode())
    if choice["as_json"]:
        click.echo(json.dumps(found.to_json(), allow_nan=False))
    else:
        _print(found, page)


def _print(found: ModelTest, page: Path) -> None:
    """Print the figures, a line for each class, and where the page is."""
    from indeependence.commands.shared.facts import print_facts
    from indeependence.report.formatting import percent

    facts = found.to_json()
    shown = ("model", "data", "tested_examples", "accuracy", "calibration_error", "unlike_examples")
    limited = (*found.limits, "unknown_examples", "coverage", "accuracy_of_known") if found.limits else ()
    print_facts({name: facts[name] for name in (*shown, *limited)})
    for label, count in found.unlearned.items():
        click.echo(f"never learned               {visible(label)}: {count:,} examples, counted apart")
    width = max(len(visible(label)) for label in (*found.classes, "class")) + 2
    click.echo(f"\n{'class':{width}}{'recall':>9}{'precision':>11}{'examples':>10}")
    for row in facts["per_class"]:
        shares = f"{percent(row['recall']):>9}{percent(row['precision']):>11}"
        click.echo(f"{visible(row['label']):{width}}{shares}{row['examples']:>10,}")
    click.echo(f"\nReport: {visible(page)}")

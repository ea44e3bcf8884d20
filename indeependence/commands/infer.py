"""``infer``: labels for inputs; with an autoencoder also pictures that are completed or cleaned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from indeependence.commands.numbers import infer_numbers, is_of_numbers, print_answers
from indeependence.commands.shared import data_options, message_options, options, outputs, tied_options, work_options
from indeependence.commands.shared.facts import say
from indeependence.commands.shared.given import refuse
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.notes import note
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT, DISTANCE, FILE, PLACE, SHARE
from indeependence.errors import shown
from indeependence.machine import limited_threads

MANY = 0.05  # of the inputs: more are hardly chance


@command()
@section(
    "Data",
    option(
        "--data",
        default="digits",
        show_default=True,
        help="A picture or a folder of them, .npy, .npz, a table, an IDX file; or a data set, whose test part is used.",
    ),
    option("--limit", type=COUNT, metavar="N", help="Use at most that many inputs."),
    option("--top", type=COUNT, default=1, show_default=True, help="Labels for each input, best first."),
)
@data_options.table_options
@section(
    "Unknown",
    option(
        "--unknown-below", type=SHARE, metavar="P", help="Answer unknown where the best label has less probability."
    ),
    option(
        "--unknown-above",
        type=DISTANCE,
        metavar="D",
        help="Answer unknown where the input is D times as far from what was learned as that is on average; try 3.",
    ),
)
@data_options.size_option
@options.model_option
@section(
    "Model",
    option(
        "--encoder",
        metavar="NAME|FILE",
        rare=True,
        help="Answer only if --model was bootstrapped with this network, which its file holds anyway.",
    ),
)
@section(
    "Autoencoder",
    option(
        "--mask",
        metavar="PART|FILE",
        help="Fill in the top, bottom, left, right, centre, or what is white in this picture.",
    ),
    option("--clean", type=SHARE, help="Take out noise of that standard deviation; 1 is white."),
    option("--noise", type=SHARE, rare=True, help="Add noise of that standard deviation, then clean it."),
    option(
        "--output",
        type=PLACE,
        default=Path("artifacts/inferred.png"),
        show_default=True,
        metavar="PLACE",
        help="A folder of pictures, a grid of 16 (.png), .npy; rows of pairs: .csv.",
    ),
    option("--from", "given", type=click.Choice(["A", "B"]), metavar="A|B", help="Of pairs: the side of --data."),
    option(
        "--target-data",
        metavar="DATA",
        rare=True,
        help="Of pairs: the right other sides, to measure how far off it is.",
    ),
    *options.WAYS,
)
@options.seed_option
@work_options.work_options
@section("Output", option("--csv", "table", type=FILE, metavar="FILE", help="Write the answers as a table, too."))
@options.overwrite_option
@message_options.output_options
@click.pass_context
def infer(ctx: click.Context, **choice: Any) -> None:
    """Predict a label and its probability for each input.

    Each answer has the name of its file, or the number of its row, from 1; inputs unlike all that was learned are
    marked. Data with labels gives the accuracy, too.

    With an autoencoder also: complete and clean pictures, and infer either side of pairs.

    \b
    Examples:
      python cli.py infer --data my_picture.png --top 3
      python cli.py infer --data noisy_pictures --clean 0.2 --output cleaned
      python cli.py infer --from A --data sounds --output pictures
    """
    from indeependence.experiment import inference
    from indeependence.files.atomic import write_atomically
    from indeependence.report.answers import answers_csv

    completes = any(choice[name] is not None for name in ("mask", "clean", "noise"))
    of_pairs = choice["given"] is not None or (completes and tied_options.is_of_pairs(choice["model"]))
    _check_ways(ctx, of_pairs=of_pairs)
    if of_pairs:
        _infer_pairs(choice)
        return
    of_numbers = is_of_numbers(choice["model"])
    outputs.check_outputs(
        choice,
        table=outputs.table("name," if of_numbers else "name,label,"),
        **({"output": outputs.side} if completes else {}),
    )
    if of_numbers:
        numbers = infer_numbers(ctx, choice)
        click.echo(json.dumps(numbers)) if choice["as_json"] else print_answers(numbers)
        return
    settings, completion = taken(inference.Inference, choice), taken(inference.Completion, choice)
    facts: dict[str, Any] = {"data": settings.data, "model": str(settings.model)}
    with limited_threads(settings.threads):
        if completes:
            facts |= inference.complete(settings, completion)
        else:
            with progress(quiet=choice["quiet"]) as watch:
                facts |= inference.infer(settings, watch=watch)
    _note_unlike(facts["answers"])
    if choice["table"]:
        write_atomically(choice["table"], answers_csv(facts["answers"]).encode())
    if choice["as_json"]:
        click.echo(json.dumps(facts))
    else:
        _print(facts)


def _check_ways(ctx: click.Context, *, of_pairs: bool) -> None:
    """Raise `UsageError` for options that would have no effect on what is asked for."""
    ways = [f"--{name}" for name in ("mask", "clean", "noise") if ctx.params[name] is not None]
    if len(ways) > 1:
        raise click.UsageError("--mask fills a part in, --clean and --noise take noise out: name one of them")
    if of_pairs:
        if ways:
            refuse(ctx, ("target_data",), f"does not go with {ways[0]}, which is about --data: leave one out")
        of_labels = ("top", "unknown_below", "unknown_above", "encoder", "table")
        refuse(ctx, of_labels, "goes with labels, and pairs have none: leave it out")
    else:
        refuse(ctx, ("target_data",), "goes with --from: say which side --data is, or leave it out")
        if not ways:
            refuse(ctx, ("output",), "goes with --mask, --clean or --from: take --csv for a table of answers")
        else:
            names = ("unknown_below", "unknown_above", "encoder")
            refuse(ctx, names, f"does not go with {ways[0]}: leave one out")
    if "--noise" not in ways:
        refuse(ctx, ("seed",), "goes with --noise, which it draws: leave it out")
    if ways != ["--mask"] and (ways or not of_pairs):
        refuse(ctx, ("infer", "inference"), "goes with --mask or --from: leave it out")
    if ctx.params["inference"] == "mean":
        refuse(ctx, ("infer",), "goes with --inference closed or adam: the mean takes no steps")


def _infer_pairs(choice: dict[str, Any]) -> None:
    """Infer one side of pairs from the other, write it, and print what was measured."""
    from indeependence.experiment.inference import Inference
    from indeependence.experiment.pairs import PairInference, infer_pairs

    outputs.check_outputs(choice, output=outputs.side)
    with limited_threads(choice["threads"]):
        facts = infer_pairs(taken(Inference, choice), taken(PairInference, choice))
    say({"data": choice["data"], "model": str(choice["model"]), **facts}, as_json=choice["as_json"])


def _print(facts: dict[str, Any]) -> None:
    """Print the answers to one input a line, and what a completion came to."""
    for answer in facts["answers"]:
        click.echo(_line(answer))
    if "accuracy" in facts:
        click.echo(f"accuracy {100 * facts['accuracy']:.2f} %")
    if "squared_error" in facts:
        click.echo(f"mean squared error {facts['squared_error']:.4f}, before {facts['squared_error_before']:.4f}")
    if "output" in facts:
        click.echo(f"pictures: {shown(facts['output'])}")


def _note_unlike(answers: list[dict[str, Any]]) -> None:
    """Say on stderr if many inputs are unlike all that was learned; single ones are marked where they stand."""
    unlike = sum(bool(answer["unlike"]) for answer in answers)
    if unlike > MANY * len(answers):
        are = "input is" if len(answers) == 1 else "inputs are" if unlike > 1 else "inputs is"
        note(f"{unlike:,} of {len(answers):,} {are} unlike all that was learned: another unit or kind?")


def _line(answer: dict[str, Any]) -> str:
    """Return one answer as text: its name, the labels with their numbers, and a word on an unlike input."""
    labelled = ((one["label"], one.get("probability", one.get("score"))) for one in (answer, *answer["others"]))
    words = [shown(answer["name"]), *(f"{shown(label)}\t{value:.4f}" for label, value in labelled)]
    return "\t".join([*words, *(["unlike all that was learned"] if answer["unlike"] else [])])

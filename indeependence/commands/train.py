"""``bootstrap`` and ``train``: make a model's file, or go on training the model in it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.numbers import check_given, is_of_numbers, train_numbers
from indeependence.commands.shared import data_options, message_options, options, outputs, tied_options, work_options
from indeependence.commands.shared.facts import facts_of, say
from indeependence.commands.shared.given import given
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.notes import note
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.settings import asked, taken
from indeependence.commands.shared.types import COUNT
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    from pathlib import Path

    from indeependence.data.selection import Part, Source
    from indeependence.experiment.training import Run, Workers
    from indeependence.models.making import Making
    from indeependence.report.result import Asked


@command()
@data_options.learned_data_options
@data_options.target_data_option
@data_options.part_options
@options.encoder_options
@options.limits_option()
@options.ledger_option
@options.model_option
@tied_options.kind_option
@work_options.work_options
@options.audit_option()
@options.overwrite_option
@message_options.output_options
@click.pass_context
def bootstrap(ctx: click.Context, **choice: Any) -> None:
    """Fit an encoder on a sample and save a model that has learned nothing yet.

    \b
    Examples:
      python cli.py bootstrap --data digits --classes 0,1 --model digits.safetensors
      python cli.py bootstrap --kind autoencoder --data digits --ledger class
    """
    from indeependence.data.selection import Part, Source
    from indeependence.experiment.training import bootstrapped
    from indeependence.files.lock import sole_writer_of
    from indeependence.history.trail import Trail
    from indeependence.models.making import Making

    choice["kind"] = tied_options.chosen_kind(ctx)
    tied_options.check_frozen(ctx, choice["kind"])
    outputs.check_outputs(choice, model=outputs.new)
    dataset = taken(Source, choice).load()
    examples = taken(Part, choice).of(dataset)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        with sole_writer_of(choice["model"]):
            trail = Trail(choice["model"], choice["audit"])
            watch("bootstrapping the encoder", 0, 0)
            model = bootstrapped(taken(Making, choice), examples, dataset.reading)
            trail.replace("bootstrap", model.facts, lambda: model.save(choice["model"]), anew=True)
    say(facts_of(model, choice["model"]), as_json=choice["as_json"])


@command()
@data_options.learned_data_options
@data_options.target_option
@data_options.target_data_option
@data_options.part_options
@section(
    "Data",
    option("--tasks", type=COUNT, metavar="N", rare=True, help="Learn the classes in N tasks, one after another."),
)
@options.encoder_options
@options.limits_option(rare=True)
@options.solver_options
@options.ledger_option
@section(
    "Model",
    option(
        "--window",
        type=COUNT,
        metavar="K",
        rare=True,
        help="Keep the last K tasks alone, each train being one: what is older is taken out exactly (--ledger task).",
    ),
)
@options.contexts_options
@section(
    "Model",
    option("--load", is_flag=True, help="Load --model, go on training it and save it; otherwise start a new model."),
    option("--resume", is_flag=True, help="Continue from the last checkpoint of this command."),
    option(
        "--checkpoint-every",
        type=COUNT,
        default=20_000,
        show_default=True,
        metavar="N",
        rare=True,
        help="Save --model every N examples, in addition to after each task.",
    ),
)
@options.model_option
@tied_options.kind_option
@tied_options.frozen_option
@options.running_options
@work_options.work_options
@work_options.distribution_options
@message_options.folder_option("artifacts/training", "report.html and results.json")
@message_options.tensorboard_option
@options.audit_option(rare=True)
@options.overwrite_option
@message_options.output_options
@click.pass_context
def train(ctx: click.Context, **choice: Any) -> None:
    """Train a model and save it to a file.

    An autoencoder learns example by example (--layers 400,250,150 --limit 1000), or pairs; see --help-all.

    \b
    Examples:
      python cli.py train --data digits --classes 0,1
      python cli.py train --data digits --classes 2,3 --load
      python cli.py train --data houses.csv --target price
    """
    choice["kind"] = kind = tied_options.chosen_kind(ctx)
    online = kind == "autoencoder" and not tied_options.is_frozen(choice)
    if online:
        choice |= tied_options.check_online(ctx)
    else:
        tied_options.check_frozen(ctx, kind)
        tied_options.check_load(ctx)
    goes_on = choice["load"] or choice["resume"]
    outputs.check_outputs(
        choice,
        model=lambda path, overwrite: outputs.new(path, overwrite or goes_on),
        output=outputs.report(*outputs.CURVE, plots=("error",)) if online else outputs.report(),
        record=outputs.film,
    )
    check_given(choice)
    if choice["window"] is not None:
        _take_ledger_by_task(choice)
    named = choice["target"] is not None or choice["labels"] is not None
    if named or (goes_on and is_of_numbers(choice["model"])):
        train_numbers(ctx, choice)
        return
    if online:
        from indeependence.commands.train_autoencoder import Settings, train_autoencoder

        average = choice["average"] or given(ctx, "coeff")
        train_autoencoder(Settings.of({**choice, "coeff": choice["coeff"] if average else None}))
        return
    from indeependence.data.selection import Part, Source
    from indeependence.distributed.shards import Located
    from indeependence.experiment.training import Run, Workers
    from indeependence.models.making import Making

    source, making, workers = taken(Source, choice), taken(Making, choice), taken(Workers, choice)
    if making.limits and choice["load"]:
        raise click.UsageError("--limits goes with a new model: the encoder in --model has its own, leave it out")
    _check_usage(making, workers)
    settings = taken(Training, choice, source=source, part=taken(Part, choice), asked=asked(choice))
    run = Run(
        making,
        choice["model"],
        load=choice["load"],
        resume=choice["resume"],
        every=choice["checkpoint_every"],
        workers=workers,
        source=Located.of(source) if workers.wanted else None,
        audit=choice["audit"],
        window=choice["window"],
    )
    say(_trained(run, settings), as_json=choice["as_json"])


def _take_ledger_by_task(choice: dict[str, Any]) -> None:
    """Let a new model have the ledger that --window needs; raise `UsageError` for another one."""
    if choice["ledger"] not in (None, "task"):
        raise click.UsageError(f"--window goes with --ledger task, got {choice['ledger']}: leave that out")
    online = choice["kind"] == "autoencoder" and not tied_options.is_frozen(choice)
    if online or choice["contexts"] not in (None, "one"):
        raise click.UsageError("--window goes with one context and a model of sums by task: leave it out")
    if not choice["load"]:
        choice["ledger"] = "task"


@dataclass(frozen=True)
class Training:
    """What a classifier is trained on, and where the results go."""

    source: Source
    part: Part
    tasks: int | None
    output: Path
    tensorboard: Path | None
    quiet: bool
    asked: Asked


def _check_usage(making: Making, workers: Workers) -> None:
    """Raise `UsageError` for options that contradict each other."""
    if making.keep_sums and making.contexts in (None, "one"):
        raise click.UsageError("--keep-sums goes with --contexts task or auto: one context always keeps its sums")
    if making.contexts not in (None, "one") and (workers.wanted or making.ledger):
        raise click.UsageError(
            "--contexts goes without --workers, --scheduler and --ledger: each context has its own sums"
        )
    if workers.workers and workers.scheduler:
        raise click.UsageError("--workers starts processes of its own: leave out either it or --scheduler")
    if workers.wanted and making.cache:
        raise click.UsageError("--cache goes without --workers and --scheduler: workers keep nothing on their disks")
    if workers.gram_blocks and not workers.wanted:
        raise click.UsageError("--gram-blocks goes with --workers or --scheduler: give one of them, too")


def _trained(run: Run, settings: Training) -> dict[str, Any]:
    """Train, write a report, and return the facts about the model and its training."""
    from indeependence.data.reading import Reading
    from indeependence.experiment import training
    from indeependence.experiment.costs import Clock
    from indeependence.experiment.events import after_piece
    from indeependence.experiment.training_report import report
    from indeependence.files.lock import sole_writer_of
    from indeependence.report.tensorboard import board

    clock = Clock.start()
    dataset = settings.source.load(Reading.in_file(run.path) if run.goes_on else None)
    tasks = training.tasks_of(settings.part.of(dataset), settings.tasks)
    with ExitStack() as stack:
        stack.enter_context(limited_threads(run.making.threads))
        watch = stack.enter_context(progress(quiet=settings.quiet))
        shown_on = stack.enter_context(board(settings.tensorboard))
        with sole_writer_of(run.path, existing=run.load):
            done = training.train(run, tasks, dataset.reading, watch=watch, written=after_piece(shown_on))
        if done.after.unfinished:
            done_so_far = f"{done.after.done:,} of {done.after.of:,} examples"
            note(f"{run.path} holds {done_so_far}: go on with --resume.", before="")
            raise KeyboardInterrupt
        facts = facts_of(done.model, run.path, learned_now=done.learned_now)
        out = settings.output
        return report(done.model, dataset, clock, facts, settings.asked, out, watch=watch, board=shown_on)

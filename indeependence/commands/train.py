"""``bootstrap`` and ``train``: a model's file is made, and goes on learning tomorrow where it stopped today."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands import checkpoints, chosen, models, options, train_report, watching
from indeependence.commands.help import command, option, section
from indeependence.commands.machine import limited_threads
from indeependence.commands.progress import progress
from indeependence.commands.values import COUNT
from indeependence.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from indeependence.commands.checkpoints import Progress
    from indeependence.commands.models import Model
    from indeependence.commands.progress import Watch
    from indeependence.data.examples import Examples
    from indeependence.distributed import Source

log = logging.getLogger(__name__)


@command()
@options.learned_data_options
@options.part_options
@options.encoder_options
@options.ledger_option
@options.model_option
@options.work_options
@options.output_options
def bootstrap(**choice: Any) -> None:
    """Fit an encoder on a sample and write a model that has learned nothing yet.

    \b
    Example:
      python cli.py bootstrap --data digits --classes 0,1 --model digits.safetensors
    """
    dataset = chosen.load(choice)
    examples = chosen.training_part(dataset, choice)
    with limited_threads(choice["threads"]), progress(quiet=choice["quiet"]) as watch:
        with models.sole_writer_of(choice["model"]):
            model = _bootstrapped(choice, examples, watch)
            model.columns = dataset.columns
            model.save(choice["model"])
    models.tell(model, choice["model"], as_json=choice["as_json"])


@command()
@options.learned_data_options
@options.part_options
@section("Data", option("--tasks", type=COUNT, metavar="N", help="Learn the classes in that many tasks, by turns."))
@options.encoder_options
@options.solver_options
@options.ledger_option
@options.contexts_options
@section(
    "Model",
    option("--load", is_flag=True, help="Go on from --model and update it; without it, start afresh."),
    option("--resume", is_flag=True, help="Go on from the last checkpoint of this command."),
    option(
        "--checkpoint-every",
        type=COUNT,
        default=20_000,
        show_default=True,
        metavar="N",
        rare=True,
        help="Write --model after that many examples, besides after each task.",
    ),
)
@options.model_option
@section(
    "Model",
    option(
        "--kind",
        type=click.Choice(["classifier", "autoencoder"]),
        metavar="KIND",
        help="classifier; autoencoder, also if one of its options is given.",
    ),
)
@options.running_options
@options.work_options
@options.distribution_options
@options.folder_option("artifacts/training", "report.html, results.json and an autoencoder's error curve")
@options.tensorboard_option
@options.output_options
@click.pass_context
def train(ctx: click.Context, **choice: Any) -> None:
    """Learn examples into a model's file.

    With --load, besides all that it has learned before.

    An autoencoder is learned example by example, as by the original program: infer the label, score it, collect,
    learn. Its --layers auto are 400,250,150, and its --limit is 1000 if not given. --help-all tells its options.

    \b
    Examples:
      python cli.py train --data digits --classes 0,1
      python cli.py train --data digits --classes 2,3 --load
      python cli.py train --kind autoencoder --data mnist --layers 100
    """
    from indeependence.report.tensorboard import board

    if chosen_kind(ctx) == "autoencoder":
        from indeependence.commands.train_autoencoder import train_autoencoder

        average = choice["average"] or _given(ctx, "coeff")
        train_autoencoder({**choice, "coeff": choice["coeff"] if average else None})
        return
    if choice["contexts"] not in (None, "one") and (choice["workers"] or choice["scheduler"] or choice["ledger"]):
        raise click.UsageError(
            "--contexts goes without --workers, --scheduler and --ledger: each context has its own sums"
        )
    if choice["workers"] and choice["scheduler"]:
        raise click.UsageError("--workers starts processes of its own: leave out either it or --scheduler")
    if choice["gram_blocks"] and not (choice["workers"] or choice["scheduler"]):
        raise click.UsageError("--gram-blocks goes with --workers or --scheduler: give one of them, too")
    clock = train_report.Clock.start()
    on_workers = choice["workers"] or choice["scheduler"]
    source = _source(choice) if on_workers else None  # before the data is read, so that a change shows
    goes_on = choice["load"] or (choice["resume"] and choice["model"].is_file())
    dataset = chosen.load(choice, model=choice["model"] if goes_on else None)
    tasks = _tasks(chosen.training_part(dataset, choice), choice["tasks"])
    with ExitStack() as stack:
        stack.enter_context(limited_threads(choice["threads"]))
        watch = stack.enter_context(progress(quiet=choice["quiet"]))
        shown = stack.enter_context(board(choice["tensorboard"]))
        with models.sole_writer_of(choice["model"], existing=choice["load"]):
            reading = {**choice, "columns": dataset.columns, "source": source}
            model, learned = _learn(reading, tasks, watch, watching.after_piece(shown))
        facts = models.facts(model, choice["model"], learned_now=learned)
        told = train_report.write(model, dataset, choice, clock, facts, watch=watch, board=shown)
    models.say(told, as_json=choice["as_json"])


def _source(choice: dict[str, Any]) -> Source:
    from indeependence.distributed import Source

    return Source(choice["data"], choice["label"], choice["test_fraction"], choice["seed"]).located


OF_AUTOENCODERS = (
    *("average", "coeff", "eval", "rate", "boot_skip", "boot_limit", "infer", "inference", "solver"),
    *("show", "record"),
)


def chosen_kind(ctx: click.Context) -> str:
    """The kind of model that the options ask for; wrong usage where they contradict each other."""
    kind, given = ctx.params["kind"], [name for name in OF_AUTOENCODERS if _given(ctx, name)]
    if kind == "classifier" and given:
        raise click.UsageError(
            f"--{given[0].replace('_', '-')} goes with --kind autoencoder, got classifier: leave one out"
        )
    kind = kind or ("autoencoder" if given else "classifier")
    if kind == "autoencoder" and ctx.params["encoder"]:
        raise click.UsageError("--encoder goes with --kind classifier, got autoencoder: leave one out")
    return kind


def _given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _tasks(examples: Examples, tasks: int | None) -> list[Examples]:
    """The examples in one piece, or one piece for each of several groups of classes."""
    import numpy as np

    from indeependence.data.class_groups import class_groups

    if tasks is None:
        return [examples]
    groups = class_groups(examples.classes, tasks=tasks)
    return [
        replace(examples, name=",".join(map(str, group)), rows=examples.rows[np.isin(examples.labels, group)])
        for group in groups
    ]


def _learn(
    choice: dict[str, Any], tasks: list[Examples], watch: Watch, written: Callable[[Model], None]
) -> tuple[Model, int]:
    """The model after all tasks, written at every checkpoint, and the number of examples learned now."""
    path = choice["model"]
    made = {} if choice["load"] else {name: choice[name] for name in ("layers", "bootstrap_limit", "seed")}
    begin = checkpoints.Progress(checkpoints.plan_of(tasks, made), 0, sum(map(len, tasks)))
    before = checkpoints.progress_to_go_on_from(path, begin, load=choice["load"], resume=choice["resume"])
    model = models.loaded_model(choice) if before else _bootstrapped(choice, tasks[0], watch)
    model.columns = model.columns or choice["columns"]

    def save(now: Progress) -> None:
        model.save(path, progress=asdict(now))
        log.info("%s: %d of %d examples", path, now.done, now.of)
        written(model)

    if before in (None, begin):
        before = replace(begin, first_task=model.next_task)
        if not choice["load"]:
            save(before)  # the encoder is there already, if all else is lost
    with checkpoints.stopping_on_interrupt() as stopped, learning(choice, model, watch) as learn_piece:
        after = checkpoints.learn(
            model,
            tasks,
            before,
            every=choice["checkpoint_every"],
            learn_piece=lambda piece, task: learn_piece(piece, task, stopped),
            save=save,
            stopped=stopped,
        )
    if after.unfinished:
        click.echo(f"{path} holds {after.done:,} of {after.of:,} examples: go on with --resume.", err=True)
        raise KeyboardInterrupt
    return model, after.done - before.done


@contextmanager
def learning(
    choice: dict[str, Any], model: Model, watch: Watch
) -> Iterator[Callable[[Examples, int, Callable[[], bool]], None]]:
    """What learns a piece of a task until it is stopped: this process, or the workers of --workers or --scheduler."""
    if choice["workers"] is None and choice["scheduler"] is None:

        def here(piece: Examples, task: int, stopped: Callable[[], bool]) -> None:
            from indeependence.experiment import watched

            model.learn(checkpoints.until(watched(piece, model.batch_size, watch), stopped), task=task)

        yield here
        return
    from indeependence import distributed
    from indeependence.classifier import ContinualClassifier
    from indeependence.gram_blocks import sum_blocks

    if not isinstance(model, ContinualClassifier):
        raise InputError("a model with contexts learns in this process: leave --workers and --scheduler out")
    blocks = choice["gram_blocks"]
    summed = partial(sum_blocks, blocks=blocks) if blocks else distributed.sum_shards
    source = replace(choice["source"], columns=choice["columns"])
    with distributed.connected(workers=choice["workers"], scheduler=choice["scheduler"]) as client:

        def on_workers(piece: Examples, task: int, stopped: Callable[[], bool]) -> None:
            watch(f"learning {piece.name} on workers", 0, 0)
            sums = [
                summed(client, model.encoder_, distributed.source_of(source, piece), rows, batch_size=model.batch_size)
                for rows in _rows_kept_apart(piece, model.ledger_.kind)
            ]
            for part in sums:
                model.add(part, task=task)

        yield on_workers


def _rows_kept_apart(piece: Examples, ledger: str) -> list[np.ndarray]:
    return [piece.rows[piece.labels == label] for label in piece.classes] if ledger == "class" else [piece.rows]


def _bootstrapped(choice: dict[str, Any], examples: Examples, watch: Watch) -> Model:
    watch("bootstrapping the encoder", 0, 0)
    model = models.new_model(choice)
    sample = model.bootstrap_rows(len(examples))  # of the rows, so that a data set need not fit into memory
    return model.bootstrap(replace(examples, rows=examples.rows[sample]).arrays()[0])

"""Options that several commands share, so that all of them spell them alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
MODEL = Path("artifacts/model.safetensors")


class Penalty(click.ParamType):
    """``auto`` or a number of at least 0."""

    name = "auto|NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | str:
        if value == "auto":
            return "auto"
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not 0 <= number < float("inf"):
            self.fail(f"expected auto or a number of at least 0, got {value!r}", param, ctx)
        return number


SOURCES = (
    "digits, mnist, fashion-mnist, cifar10, cifar100, or a path: a folder of IDX files, of .npy pairs or of pictures "
    "per class, an .npz or a .csv."
)


def data_options(command: Command) -> Command:
    """Where labelled examples come from."""
    return _with(
        command, click.option("--data", default="digits", show_default=True, help=SOURCES), *_reading_options()
    )


def examples_options(command: Command) -> Command:
    """Where labelled examples come from, if any are given."""
    return _with(command, click.option("--examples", "data", metavar="DATA", help=SOURCES), *_reading_options())


def _reading_options() -> tuple[Callable[[Command], Command], ...]:
    return (
        click.option("--label", metavar="NAME", help="Label column of a .csv; the last one if not given."),
        click.option(
            "--test-fraction",
            type=click.FloatRange(0, 1, min_open=True, max_open=True),
            default=0.2,
            show_default=True,
            help="Share of each class to test on, where the data has no test part.",
        ),
    )


def part_options(command: Command) -> Command:
    """Which of the examples are meant."""
    return _with(
        command,
        click.option("--classes", metavar="A,B,…", help="Only examples of these classes."),
        click.option(
            "--skip", type=click.IntRange(0), default=0, show_default=True, help="Leave out that many examples first."
        ),
        click.option("--limit", type=click.IntRange(1), help="Use at most that many examples; all if not given."),
    )


def model_option(command: Command) -> Command:
    """The model's file."""
    return _with(
        command,
        click.option(
            "--model",
            type=click.Path(path_type=Path, dir_okay=False),
            default=MODEL,
            show_default=True,
            help="The model's file.",
        ),
    )


def encoder_options(command: Command) -> Command:
    """How the encoder is made."""
    return _with(
        command,
        click.option(
            "--layers",
            default="auto",
            show_default=True,
            help="The encoder: 400,250,150 or patches:64:size=7:pool=6:stride=4,+sparse:1500, say; auto chooses by "
            "the inputs' shape.",
        ),
        click.option(
            "--bootstrap-limit",
            type=click.IntRange(1),
            default=5000,
            show_default=True,
            help="Examples of the first task that the encoder is fitted on.",
        ),
        seed_option,
    )


def ledger_option(command: Command) -> Command:
    """What is kept beside the sums, so that it can be taken out again."""
    return _with(
        command,
        click.option(
            "--ledger",
            type=click.Choice(["none", "task", "class"]),
            help="Also keep the sums of each task or class, so that forget takes it out exactly; the file and the "
            "memory are then as many times larger. none for a new model; a model keeps its kind.",
        ),
    )


def kind_option(*kinds: str) -> Callable[[Command], Command]:
    """Which kind of model."""

    def with_kind(command: Command) -> Command:
        return _with(command, click.option("--kind", type=click.Choice(kinds), default=kinds[0], show_default=True))

    return with_kind


def running_options(command: Command) -> Command:
    """How an autoencoder learns example by example; names and defaults of the original program."""
    positive = click.FloatRange(0, min_open=True)
    share = click.FloatRange(0, 1, min_open=True)
    return _with(
        command,
        click.option("--average", is_flag=True, help="Autoencoder: moving averages, which forget, instead of sums."),
        click.option(
            "--coeff", type=share, default=0.01, show_default=True, help="Of the moving averages; implies them."
        ),
        click.option("--eval", type=share, default=0.01, show_default=True, help="Coefficient of the running error."),
        click.option("--rate", type=positive, default=0.01, show_default=True, help="Learning rate of Adam."),
        click.option("--boot-skip", type=click.IntRange(0), help="Examples before those to bootstrap on; as --skip."),
        click.option("--boot-limit", type=click.IntRange(1), default=1, show_default=True, help="Examples for that."),
        click.option("--infer", type=click.IntRange(1), default=100, show_default=True, help="Steps of an inference."),
        click.option(
            "--inference",
            type=click.Choice(["mean", "closed", "adam"]),
            default="mean",
            show_default=True,
            help="Of labels: conditional mean (no steps), mirror pattern and least squares by turns, or Adam.",
        ),
        click.option(
            "--solver",
            type=click.Choice(["eigh", "adam"]),
            default="eigh",
            show_default=True,
            help="Of the bases: eigenvectors, or --infer steps of Adam.",
        ),
        click.option(
            "--output",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path("artifacts/training"),
            show_default=True,
            help="Folder for the error curve: error.txt, error.csv, error.png.",
        ),
        click.option("--show", is_flag=True, help="A live window: input, reconstruction, error curve."),
        click.option(
            "--record",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE.mp4|.png",
            help="The same as a film, or as numbered pictures.",
        ),
    )


def seed_option(command: Command) -> Command:
    """The seed of everything random."""
    return _with(
        command,
        click.option(
            "--seed",
            type=click.IntRange(0),
            default=0,
            show_default=True,
            help="Decides bases and orders; equal seeds, equal results.",
        ),
    )


def solver_options(command: Command) -> Command:
    """How weights are solved from the sums."""
    return _with(
        command,
        click.option(
            "--penalty",
            type=Penalty(),
            default="auto",
            show_default=True,
            help="Of the ridge, in mean variances of a unit; auto: generalised cross-validation from the sums.",
        ),
    )


def work_options(command: Command) -> Command:
    """How the work is cut; none of it changes a result."""
    return _with(
        command,
        click.option(
            "--batch-size",
            type=click.IntRange(1),
            default=256,
            show_default=True,
            help="Examples encoded at a time; any value gives the same result.",
        ),
        click.option("--threads", type=click.IntRange(1), help="Threads to use; all cores if not given."),
    )


def distribution_options(command: Command) -> Command:
    """Who does the work, if not this process; none of it changes a result."""
    return _with(
        command,
        click.option("--workers", type=click.IntRange(1), metavar="N", help="Sum on that many processes, by Dask."),
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="Sum on the workers of a running Dask scheduler, tcp://host:8786, say; they must see --data's path.",
        ),
    )


def output_options(command: Command) -> Command:
    """How results are told."""
    return _with(
        command,
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else."),
        click.option("--quiet", is_flag=True, help="No progress bar."),
    )


def _with(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command

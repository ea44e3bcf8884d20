"""Options that several commands share, so that all of them spell them alike; each group is a decorator."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from indeependence.commands.help import Function, option, section
from indeependence.commands.values import COUNT, FILE, FOLDER, FROM_ZERO, POSITIVE, SHARE, Penalty

MODEL = Path("artifacts/model.safetensors")
SOURCES = (
    "digits, mnist, fashion-mnist, cifar10, cifar100, or a path: a folder of IDX files, of .npy pairs or of pictures "
    "per class, an .npz or a .csv."
)


def _sources(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of data sets that begin so, and the shell's own completion of files."""
    names = [name for name in SOURCES.split(", or a path")[0].split(", ") if name.startswith(incomplete)]
    return [*map(CompletionItem, names), CompletionItem(incomplete, type="file")]


_LABEL = option("--label", metavar="NAME", help="Label column of a .csv; the last one if not given.")
_READING = (
    _LABEL,
    option(
        "--test-fraction",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        default=0.2,
        show_default=True,
        rare=True,
        help="Share of each class to test on, where the data has no test part.",
    ),
)
# What is learned, or taken out again, is all that the data holds, unless a share is asked for.
_READING_ALL = (
    _LABEL,
    option(
        "--test-fraction",
        type=click.FloatRange(0, 1, max_open=True),
        default=0.0,
        rare=True,
        help="Share of each class to leave out, where the data has no test part; all examples are used if not given.",
    ),
)
_SEED = option(
    "--seed", type=FROM_ZERO, default=0, show_default=True, help="Of bases and orders: equal seeds, equal results."
)

# Where labelled examples come from: to measure on, to learn, to be taken out again.
_DATA = option("--data", default="digits", show_default=True, help=SOURCES, shell_complete=_sources)
data_options = section("Data", _DATA, *_READING)
learned_data_options = section("Data", _DATA, *_READING_ALL)
examples_options = section(
    "Data", option("--examples", "data", metavar="DATA", help=SOURCES, shell_complete=_sources), *_READING_ALL
)

# Which of the examples are meant.
test_data_option = section(
    "Data",
    option("--data", help="Also tell the accuracy on the test part of " + SOURCES, shell_complete=_sources),
    *_READING,
)
part_options = section(
    "Data",
    option("--classes", metavar="A,B,…", help="Only examples of these classes."),
    option("--skip", type=FROM_ZERO, default=0, metavar="N", help="Leave out that many examples first."),
    option("--limit", type=COUNT, metavar="N", help="Use at most that many examples."),
)

model_option = section(
    "Model", option("--model", type=FILE, default=MODEL, show_default=True, metavar="FILE", help="The model's file.")
)
seed_option = section("Model", _SEED)


def _layers(ctx: click.Context, parameter: click.Parameter, layers: str) -> str:
    """The encoder that --layers or --preset asks for; wrong usage if they ask for two."""
    if ctx.meta.get(PRESET_OF) != "best":
        return layers
    if layers != "auto":
        raise click.UsageError("--preset best has layers of its own: leave out either it or --layers")
    return "best"


def _keep_preset(ctx: click.Context, parameter: click.Parameter, preset: str) -> None:
    ctx.meta[PRESET_OF] = preset


PRESET_OF = "indeependence.options.preset"
PRESET = option(
    "--preset",
    type=click.Choice(["default", "best"]),
    default="default",
    metavar="KIND",
    is_eager=True,  # --layers asks for it
    expose_value=False,
    callback=_keep_preset,
    help="best: the most accurate encoder for pictures, at several times the cost.",
)

# How the encoder is made.
encoder_options = section(
    "Model",
    PRESET,
    option(
        "--layers",
        default="auto",
        show_default=True,
        metavar="TEXT",
        callback=_layers,
        help="Of the encoder, 400,250,150, say; auto goes by the inputs.",
    ),
    option(
        "--encoder",
        type=FILE,
        metavar="FILE.keras",
        rare=True,
        help="A frozen Keras model that looks at the inputs before --layers do; kept in the model's file.",
    ),
    option(
        "--bootstrap-limit",
        type=COUNT,
        default=5000,
        show_default=True,
        rare=True,
        help="Examples of the first task that the encoder is fitted on.",
    ),
    _SEED,
)

# What is kept beside the sums, so that it can be taken out again.
ledger_option = section(
    "Model",
    option(
        "--ledger",
        type=click.Choice(["none", "task", "class"]),
        metavar="KIND",
        help="task or class: keep each one's sums, to forget it exactly.",
    ),
)

# How weights are solved from the sums.
solver_options = section(
    "Model",
    option(
        "--penalty",
        type=Penalty(),
        default="auto",
        show_default=True,
        rare=True,
        help="Of the ridge, in mean variances of a unit; auto: generalised cross-validation from the sums.",
    ),
)


# Whether there are several contexts, and what is kept of them.
contexts_options = section(
    "Model",
    option(
        "--contexts",
        type=click.Choice(["auto", "task", "one"]),
        metavar="KIND",
        help="task: sums for each task; auto: for each kind of inputs; one.",
    ),
    option(
        "--keep-sums",
        is_flag=True,
        rare=True,
        help="Contexts: keep the sums of each, so that it can learn on; task else keeps the last one's, and weights.",
    ),
)


def kind_option(*kinds: str) -> Callable[[Function], Function]:
    """Which kind of model."""
    return section(
        "Model",
        option(
            "--kind",
            type=click.Choice(kinds),
            default=kinds[0],
            show_default=True,
            metavar="KIND",
            help=f"Of the model: {', '.join(kinds)}.",
        ),
    )


# How an autoencoder learns example by example; names and defaults of the original program.
running_options = section(
    "Autoencoder, example by example",
    option("--average", is_flag=True, help="Moving averages, which forget, instead of sums."),
    option("--coeff", type=SHARE, default=0.01, show_default=True, help="Of the moving averages; implies them."),
    option("--eval", type=SHARE, default=0.01, show_default=True, help="Coefficient of the running error."),
    option("--rate", type=POSITIVE, default=0.01, show_default=True, help="Learning rate of Adam."),
    option("--boot-skip", type=FROM_ZERO, help="Examples before those to bootstrap on; as --skip."),
    option("--boot-limit", type=COUNT, default=1, show_default=True, help="Examples to bootstrap on."),
    option("--infer", type=COUNT, default=100, show_default=True, help="Steps of an inference."),
    option(
        "--inference",
        type=click.Choice(["mean", "closed", "adam"]),
        default="mean",
        show_default=True,
        help="Of labels: conditional mean, least squares by turns, or Adam.",
    ),
    option(
        "--solver",
        type=click.Choice(["eigh", "adam"]),
        default="eigh",
        show_default=True,
        help="Of the bases: eigenvectors, or --infer steps of Adam.",
    ),
    option("--show", is_flag=True, help="A live window: input, reconstruction, error curve."),
    option("--record", type=FILE, metavar="FILE.mp4|.png", help="The same as a film, or as numbered pictures."),
    rare=True,
)

# How the work is cut; none of it changes a result.
work_options = section(
    "Work",
    option(
        "--batch-size",
        type=COUNT,
        default=256,
        show_default=True,
        rare=True,
        help="Examples encoded at a time; any value gives the same result.",
    ),
    option("--threads", type=COUNT, metavar="N", help="Threads to use; all cores if not given."),
)
threads_option = section(
    "Work", option("--threads", type=COUNT, metavar="N", help="Threads to use; all cores if not given.")
)

# Who does the work, if not this process; none of it changes a result.
distribution_options = section(
    "Work",
    option("--workers", type=COUNT, metavar="N", help="Sum on that many processes, by Dask."),
    option("--scheduler", metavar="ADDRESS", help="Sum on workers of a Dask scheduler, tcp://host:8786."),
    option(
        "--gram-blocks",
        type=COUNT,
        metavar="B",
        rare=True,
        help="Cut the products into B x B blocks, so that no worker need hold them all; for very many code units.",
    ),
)

tensorboard_option = section(
    "Messages",
    option(
        "--tensorboard",
        type=FOLDER,
        metavar="DIR",
        help="Write scalars, pictures and histograms for TensorBoard on the way.",
    ),
)


def _tell_more(ctx: click.Context, parameter: click.Parameter, count: int) -> None:
    """Notes on stderr of what is being done: from -v on what, from -vv on also how."""
    handler = _Notes()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("indeependence")
    logger.handlers = [handler]
    logger.setLevel({0: logging.WARNING, 1: logging.INFO}.get(count, logging.DEBUG))


class _Notes(logging.Handler):
    """Notes go where messages go, also where that changes while a progress bar is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=True)


# How results are told.
output_options = section(
    "Messages",
    option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else."),
    option("--quiet", is_flag=True, help="No progress bar."),
    option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=_tell_more,
        help="Tell on stderr what is being done; -vv tells more.",
    ),
)
json_option = section(
    "Messages", option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
)


def folder_option(default: str, what: str) -> Callable[[Function], Function]:
    """The folder that a command writes to."""
    settings: dict[str, Any] = {"type": FOLDER, "default": Path(default), "show_default": True, "metavar": "DIR"}
    return section("Messages", option("--output", **settings, help=f"Folder for {what}."))

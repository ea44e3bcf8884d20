"""Options that several commands share, so that they are spelt alike everywhere; each group is a decorator."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from indeependence.commands.shared.engine import engine_options
from indeependence.commands.shared.help import Function, option, section
from indeependence.commands.shared.notes import note
from indeependence.commands.shared.types import (
    COUNT,
    FILE,
    FOLDER,
    FROM_ZERO,
    POSITIVE,
    SHARE,
    Finite,
    Penalty,
    PictureSize,
)

# Loggers that are always heard.
UNDERSTOOD = ("indeependence.data.understood", "indeependence.encoder.fronts", "indeependence.engine")
MODEL = Path("artifacts/model.safetensors")
SOURCES = (
    "digits, mnist, fashion-mnist, cifar10, cifar100, or a path: a folder of IDX files, .npy pairs or pictures by "
    "class, an .npz or a table."
)


def _sources(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of data sets that begin like this, and let the shell complete files."""
    names = [name for name in SOURCES.split(", or a path")[0].split(", ") if name.startswith(incomplete)]
    return [*map(CompletionItem, names), CompletionItem(incomplete, type="file")]


_TABLE = (
    option(
        "--ignore",
        metavar="A,B,…",
        rare=True,
        help="Columns of a table to leave out, by name or number: 1 is the first, -1 the last.",
    ),
    option("--id", metavar="NAME", rare=True, help="Column of a table that names its rows; no input."),
    option(
        "--header",
        type=click.Choice(["yes", "no"]),
        metavar="yes|no",
        rare=True,
        help="Whether the first row of a table has the names of its columns; by its content if absent.",
    ),
)
_LABEL = (
    option(
        "--label",
        metavar="NAME",
        help="Label column of a table, by name or number (-1: the last one, as if absent).",
    ),
    *_TABLE,
)
_SIZE = option(
    "--size",
    type=PictureSize(),
    metavar="N|HxW",
    rare=True,
    help="Pixels that picture files are fitted into with padding (64:crop: cropped); chosen from them if absent.",
)
_READING = (
    *_LABEL,
    option(
        "--test-fraction",
        type=Finite(0, 1, min_open=True, max_open=True),
        default=0.2,
        show_default=True,
        rare=True,
        help="Share of each class to test on, if the data has no test part.",
    ),
)
# Training and forgetting use all of the data, unless a share is to be left out.
_READING_ALL = (
    *_LABEL,
    option(
        "--test-fraction",
        type=Finite(0, 1, max_open=True),
        default=0.0,
        rare=True,
        help="Share of each class to leave out, if the data has no test part; all examples are used by default.",
    ),
)
_SEED = option(
    "--seed", type=FROM_ZERO, default=0, show_default=True, help="Random seed; the same seed gives the same result."
)

# How tables are read that need no labels.
table_options = section("Data", *_TABLE)

# Where labelled examples come from: to measure on, to learn, to forget.
_DATA = option("--data", default="digits", show_default=True, help=SOURCES, shell_complete=_sources)
size_option = section("Data", _SIZE)
unsized_data_options = section("Data", _DATA, *_READING)
data_options = section("Data", _DATA, *_READING, _SIZE)
learned_data_options = section("Data", _DATA, *_READING_ALL, _SIZE)
examples_options = section(
    "Data", option("--examples", "data", metavar="DATA", help=SOURCES, shell_complete=_sources), *_READING_ALL, _SIZE
)

# Which of the examples are meant.
test_data_option = section(
    "Data",
    option("--data", help="Also report the accuracy on the test part of " + SOURCES, shell_complete=_sources),
    *_READING,
    _SIZE,
)
part_options = section(
    "Data",
    option("--classes", metavar="A,B,…", help="Use only examples of these classes."),
    option("--skip", type=FROM_ZERO, default=0, metavar="N", help="Leave out the first N examples."),
    option("--limit", type=COUNT, metavar="N", help="Use at most N examples."),
)

model_option = section(
    "Model", option("--model", type=FILE, default=MODEL, show_default=True, metavar="FILE", help="The model's file.")
)
overwrite_option = section(
    "Output",
    option("--overwrite", is_flag=True, rare=True, help="Replace what is there already, which is otherwise refused."),
)
seed_option = section("Model", _SEED)


def audit_option(*, rare: bool = False) -> Callable[[Function], Function]:
    """Return the option for the log that a command notes in what it changes or gives away."""
    text = "Note what is done in this log, which verify checks."
    return section("Output", option("--audit", type=FILE, metavar="LOG", rare=rare, help=text))


# Columns of numbers, in place of labels.
target_option = section(
    "Data",
    option("--target", metavar="A,B,…", help="Columns of a table that are numbers to learn, instead of labels."),
)


def _layers(ctx: click.Context, parameter: click.Parameter, layers: str) -> str:
    """Return the layers that --layers or --preset asks for; raise `UsageError` if both do."""
    if ctx.meta.get(PRESET_OF) != "best":
        return layers
    if layers != "auto":
        raise click.UsageError("--preset best has layers of its own: leave out either it or --layers")
    return "best"


def _networks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete files: the names of networks are known only once Keras is loaded."""
    return [CompletionItem(incomplete, type="file")]


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
        help="Encoder layers, e.g. 400,250,150; auto: picked from the data.",
    ),
    option(
        "--members",
        type=COUNT,
        rare=True,
        metavar="K",
        help="Average the scores of K encoders of other seeds, each with sums of its own; K times the cost.",
    ),
    option(
        "--encoder",
        metavar="NAME|FILE",
        rare=True,
        shell_complete=_networks,
        help="Frozen network that the inputs pass through before --layers; kept in the model's file: .keras, "
        ".onnx, or a name of keras.applications, e.g. MobileNetV2.",
    ),
    option(
        "--weights", type=FILE, rare=True, metavar="FILE", help="Weights of a network by name, instead of a download."
    ),
    option(
        "--encoder-scale",
        type=click.Choice(["none", "unit", "signed", "torch", "caffe"]),
        metavar="KIND",
        rare=True,
        help="What the network of a file wants pictures of 0 to 255 to become: none, unit (0 to 1), signed (-1 to 1), "
        "torch or caffe (as Keras has them).",
    ),
    option(
        "--cache",
        type=FOLDER,
        rare=True,
        metavar="DIR",
        help="Keep what the network makes of the examples in this folder, for later runs; delete it at any time.",
    ),
    option(
        "--double",
        is_flag=True,
        rare=True,
        help="Let --encoder compute in double precision: machines agree on its outputs; two to three times slower.",
    ),
    option(
        "--bootstrap-limit",
        type=COUNT,
        default=5000,
        show_default=True,
        rare=True,
        help="Number of examples of the first task that the encoder is fitted on.",
    ),
    _SEED,
)


OF_NETWORKS = ("encoder", "weights", "encoder_scale", "cache", "double")  # parameters of classifiers alone


def limits_option(*, rare: bool = False) -> Callable[[Function], Function]:
    """Return the option for limits that are known without looking at the data."""
    text = "Limits of inputs, as NUMBER:NUMBER or a file of NAME,LOW,HIGH, instead of those of the first examples."
    return section("Model", option("--limits", metavar="LOW:HIGH", rare=rare, help=text))


# What is kept in addition to the sums, so that it can be forgotten.
ledger_option = section(
    "Model",
    option(
        "--ledger",
        type=click.Choice(["none", "task", "class"]),
        metavar="KIND",
        help="task or class: keep the sums of each one, to forget it exactly.",
    ),
)

# How weights are solved from the sums.
solver_options = section(
    "Model",
    option(
        "--readout",
        type=click.Choice(["lda", "ridge"]),
        metavar="KIND",
        rare=True,
        help="How weights are solved: lda (linear discriminant analysis, by default) or ridge.",
    ),
    option(
        "--penalty",
        type=Penalty(),
        rare=True,
        help="Penalty of the readout, in mean variances of a unit; auto, by default: cross-validated from the sums.",
    ),
)


# Whether there are several contexts, and what is kept of them.
contexts_options = section(
    "Model",
    option(
        "--contexts",
        type=click.Choice(["auto", "task", "one"]),
        metavar="KIND",
        help="one: a single model; task: one per task; auto: per detected input distribution.",
    ),
    option(
        "--keep-sums",
        is_flag=True,
        rare=True,
        help="Keep the sums of every context, so that it can go on learning; task otherwise keeps only the last one's.",
    ),
)


def kind_option(*kinds: str) -> Callable[[Function], Function]:
    """Return the option for the kind of model, the first of ``kinds`` by default."""
    return section(
        "Model",
        option(
            "--kind",
            type=click.Choice(kinds),
            default=kinds[0],
            show_default=True,
            metavar="KIND",
            help=f"Kind of model: {', '.join(kinds)}.",
        ),
    )


# How an autoencoder learns example by example; names and defaults of the original program.
running_options = section(
    "Autoencoder, example by example",
    option("--average", is_flag=True, help="Keep moving averages, which forget, instead of sums."),
    option(
        "--coeff",
        type=SHARE,
        default=0.01,
        show_default=True,
        help="Coefficient of the moving averages; implies --average.",
    ),
    option("--eval", type=SHARE, default=0.01, show_default=True, help="Coefficient of the running error."),
    option("--rate", type=POSITIVE, default=0.01, show_default=True, help="Learning rate of Adam."),
    option(
        "--boot-skip", type=FROM_ZERO, help="Examples to leave out before those to bootstrap on; by default as --skip."
    ),
    option("--boot-limit", type=COUNT, default=1, show_default=True, help="Number of examples to bootstrap on."),
    option("--infer", type=COUNT, default=100, show_default=True, help="Steps of each inference."),
    option(
        "--inference",
        type=click.Choice(["mean", "closed", "adam"]),
        default="mean",
        show_default=True,
        help="How labels are inferred: conditional mean, alternating least squares, or Adam.",
    ),
    option(
        "--solver",
        type=click.Choice(["eigh", "adam"]),
        default="eigh",
        show_default=True,
        help="How bases are found: eigenvectors, or --infer steps of Adam.",
    ),
    option("--show", is_flag=True, help="Show a live window: input, reconstruction, error curve."),
    option("--record", type=FILE, metavar="FILE.mp4|.png", help="Write the same as a film or as numbered pictures."),
    rare=True,
)

# How the work is divided, and where it is done; none of it changes a result.
_WORK = section(
    "Work",
    option(
        "--batch-size",
        type=COUNT,
        default=256,
        show_default=True,
        rare=True,
        help="Number of examples encoded at a time; any value gives the same result.",
    ),
    option("--threads", type=COUNT, metavar="N", help="Number of threads; all cores if absent."),
)


def work_options(function: Function) -> Function:
    """Give a command the options of its work."""
    return _WORK(engine_options(function))


threads_option = section(
    "Work", option("--threads", type=COUNT, metavar="N", help="Number of threads; all cores if absent.")
)

# Who does the work, if not this process; none of it changes a result.
distribution_options = section(
    "Work",
    option("--workers", type=COUNT, metavar="N", help="Sum in N processes, started by Dask."),
    option(
        "--scheduler",
        metavar="ADDRESS",
        rare=True,
        help="Sum on the workers of a Dask scheduler, e.g. tcp://host:8786.",
    ),
    option(
        "--gram-blocks",
        type=COUNT,
        metavar="B",
        rare=True,
        help="Divide the products into B x B blocks, so that no worker holds all of them; for very many code units.",
    ),
)

tensorboard_option = section(
    "Output",
    option(
        "--tensorboard",
        type=FOLDER,
        metavar="DIR",
        help="Write scalars, pictures and histograms for TensorBoard to this folder.",
    ),
)


def _set_verbosity(ctx: click.Context, parameter: click.Parameter, count: int) -> None:
    """Write notes to stderr: what is being done from -v on, and how from -vv on."""
    handler = _Notes()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("indeependence")
    logger.handlers = [handler]
    logger.setLevel({0: logging.WARNING, 1: logging.INFO}.get(count, logging.DEBUG))


def show_what_is_understood(ctx: click.Context) -> None:
    """Until the command ends, write on stderr the lines that say how files were understood, at any verbosity."""
    handler = _Notes()
    handler.setFormatter(logging.Formatter("%(message)s"))
    loggers = [logging.getLogger(name) for name in UNDERSTOOD]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
        logger.setLevel(logging.INFO)

    @ctx.call_on_close
    def keep_quiet() -> None:
        for logger in loggers:
            logger.removeHandler(handler)
            logger.propagate = True
            logger.setLevel(logging.NOTSET)


class _Notes(logging.Handler):
    """Handler that writes notes where messages go, even if that changes while a progress bar is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        note(self.format(record), before="")


# How results are printed.
output_options = section(
    "Messages",
    option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else."),
    option("--quiet", is_flag=True, help="Show no progress bar."),
    option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=_set_verbosity,
        help="Report on stderr what is being done; -vv reports more.",
    ),
)
json_option = section(
    "Messages", option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
)


def folder_option(default: str, what: str) -> Callable[[Function], Function]:
    """Return the option for the folder that a command writes ``what`` to."""
    settings: dict[str, Any] = {"type": FOLDER, "default": Path(default), "show_default": True, "metavar": "DIR"}
    return section("Output", option("--output", **settings, help=f"Folder of {what}."))

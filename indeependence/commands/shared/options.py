"""Options that say which model is meant and how it is made, spelt alike in all commands; each is a decorator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from indeependence.commands.shared.help import Function, option, section
from indeependence.commands.shared.types import (
    COUNT,
    FILE,
    FOLDER,
    FROM_ZERO,
    POSITIVE,
    SHARE,
    Penalty,
)

MODEL = Path("artifacts/model.safetensors")
_SEED = option(
    "--seed", type=FROM_ZERO, default=0, show_default=True, help="Random seed; the same seed gives the same result."
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


def _layers(ctx: click.Context, parameter: click.Parameter, layers: str) -> str:
    """Return the layers that --layers or --preset asks for; raise `UsageError` if both do."""
    if ctx.meta.get(PRESET_OF) != "best":
        return layers
    if layers != "auto":
        raise click.UsageError("--preset best has layers of its own: leave out either it or --layers")
    return "best"


def _each_layers(ctx: click.Context, parameter: click.Parameter, several: tuple[str, ...]) -> tuple[str, ...]:
    """Return the layers of each --layers, or those of --preset; raise `UsageError` for both, and for one text twice."""
    twice = next((text for text in several if several.count(text) > 1), None)
    if twice is not None:
        raise click.UsageError(f"--layers {twice} is given twice: leave one out")
    return tuple(_layers(ctx, parameter, layers) for layers in several)


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

_LAYERS = option(
    "--layers",
    default="auto",
    show_default=True,
    metavar="TEXT",
    callback=_layers,
    help="Encoder layers, e.g. 400,250,150; auto: picked from the data.",
)
_EACH_LAYERS = option(
    "--layers",
    default=["auto"],
    show_default=True,
    multiple=True,
    metavar="TEXT",
    callback=_each_layers,
    help="Encoder layers, e.g. 400,250,150; auto: picked from the data.",
)
# What goes with the network of --encoder.
BESIDE_NETWORK = (
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
        "--encoder-depths",
        metavar="TEXT",
        rare=True,
        help="Take the pooled outputs of several layers of --encoder instead of its own: NAME,NAME… or how many sizes, "
        "e.g. 3; with :2 behind it, in 2x2 cells.",
    ),
    option(
        "--encoder-flip",
        is_flag=True,
        rare=True,
        help="Average the outputs of --encoder with those of the mirror image: more accurate, twice the time.",
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
)
# How the encoder is made, beside its layers.
_ENCODER = (
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
    *BESIDE_NETWORK,
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
encoder_options = section("Model", PRESET, _LAYERS, *_ENCODER)
several_encoders_options = section("Model", PRESET, _EACH_LAYERS, *_ENCODER)  # --layers may be given several times


# Parameters of classifiers alone.
OF_NETWORKS = ("encoder", "weights", "encoder_scale", "encoder_depths", "encoder_flip", "cache", "double")


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
        type=click.Choice(["lda", "ridge", "balanced"]),
        metavar="KIND",
        rare=True,
        help="How weights are solved: lda (linear discriminant analysis, by default), ridge, or balanced: ridge as if "
        "all classes had equally many examples, to find rare ones.",
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


# How what is missing is inferred.
WAYS = (
    option("--infer", type=COUNT, default=100, show_default=True, rare=True, help="Steps of each inference."),
    option(
        "--inference",
        type=click.Choice(["mean", "closed", "adam"]),
        default="mean",
        show_default=True,
        rare=True,
        help="How it is inferred: conditional mean, alternating least squares, or Adam.",
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
    option(
        "--order",
        type=click.Choice(["shuffled", "file"]),
        default="shuffled",
        show_default=True,
        help="Order of the examples: shuffled by the seed, or as in the data.",
    ),
    option("--rate", type=POSITIVE, help="Learning rate of Adam, 0.01 by default; implies --solver adam."),
    option(
        "--boot-skip", type=FROM_ZERO, help="Examples to leave out before those to bootstrap on; by default as --skip."
    ),
    option("--boot-limit", type=COUNT, default=1, show_default=True, help="Number of examples to bootstrap on."),
    *WAYS,
    option(
        "--solver",
        type=click.Choice(["eigh", "adam"]),
        help="How bases are refitted: by eigenvectors (eigh, by default), or by --infer steps of Adam.",
    ),
    option("--show", is_flag=True, help="Show input, reconstruction, bases, codes and error, in a window or browser."),
    option("--record", type=FILE, metavar="FILE.mp4|.png", help="Write the same as a film or as numbered pictures."),
    rare=True,
)

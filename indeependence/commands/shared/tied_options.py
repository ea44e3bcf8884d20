"""Which options go with which kind of model in ``bootstrap`` and ``train``: what would have no effect is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared import options
from indeependence.commands.shared.given import given, option_of, refuse
from indeependence.commands.shared.help import option, section

kind_option = section(
    "Model",
    option(
        "--kind",
        type=click.Choice(["classifier", "autoencoder"]),
        metavar="KIND",
        help="classifier or autoencoder; an option of an autoencoder implies it.",
    ),
)
frozen_option = section(
    "Autoencoder",
    option(
        "--frozen",
        is_flag=True,
        rare=True,
        help="Keep the bases as bootstrapped: sums are then exact, so it merges and forgets. Pairs always have such.",
    ),
)

# Of an autoencoder that learns example by example and refits its bases.
ONLINE = (
    *("average", "coeff", "eval", "rate", "boot_skip", "boot_limit", "infer", "inference", "solver", "order"),
    *("show", "record"),
)
# Of a classifier, and of an autoencoder with frozen bases.
EXACT = (
    *("tasks", "ledger", "bootstrap_limit", "batch_size", "resume", "checkpoint_every", "workers", "scheduler"),
    *("gram_blocks", "window"),
)
CLASSIFIER = (*options.OF_NETWORKS, "members", "limits", "penalty", "readout", "contexts", "keep_sums")
OF_LABELS = ("label", "classes", "tasks", "test_fraction")  # which pairs have none of


def is_of_pairs(path: Path) -> bool:
    """Return whether the file ``path`` is there and holds an autoencoder of pairs, or of one side without labels."""
    from indeependence.files.container import AUTOENCODER, header_of, holds

    about = header_of(path).get("about") if holds(path, AUTOENCODER) else None
    return isinstance(about, dict) and "pairs" in about


def is_frozen(choice: dict[str, Any]) -> bool:
    """Return whether an autoencoder is asked for whose bases stay as they are."""
    return choice["frozen"] or choice["target_data"] is not None


def chosen_kind(ctx: click.Context) -> str:
    """Return the kind of model that the options ask for; raise `UsageError` if they contradict each other."""
    kind = ctx.params["kind"]
    own = [name for name in (*ONLINE, "frozen", "target_data") if given(ctx, name)]
    if kind == "classifier" and own:
        raise click.UsageError(f"{option_of(own[0])} goes with --kind autoencoder, got classifier: leave one out")
    kind = kind or ("autoencoder" if own else "classifier")
    if kind == "autoencoder":
        if ctx.meta.get(options.PRESET_OF) == "best":
            raise click.UsageError("--preset best goes with --kind classifier, got autoencoder: leave one out")
        refuse(ctx, CLASSIFIER, "goes with --kind classifier, got autoencoder: leave one out")
        refuse(ctx, ("target", "labels", "threshold"), "names columns, which an autoencoder ties as --target-data")
    return kind


def check_online(ctx: click.Context) -> dict[str, Any]:
    """Return what the flags of the original program imply for an autoencoder that refits its bases.

    Its --rate and --infer are of Adam, which they choose if nothing else is chosen. Raise `UsageError` where another
    choice leaves them without effect, and for what needs exact sums.
    """
    refuse(ctx, EXACT, "goes with --frozen, whose sums are exact, or --kind classifier: leave one out")
    if ctx.params["load"]:
        refuse(ctx, ("boot_skip", "boot_limit"), "goes with a new model: the bases in --model are there already")
    implied: dict[str, Any] = {}
    chosen = {name: ctx.params[name] for name in ("solver", "inference")}
    if given(ctx, "infer") and chosen["solver"] != "adam" and chosen["inference"] == "mean":
        if given(ctx, "inference"):
            raise click.UsageError("--infer goes with --inference closed or adam, or --solver adam: leave one out")
        implied["inference"] = chosen["inference"] = "adam"
    if given(ctx, "rate") and "adam" not in chosen.values():
        if given(ctx, "solver"):
            raise click.UsageError("--rate is Adam's, got --solver eigh: leave one out")
        implied["solver"] = "adam"
    return implied


def check_load(ctx: click.Context) -> None:
    """Raise `UsageError` for what makes a new model, where one is loaded: it would have no effect."""
    if not ctx.params["load"]:
        return
    if not ctx.params["test_fraction"]:  # whose share is drawn by the seed
        refuse(ctx, ("seed",), "makes a new model: leave it out, the one in --model keeps its own")
    refuse(ctx, ("bootstrap_limit",), "makes a new model: leave it out, the encoder in --model is there already")


def check_frozen(ctx: click.Context, kind: str) -> None:
    """Raise `UsageError` for what goes with refitted bases alone, and for what pairs have none of."""
    if kind != "autoencoder":
        return
    refuse(ctx, ONLINE, "goes with bases that are refitted: leave out either it or --frozen and --target-data")
    if ctx.params["target_data"] is None:
        return
    refuse(ctx, OF_LABELS, "goes with labels, and pairs have none: leave one out")
    if ctx.params["ledger"] == "class":
        raise click.UsageError("--ledger class goes with labels, and pairs have none: take --ledger task")

"""All golden files: of what kind each is, what its model is given, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass

from .given import Given
from .recipes import (
    Recipe,
    by_command,
    contexts,
    contrastive,
    digits,
    dropped,
    embedded,
    exported,
    front,
    labelled,
    layers,
    ledger,
    memory,
    narrow,
    network,
    plain_autoencoder,
    pruned,
    unfinished,
)

ANYWHERE, NEVER = "anywhere", "never"


@dataclass(frozen=True)
class Golden:
    """One golden file."""

    kind: str  # of model
    given: Given
    recipe: Recipe
    again: str = "here"  # where the recipe gives the same bits again: here, anywhere or never


ALL_OF_PATCHES = (
    "patches:3:size=3:pool=3:stride=4:contrast=4:threshold=0.2:floor=0.05:pad=1:winners=2:root=1:flip=1:shift=1"
)
BYTES, NAMED, MIXED = Given((6,)), Given((6,), names=True), Given((6,), fractions=True)
TABLE = Given((6,), fractions=True, names=True, columns=("a", "b", "c", "d", "e", "f"))
TINY, SMALL, GREY, COLOUR = Given((4, 4)), Given((6, 6)), Given((7, 7)), Given((5, 5, 3))

GOLDEN = {
    # Classifiers: as commands and Python make them
    # Most cannot be made again: encoders are bootstrapped in whole numbers, and by commands from another sample, since
    # the files were made. Those of today are pinned in encoders.json.
    "trained": Golden("classifier", SMALL, by_command("--layers", "patches:2:size=3:pool=2:stride=2,+sparse:4"), NEVER),
    "unfinished": Golden("classifier", BYTES, unfinished, NEVER),
    "by_task": Golden("classifier", BYTES, ledger("task"), NEVER),
    "by_class": Golden("classifier", NAMED, ledger("class"), NEVER),
    "dropped": Golden("classifier", BYTES, dropped, NEVER),
    # Numbers that are not bytes are coded by other thresholds since the first files were made.
    "table": Golden("classifier", TABLE, layers("4", penalty=0.5), NEVER),
    # One for each kind of layer, with every option away from its default
    "inputs": Golden("classifier", MIXED, layers("inputs"), NEVER),
    "dense": Golden("classifier", BYTES, layers("4:threshold=0.1:winners=3,+3"), NEVER),
    "wide": Golden("classifier", BYTES, layers("wide:9:spread=1:floor=0.5:threshold=0.1:winners=6"), NEVER),
    "drawn": Golden("classifier", BYTES, layers("drawn:8:rank=3:threshold=0.2:winners=5"), NEVER),
    "sparse": Golden("classifier", BYTES, layers("+sparse:10:density=0.4:spread=1:threshold=0.1:winners=6"), NEVER),
    "local": Golden("classifier", SMALL, layers("local:9:size=3:threshold=0.1:winners=5"), NEVER),
    "norm": Golden("classifier", BYTES, layers("+sparse:4:density=0.5,norm:300"), NEVER),
    "norm_fitted": Golden("classifier", BYTES, layers("+sparse:4:density=0.5,norm"), NEVER),
    "patches": Golden("classifier", GREY, layers(ALL_OF_PATCHES), NEVER),
    "patches_colour": Golden("classifier", COLOUR, layers("patches:2:size=3:pool=2:stride=1"), NEVER),
    "patches_fractions": Golden(
        "classifier", Given((6, 6), fractions=True), layers("patches:2:size=3:pool=2:stride=2"), NEVER
    ),
    "front": Golden("classifier", BYTES, front, NEVER),
    "pruned": Golden("classifier", BYTES, pruned),
    # Other kinds of model
    "contexts_open": Golden("contexts", Given((12,)), contexts(keep_sums=True), NEVER),
    "contexts_closed": Golden("contexts", Given((12,)), contexts(close=True), NEVER),
    "contexts_auto": Golden("contexts", Given((12,), fractions=True), contexts(contexts="auto"), NEVER),
    "autoencoder": Golden(
        "autoencoder", TINY, by_command("--kind", "autoencoder", "--layers", "6,5", "--order", "file")
    ),
    "autoencoder_frozen": Golden("autoencoder", TINY, labelled("local:12:size=3"), NEVER),
    "autoencoder_drawing": Golden("autoencoder", TINY, labelled("6", sketched=100), NEVER),
    "autoencoder_average": Golden("autoencoder", MIXED, labelled("4", coeff=0.05)),
    "autoencoder_plain": Golden("autoencoder without labels", BYTES, plain_autoencoder),
    "weights": Golden("weights", SMALL, exported("trained"), NEVER),
    "weights_private": Golden("weights", BYTES, exported("norm", "--epsilon", "100", "--delta", "1e-3"), NEVER),
    # Binary codes
    "codes.sdr": Golden("codes", NAMED, embedded, NEVER),
    "memory": Golden("memory", NAMED, memory, ANYWHERE),
    # For widths of whole numbers, for commands and for Keras
    "narrow": Golden("bootstrapped", Given((2,)), narrow, ANYWHERE),
    "digits": Golden("bootstrapped", Given((8, 8)), digits, NEVER),
    "network.keras": Golden("keras", Given((6, 6, 1)), network, NEVER),
    "contrastive.keras": Golden("keras", Given((4,)), contrastive, NEVER),
}

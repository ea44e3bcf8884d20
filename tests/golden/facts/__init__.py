"""What is pinned of each kind of golden file: functions of its path, of what it is given, of a folder to work in."""

from __future__ import annotations

from . import autoencoders, classifiers, contexts, others
from .keras_networks import network

ANY = {"file": others.unchanged}
INSPECTED = {**ANY, "inspect": others.inspected}
COMMANDS = {**INSPECTED, "infer": others.told_labels}
ENCODED = {"sums": classifiers.sums, "codes": classifiers.codes}
CLASSIFIER = {
    **ENCODED,
    "answers": classifiers.answers,
    "learned": classifiers.learned,
    "merged": classifiers.merged,
    "forgotten": classifiers.forgotten,
}
CONTEXTS = {
    "sums": contexts.sums,
    "codes": contexts.codes,
    "likelihoods": contexts.likelihoods,
    "answers": contexts.answers,
    "learned": contexts.learned,
}
AUTOENCODER = {
    "sums": autoencoders.sums,
    "codes": autoencoders.codes,
    "inferred": autoencoders.inferred,
    "closed": autoencoders.closed,
    "drawn": autoencoders.drawn,
    "measures": autoencoders.measures,
    "learned": autoencoders.learned,
}
FACTS = {
    "classifier": {**CLASSIFIER, **COMMANDS},
    "bootstrapped": {**ENCODED, **INSPECTED},
    "contexts": {**CONTEXTS, **COMMANDS},
    "autoencoder": {**AUTOENCODER, **COMMANDS},
    "autoencoder without labels": {**AUTOENCODER, **INSPECTED, "adam": autoencoders.by_adam},
    "weights": {"codes": others.weights_codes, "answers": others.weights_answers, **COMMANDS},
    "codes": {"codes": others.binary_codes, **INSPECTED},
    "memory": {"recalled": others.recalled, **ANY},
    "keras": {"network": network, **ANY},
}

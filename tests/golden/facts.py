"""What is pinned of each kind of golden file: functions of the file, what it is given, and a folder to work in."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import Autoencoder, ContextualClassifier, ContinualClassifier, InputError
from indeependence.sparse import WillshawMemory

from . import library
from .given import ASKED, BRIGHT, DARK, LATER, LEARNED, Given
from .running import sha256, told

# Classifiers


def sums(path: Path, given: Given, folder: Path) -> Any:
    """The sums as they are in the file."""
    return library.sums(ContinualClassifier.load(path))


def codes(path: Path, given: Given, folder: Path) -> Any:
    """The codes of fixed inputs."""
    made = library.codes(ContinualClassifier.load(path), np.asarray(given.examples(8, ASKED)[0]))
    return [made.dtype.str, list(made.shape), int(made.sum(dtype=np.int64)), sha256(made)]


def answers(path: Path, given: Given, folder: Path) -> Any:
    """Labels, scores and probabilities of fixed inputs, and the figures of the weights."""
    model, (inputs, _) = ContinualClassifier.load(path), given.examples(5, ASKED)
    told_apart = {"labels": model.predict(inputs).tolist(), "scores": model.decision_function(inputs).tolist()}
    return {**told_apart, "probabilities": model.predict_proba(inputs).tolist(), **library.readout(model)}


def learned(path: Path, given: Given, folder: Path) -> Any:
    """The sums after more examples, of a new class too; in the model's next task, and in its first."""
    model = ContinualClassifier.load(path).learn([given.examples(12, LATER, classes=4)])
    following = library.sums(model)
    return [following, library.sums(model.learn([given.examples(5, LATER + 12)], task=1))]


def merged(path: Path, given: Given, folder: Path) -> Any:
    """The sums with those of a second model that has learned more."""
    other = ContinualClassifier.load(path).learn([given.examples(7, LATER, classes=4)])
    return library.sums(ContinualClassifier.load(path).merge(other))


def forgotten(path: Path, given: Given, folder: Path) -> Any:
    """The sums without six examples, without a class, and without the second task where tasks are kept apart."""
    inputs, labels = given.examples(6, LEARNED)
    there = np.isin(labels, ContinualClassifier.load(path).classes_)
    task = 1 if library.sums(ContinualClassifier.load(path))["ledger"] == "task" else None
    found = {"examples": library.sums(ContinualClassifier.load(path).forget(inputs[there], labels[there], task=task))}
    found["class"] = library.sums(ContinualClassifier.load(path).forget_class(labels[2].item()))
    if task:
        found["task"] = library.sums(ContinualClassifier.load(path).forget_task(2))
    return found


# Models with contexts


def context_sums(path: Path, given: Given, folder: Path) -> Any:
    """The fingerprints of all contexts."""
    return library.context_sums(ContextualClassifier.load(path))


def context_codes(path: Path, given: Given, folder: Path) -> Any:
    """The codes of fixed inputs by each context's encoder."""
    return list(map(sha256, library.context_codes(ContextualClassifier.load(path), both(given))))


def context_answers(path: Path, given: Given, folder: Path) -> Any:
    """Context, label and probabilities of fixed inputs of both kinds."""
    model, inputs = ContextualClassifier.load(path), both(given)
    found = {"contexts": model.context_of(inputs).tolist(), "labels": model.predict(inputs).tolist()}
    return {**found, "probabilities": model.predict_proba(inputs).tolist()}


def context_learned(path: Path, given: Given, folder: Path) -> Any:
    """The fingerprints after more examples of both kinds, and of a third one; or that closed contexts learn no more."""
    model = ContextualClassifier.load(path)
    found: list[Any] = []
    for task, first in enumerate((LATER, BRIGHT + LATER, DARK), start=1):
        try:
            model.learn([given.examples(40, first, classes=4)], task=task if model.contexts == "task" else None)
            found.append(library.context_sums(model))
        except InputError:
            found.append("refused")
    return found


def both(given: Given) -> np.ndarray:
    """Six inputs of the kind that was learned first and four of the other one."""
    return np.concatenate([given.examples(6, ASKED)[0], given.examples(4, BRIGHT + ASKED)[0]])


# Autoencoders: they see bytes


def rows(given: Given, count: int, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs in bytes, and one-hot targets."""
    inputs, labels = Given(given.shape).examples(count, first)
    return inputs, np.eye(3)[labels]


def autoencoder_sums(path: Path, given: Given, folder: Path) -> Any:
    """The fingerprints of all sums, and their drift."""
    return library.autoencoder_sums(Autoencoder.load(path))


def autoencoder_codes(path: Path, given: Given, folder: Path) -> Any:
    """The top codes of fixed inputs, alone and with their targets."""
    model, (inputs, targets) = Autoencoder.load(path), rows(given, 8, ASKED)
    return [sha256(model.encode(inputs)), sha256(model.encode(inputs, targets))]


def inferred(path: Path, given: Given, folder: Path) -> Any:
    """Targets of inputs, inputs of targets, both of half an input, drawn inputs, and more."""
    model, (inputs, targets) = Autoencoder.load(path), rows(given, 3, ASKED)
    known = np.arange(inputs[0].size).reshape(inputs.shape[1:]) % 2 == 0
    halves = model.infer(inputs, mask=known)
    return {
        "targets": model.infer(inputs).targets.tolist(),
        "inputs": model.infer(targets=targets).inputs.tolist(),
        "half": [halves.inputs.tolist(), halves.targets.tolist()],
        "drawn": model.generate(targets, seed=1).tolist(),
        "raised": model.raised(1).tolist(),
        "denoised": model.denoise(inputs / 255, noise=0.1).tolist(),
        "decoded": [part.tolist() for part in model.decode(model.encode(inputs))],
    }


def closed(path: Path, given: Given, folder: Path) -> Any:
    """Targets by least squares in turns with the mirror pattern, in float32."""
    found = Autoencoder.load(path).infer(rows(given, 3, ASKED)[0], method="closed")
    return [found.targets.tolist(), found.error.tolist()]


def by_adam(path: Path, given: Given, folder: Path) -> Any:
    """The same by gradient steps."""
    found = Autoencoder.load(path).infer(rows(given, 3, ASKED)[0], method="adam", steps=10)
    return [found.targets.tolist(), found.error.tolist()]


def collected(path: Path, given: Given, folder: Path) -> Any:
    """The fingerprints of all sums with more examples; of a moving average, whose sums are rounded, targets."""
    model, more = Autoencoder.load(path), rows(given, 9, LATER)
    if library.is_average(model):
        return model.collect(*more, 0.05).infer(more[0]).targets.tolist()
    return library.autoencoder_sums(model.collect(*more))


# Exported weights


def weights_codes(path: Path, given: Given, folder: Path) -> Any:
    """The codes of fixed inputs."""
    return sha256(library.codes(library.read_predictor(path), given.examples(8, ASKED)[0]))


def weights_answers(path: Path, given: Given, folder: Path) -> Any:
    """Labels and probabilities of fixed inputs."""
    model, (inputs, _) = library.read_predictor(path), given.examples(5, ASKED)
    return {"labels": model.predict(inputs).tolist(), "probabilities": model.probabilities(inputs).tolist()}


# Binary codes


def binary_codes(path: Path, given: Given, folder: Path) -> Any:
    """Bits and labels, and how many bits the first codes share."""
    from indeependence.sparse import SDR

    file = library.read_sdr(path)
    first, shape = SDR(file.codes.packed[:4], file.codes.units), file.codes.packed.shape
    shared = [[int((one & other).sum()) for other in first.bits] for one in first.bits]
    return {"packed": [list(shape), sha256(file.codes.packed)], "labels": file.labels.tolist(), "shared": shared}


def recalled(path: Path, given: Given, folder: Path) -> Any:
    """What a memory recalls of fixed cues, by all their bits and by the strongest sums, and after more codes."""
    from indeependence.sparse import SDR

    memory = WillshawMemory.load_file(path)
    cues = SDR.of(Given((memory.cues,)).examples(6, ASKED)[0] % 5 == 0)
    whole, strongest = memory.recall(cues), memory.recall(cues, active=4, steps=2)
    more = memory.learn(cues)
    parts = (memory.packed, whole.packed, strongest.packed, more.packed)
    return {"sums": memory.sums(cues).tolist(), "sha256": list(map(sha256, parts)), "load": [memory.load, more.load]}


# Networks in Keras


def network(path: Path, given: Given, folder: Path) -> Any:
    """What a loaded network answers, its loss, its layers' settings, and its weights after a step of training."""
    import keras

    import indeependence.sparse as sparse
    from indeependence import MirroredReLU  # noqa: F401 (registers the layer)

    for name in sparse.__all__:
        getattr(sparse, name)
    model, (inputs, labels) = keras.saving.load_model(path), given.examples(12, ASKED)
    scaled = (inputs / 16).astype(np.float32)
    answers = [np.asarray(model(scaled, training=training)).tolist() for training in (False, True)]
    losses = [float(model.evaluate(scaled, labels, verbose=0)), float(model.train_on_batch(scaled, labels))]
    settings = [[type(one).__name__, _plain(one.get_config())] for one in model.layers]
    weights = [[one.path, np.asarray(one.value).ravel().tolist()] for one in model.weights]
    loss = [type(model.loss).__name__, model.loss.get_config()]
    return {"answers": answers, "losses": losses, "layers": settings, "loss": loss, "weights": weights}


def _plain(config: Any) -> Any:
    """A layer's settings without Keras's own: those that the project adds, and what its penalties say."""
    if isinstance(config, dict):
        own = {"k", "k_inference", "boost", "hardness", "period", "over", "density", "seed", "units", "filters"}
        own |= {"initial_learning_rate", "decay_steps", "decay_rate", "end_learning_rate", "amount", "target", "of"}
        mine = {"kernel_constraint", "kernel_regularizer", "activity_regularizer", "class_name", "config", "strength"}
        return {name: _plain(value) for name, value in config.items() if name in own | mine}
    return config


# The commands


def inspected(path: Path, given: Given, folder: Path) -> Any:
    """What ``inspect`` tells."""
    return told("inspect", path, folder=folder)


def told_labels(path: Path, given: Given, folder: Path) -> Any:
    """What ``infer`` tells of fixed inputs, the best two answers to each."""
    np.save(folder / "asked.npy", np.asarray(given.examples(3, ASKED)[0]))
    return told("infer", "--data", "asked.npy", "--model", path, "--top", 2, "--quiet", folder=folder)


# The file itself


def unchanged(path: Path, given: Given, folder: Path) -> Any:
    """The SHA-256 of the file: it is never changed."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


COMMANDS = {"inspect": inspected, "infer": told_labels}
UNLABELLED = {
    **{"sums": autoencoder_sums, "codes": autoencoder_codes, "inferred": inferred, "closed": closed},
    **{"learned": collected, "inspect": inspected},
}
FACTS = {
    "classifier": {
        **{"sums": sums, "codes": codes, "answers": answers, "learned": learned, "merged": merged},
        **{"forgotten": forgotten, **COMMANDS},
    },
    "contexts": {
        **{"sums": context_sums, "codes": context_codes, "answers": context_answers, "learned": context_learned},
        **COMMANDS,
    },
    "autoencoder": {**UNLABELLED, **COMMANDS},
    "autoencoder without labels": {**UNLABELLED, "adam": by_adam},
    "weights": {"codes": weights_codes, "answers": weights_answers, **COMMANDS},
    "codes": {"codes": binary_codes, "inspect": inspected},
    "memory": {"recalled": recalled},
    "bootstrapped": {"sums": sums, "codes": codes, "inspect": inspected},
    "keras": {"network": network},
}
for facts in FACTS.values():
    facts["file"] = unchanged

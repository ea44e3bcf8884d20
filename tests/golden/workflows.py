"""What is pinned beside single files: what commands make of golden files, tasks, and networks in Keras."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import load_dataset, permuted_tasks, split_tasks

from .catalogue import GOLDEN
from .given import ASKED, LATER, LEARNED, Given
from .library import default_layers
from .recipes import RESUMED, data
from .running import ROOT, file_of, run, sha256, told

PASSING = ("wall_seconds", "cpu_seconds", "seconds_per_task", "peak_memory_bytes", "command")  # of a result
DIGITS = ("evaluate", "--data", "digits", "--load", "--model", file_of("digits"), "--quiet")


def copied(name: str, folder: Path) -> Path:
    """Return a copy of a golden file that may be written to."""
    return Path(shutil.copy(file_of(name), folder / "model.safetensors"))


# Commands that write


def trained_on(folder: Path) -> Any:
    """Return what ``train --load`` tells of a model with a ledger by task."""
    path = copied("by_task", folder)
    return told(
        "train", "--data", data(GOLDEN["by_task"].given, folder), "--load", "--model", path, "--quiet", folder=folder
    )


def resumed(folder: Path) -> Any:
    """Return what ``train --resume`` tells of a run that was killed."""
    path, options = copied("unfinished", folder), ("--layers", RESUMED, "--resume", "--quiet")
    return told("train", "--data", data(GOLDEN["unfinished"].given, folder), *options, "--model", path, folder=folder)


def merged(folder: Path) -> Any:
    """Return what ``merge`` tells of two models with a ledger by task."""
    return told("merge", file_of("by_task"), file_of("by_task"), "--output", "both.safetensors", folder=folder)


def forgotten(folder: Path) -> Any:
    """Return what ``forget`` tells of a task, a class, examples and another model's sums."""
    given = data(GOLDEN["by_task"].given, folder)
    ways = {
        "by_task": [("--task", 2), ("--class", 3), ("--examples", given, "--limit", 6, "--task", 1)],
        "by_class": [("--class", "cat")],
        "trained": [("--class", 1), ("--minus", file_of("trained"))],
    }
    return [
        told("forget", *way, "--model", copied(name, folder), "--quiet", folder=folder)
        for name, several in ways.items()
        for way in several
    ]


# Commands that tell


def evaluated(folder: Path) -> Any:
    """Return all that ``evaluate --json`` tells but times and memory; of its options only the names."""
    facts = told(*DIGITS, folder=folder)
    return {**facts, **dict.fromkeys(PASSING, "…"), "options": sorted(facts["options"])}


def evaluated_for_people(folder: Path) -> Any:
    """Return what ``evaluate`` prints, without times and memory."""
    printed = run(*DIGITS, folder=folder)
    return re.sub(r"(?m)^(time|peak memory) .*$", r"\1 …", printed).splitlines()


def inspected_for_people(folder: Path) -> Any:
    """Return what ``inspect`` prints of each kind of model."""
    names = ("by_task", "dropped", "contexts_open", "autoencoder", "weights", "weights_private", "codes.sdr")
    printed = {name: run("inspect", file_of(name), folder=folder) for name in names}
    return {name: text.replace(str(file_of(name)), "PATH").splitlines() for name, text in printed.items()}


def told_for_people(folder: Path) -> Any:
    """Return what ``infer`` prints."""
    np.save(folder / "asked.npy", GOLDEN["trained"].given.examples(3, ASKED)[0])
    asked = ("--data", "asked.npy", "--top", 3, "--quiet")
    return [
        run("infer", "--model", file_of(name), *asked, folder=folder).splitlines() for name in ("trained", "weights")
    ]


def filled_in(folder: Path) -> Any:
    """Return what an autoencoder makes of halves and of noise."""
    np.save(folder / "asked.npy", GOLDEN["autoencoder"].given.examples(3, ASKED)[0])
    asked = ("infer", "--model", file_of("autoencoder"), "--data", "asked.npy", "--quiet")
    return [told(*asked, *way, folder=folder) for way in (("--mask", "bottom"), ("--noise", 0.2))]


def held_out(folder: Path) -> Any:
    """Return the error of one model on what another has learned."""
    return told("inspect", file_of("dropped"), "--held-out", file_of("by_task"), folder=folder)


def sparse_told(folder: Path) -> Any:
    """Return salient units, and right answers under noise."""
    given = Path(data(GOLDEN["trained"].given, folder))
    found = {"saliency": told("sparse", "saliency", file_of("trained"), folder=folder)}
    return {**found, "noise": told("sparse", "noise", file_of("trained"), "--data", given, folder=folder)}


def learners(folder: Path) -> Any:
    """Return accuracies and fingerprints of the learners that have no file, or fit encoders: on one machine."""
    given = data(Given((8, 8)), folder)
    ways = {
        "conceptors": ("--kind", "conceptor"),
        "autoencoder": ("--kind", "autoencoder", "--layers", "12", "--coeff", 0.05),
        "contexts": ("--contexts", "task", "--layers", "patches:3:size=3:pool=2:stride=2"),
        "best": ("--layers", "patches:4:size=3:pool=2:stride=2:root=1,+sparse:20"),
    }
    found = {}
    for name, way in ways.items():
        facts = told("evaluate", "--data", given, "--tasks", 2, *way, "--quiet", folder=folder)
        found[name] = {key: facts[key] for key in ("accuracy_matrix", "model_sha256", "encoder_sha256", "penalty")}
    return found


def embedded(folder: Path) -> Any:
    """Return what ``sparse embed`` tells of codes that labels decide about, and of codes that they do not: as above."""
    options = ("--data", data(Given((8, 8)), folder), "--layers", "+sparse:20", "--units", 40, "--active", 8, "--quiet")
    ways: tuple[tuple[str, ...], ...] = ((), ("--unlabelled",))
    return [told("sparse", "embed", *options, *way, "--output", "codes.sdr", folder=folder) for way in ways]


# Tasks


def digits(folder: Path) -> Any:
    """Return the arrays of the digits, and of a data set whose test part is drawn."""
    inputs, labels = Given((6,)).examples(40, LEARNED)
    np.savez(folder / "whole.npz", x=inputs, y=labels)
    sets = load_dataset("digits"), load_dataset(folder / "whole.npz", test_fraction=0.3, seed=1)
    return [[sha256(part) for part in (one.x_train, one.y_train, one.x_test, one.y_test)] for one in sets]


def tasks(folder: Path) -> Any:
    """Return names, inputs and labels of the tasks that a data set is cut into."""
    whole = load_dataset(folder / data(Given((6,)), folder))
    found = {}
    for setting in ("class", "task", "domain"):
        found[f"split {setting}"] = split_tasks(whole, tasks=3, setting=setting)
        found[f"permuted {setting}"] = permuted_tasks(whole, tasks=2, setting=setting, seed=1)
    return {name: [_task(one) for one in (*cut.train, *cut.test)] for name, cut in found.items()}


def default_encoders(folder: Path) -> Any:
    """Return the layers that are chosen for inputs of several shapes: usual ones, of shaded pictures, the best."""
    shapes = ((6,), (100,), (5, 5), (8, 8), (20, 20), (28, 28), (32, 32), (32, 32, 3), (64, 64, 3))
    ways: tuple[dict[str, bool], ...] = ({}, {"shaded": True}, {"best": True})
    return [[default_layers(shape, **way) for way in ways] for shape in shapes]


def _task(task: Any) -> list[Any]:
    inputs, labels = task.arrays()
    return [task.name, sha256(inputs), labels.tolist()]


# In a process of its own, which has imported none of the project's layers for Keras


def fresh(*arguments: Any, folder: Path, **environment: str) -> dict[str, Any]:
    """Return the facts that a command tells in a new process."""
    words, variables = [sys.executable, str(ROOT / "cli.py"), *map(str, arguments), "--json"], os.environ | environment
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def network(folder: Path) -> Any:
    """Return what is told of a network of all layers as an encoder: the names in its file must still lead to them."""
    given = Given((6, 6, 1))
    inputs, labels = given.examples(12, LATER)
    np.savez(folder / "given.npz", x_train=inputs[..., 0], y_train=labels, x_test=inputs[..., 0], y_test=labels)
    options = ("--data", "given.npz", "--layers", "inputs", "--encoder", file_of("network.keras"), "--quiet")
    facts = fresh("bootstrap", *options, "--model", "model.safetensors", folder=folder)
    return [facts[name] for name in ("keras_encoder", "keras_encoder_sha256", "code_units")]


def without_numba(folder: Path) -> Any:
    """Return the answers to pictures that are pooled by NumPy alone, as where Numba is not installed."""
    np.save(folder / "asked.npy", GOLDEN["patches"].given.examples(3, ASKED)[0])
    asked = ("infer", "--data", "asked.npy", "--model", file_of("patches"), "--quiet")
    return fresh(*asked, folder=folder, NUMBA_DISABLE_JIT="1")["answers"]


COMMANDS = {
    "train --load": trained_on,
    "train --resume": resumed,
    "merge": merged,
    "forget": forgotten,
    "evaluate": evaluated,
    "evaluate for people": evaluated_for_people,
    "inspect for people": inspected_for_people,
    "inspect --held-out": held_out,
    "infer for people": told_for_people,
    "infer halves and noise": filled_in,
    "sparse": sparse_told,
}
WORKFLOWS = {
    "commands": COMMANDS,
    "data": {"digits": digits, "tasks": tasks, "default encoders": default_encoders},
    "fresh process": {"network": network, "without numba": without_numba},
    "one machine": {"learners": learners, "embedded": embedded},
}

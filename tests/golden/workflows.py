"""What is pinned beside single files: commands, tasks, and what new processes tell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import load_dataset, permuted_tasks, split_tasks

from . import library
from .catalogue import GOLDEN
from .commands import COMMANDS, ON_ONE_MACHINE
from .given import ASKED, LATER, LEARNED, Given
from .recipes import data
from .running import ROOT, file_of, labelled, sha256

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
    """Return the layers that are chosen for several shapes of inputs, their options, and which inputs are shaded."""
    shapes = ((6,), (100,), (5, 5), (8, 8), (16, 16), (20, 20), (28, 28), (32, 32, 3), (64, 64, 3))
    ways: tuple[dict[str, bool], ...] = ({}, {"shaded": True}, {"best": True})
    chosen = [[library.default_layers(shape, **way) for way in ways] for shape in shapes]
    texts = ("5,wide:5,drawn:5,sparse:5,norm:5", "patches:5", "local:5")
    options = [[layer.kind, layer.options] for text in texts for layer in library.parse_layers(text)]
    greys = [np.repeat([0, 200, 235, 255], [40, 60 - n, n, 1]).astype(np.uint8) for n in range(8, 16)]
    return {"layers": chosen, "options": options, "shaded": [bool(library.shaded(one)) for one in greys]}


def numbers(folder: Path) -> Any:
    """Return how numbers are shown where digits and units change."""
    ends = (
        0,
        1,
        994,
        999,
        1_000,
        9_949,
        9_950,
        9_994,
        9_995,
        11_949,
        11_950,
        99_949,
        99_950,
        720_000,
        999_499,
        999_500,
    )
    return [[number, *library.for_people(number)] for number in ends]


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
    return labelled(fresh(*asked, folder=folder, NUMBA_DISABLE_JIT="1"))["answers"]


WORKFLOWS = {
    "commands": COMMANDS,
    "data": {"digits": digits, "tasks": tasks, "default encoders": default_encoders, "numbers": numbers},
    "fresh process": {"network": network, "without numba": without_numba},
    "one machine": ON_ONE_MACHINE,
}

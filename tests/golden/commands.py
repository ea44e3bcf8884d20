"""What is pinned of commands that work on golden files, and of learners that have none."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import ContinualClassifier

from . import library
from .catalogue import GOLDEN
from .given import ASKED, Given
from .recipes import RESUMED, data
from .running import file_of, labelled, run, told

PASSING = ("wall_seconds", "cpu_seconds", "seconds_per_task", "peak_memory_bytes", "command")  # of a result
SINCE = ("models_inside", "asked_for")  # told only since the pins were made
DIGITS = ("evaluate", "--data", "digits", "--load", "--model", file_of("digits"), "--quiet")


def copied(name: str, folder: Path) -> Path:
    """Return a copy of a golden file that may be written to."""
    return Path(shutil.copy(file_of(name), folder / "model.safetensors"))


def written(*arguments: Any, folder: Path) -> dict[str, Any]:
    """Return what a command tells of the model that it writes, but the file's bytes: it keeps weights since then."""
    facts = told(*arguments, folder=folder)
    return {name: "…" if name == "file_bytes" else value for name, value in facts.items() if name not in SINCE}


# Commands that write


def trained_on(folder: Path) -> Any:
    """Return what ``train --load`` tells of a model with a ledger by task."""
    path = copied("by_task", folder)
    return written(
        "train", "--data", data(GOLDEN["by_task"].given, folder), "--load", "--model", path, "--quiet", folder=folder
    )


def resumed(folder: Path) -> Any:
    """Return what ``train --resume`` tells of a run that was killed."""
    path, options = copied("unfinished", folder), ("--layers", RESUMED, "--resume", "--quiet")
    return written(
        "train", "--data", data(GOLDEN["unfinished"].given, folder), *options, "--model", path, folder=folder
    )


def merged(folder: Path) -> Any:
    """Return what ``merge`` tells of two models with a ledger by task."""
    files = file_of("by_task"), file_of("by_task")
    return written("merge", *files, "--again", "--output", "both.safetensors", folder=folder)


def forgotten(folder: Path) -> Any:
    """Return what ``forget`` tells of a task, a class, examples and another model's sums."""
    given = data(GOLDEN["by_task"].given, folder)
    ways = {
        "by_task": [("--task", 2), ("--class", 3), ("--examples", given, "--limit", 6, "--task", 1)],
        "by_class": [("--class", "cat")],
        "trained": [("--class", 1), ("--minus", file_of("trained"))],
    }
    return [
        written("forget", *way, "--model", copied(name, folder), "--quiet", folder=folder)
        for name, several in ways.items()
        for way in several
    ]


# Commands that tell


def evaluated(folder: Path) -> Any:
    """Return all that ``evaluate --json`` tells but times and memory; of its options only the names."""
    facts = told(*DIGITS, folder=folder)
    return {**facts, **dict.fromkeys((*PASSING, "version"), "…"), "options": sorted(facts["options"])}


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
        [numbered_from_0(line) for line in run("infer", "--model", file_of(name), *asked, folder=folder).splitlines()]
        for name in ("trained", "weights")
    ]


def numbered_from_0(line: str) -> str:
    """Return a printed answer as it was pinned: with the number of its row from 0, and without what is said since."""
    number, *words = line.removesuffix("\tunlike all that was learned").split("\t")
    return "\t".join([str(int(number) - 1), *words])


def filled_in(folder: Path) -> Any:
    """Return what an autoencoder makes of halves and of noise."""
    np.save(folder / "asked.npy", GOLDEN["autoencoder"].given.examples(3, ASKED)[0])
    asked = ("infer", "--model", file_of("autoencoder"), "--data", "asked.npy", "--quiet")
    return [labelled(told(*asked, *way, folder=folder)) for way in (("--mask", "bottom"), ("--noise", 0.2))]


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
    found = [told("sparse", "embed", *options, *way, "--output", "codes.sdr", folder=folder) for way in ways]
    return [*found, library.embeddings(ContinualClassifier.load(file_of("by_task")))]


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
ON_ONE_MACHINE = {"learners": learners, "embedded": embedded}

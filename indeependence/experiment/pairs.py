"""The other side of inputs, from a model of pairs: inferred, measured where it is known, and written; drawn pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import models
from indeependence.data.datasets import Inputs
from indeependence.data.pairs import check_whole, read_pairs
from indeependence.data.reading import Reading
from indeependence.errors import InputError
from indeependence.experiment.inference import Inference, of_shape
from indeependence.models.autoencoder.completion import known_half
from indeependence.models.autoencoder.pairs import ContinualAutoencoder
from indeependence.report.sides import check_kind, write_side

OTHER = {"A": "B", "B": "A"}


@dataclass(frozen=True)
class PairInference:
    """Settings: the side that is given, the half of it that is hidden, the way, and where the result goes."""

    given: str = "A"  # or "B"
    mask: str | None = None  # the half of the given side to hide, and to fill in
    inference: str = "mean"
    infer: int = 100  # steps of the other ways
    target_data: str | None = None  # what is right, to measure with
    output: Path = Path("artifacts/inferred.png")

    @property
    def wanted(self) -> str:
        """The side that is written."""
        return self.given if self.mask else OTHER[self.given]


def pair_model(path: Path, threads: int | None = None) -> ContinualAutoencoder:
    """Return the model of pairs in the file ``path``; raise `InputError` if it is another one."""
    model = models.open(path)
    if not isinstance(model, ContinualAutoencoder):
        raise InputError(f"{path}: expected a model of pairs, got one of another kind: train one with --target-data")
    model.n_jobs = model.autoencoder.jobs = threads
    return model


def infer_pairs(settings: Inference, asked: PairInference) -> dict[str, Any]:
    """Infer one side of pairs from the other, or a hidden half of the same one, and write it.

    Return what was written and, where the right side is known, the root mean squared error, and that of the mean of all
    that was learned, in the units of that side.
    """
    model = pair_model(settings.model, settings.threads)
    side = model.sides_["AB".index(asked.wanted)]
    check_kind(asked.output, side.shape)
    given, right = _read(settings, asked, model)
    x = of_shape(np.asarray(given.x), model.sides_["AB".index(asked.given)].shape)
    known = known_half(asked.mask, x.shape[1:]) if asked.mask else None
    found = _inferred(model, asked, x, known).side(asked.wanted)
    reading = model.reading if asked.wanted == "A" else model.reading.other or Reading()
    write_side(asked.output, found, given.names, reading.columns)
    facts = {"from": asked.given, "written": asked.wanted, "count": len(found), "output": str(asked.output)}
    right = x if asked.mask else right
    if right is None:
        return facts
    hidden = slice(None) if known is None else (slice(None), ~known)
    mean = np.broadcast_to(model.mean().side(asked.wanted), found.shape)
    return facts | {
        "error": _error(found[hidden], right[hidden]),
        "error_of_the_mean": _error(mean[hidden], right[hidden]),
    }


def _read(settings: Inference, asked: PairInference, model: ContinualAutoencoder) -> tuple[Inputs, np.ndarray | None]:
    """Return the given side with its names, and the right other side ``[N, ...]``, where it is known."""
    reading, right = model.reading, None
    other = replace(reading.other or Reading(), other=None)
    own, beside = (reading, other) if asked.given == "A" else (other, replace(reading, other=None))
    if asked.target_data is None:
        found = settings.inputs(replace(own, other=None))
        check_whole(str(settings.data), found)
    else:
        pairs = read_pairs(settings.source, asked.target_data, replace(own, other=beside))
        found, right = pairs.inputs, np.asarray(pairs.targets.x)[: settings.limit]
    x = found.x[: settings.limit]
    names = found.names[: settings.limit] or tuple(str(row) for row in range(1, len(x) + 1))
    if not len(x):
        raise InputError(f"--data {settings.data}: expected at least one input, got none")
    return Inputs(x, found.reading, names), right


def _inferred(model: ContinualAutoencoder, asked: PairInference, x: np.ndarray, known: np.ndarray | None) -> Any:
    ways: dict[str, Any] = {"method": asked.inference, "steps": asked.infer}
    if asked.given == "A":
        return model.infer(x, mask=known, **ways)
    return model.infer(targets=x, mask=known, **ways)


def _error(found: np.ndarray, right: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found - right) ** 2)))


@dataclass(frozen=True)
class PairDrawing:
    """Settings of drawn pairs: how many, how much they vary, and which side is written."""

    side: str = "A"
    count: int = 16
    spread: float = 0.5
    seed: int = 0
    output: Path = Path("artifacts/generated.png")


def generate_pairs(path: Path, asked: PairDrawing, threads: int | None = None) -> dict[str, Any]:
    """Draw pairs from a model of them and write one side; the same seed draws the same pairs, whichever is written."""
    model = pair_model(path, threads)
    check_kind(asked.output, model.sides_["AB".index(asked.side)].shape)
    drawn = model.generate(asked.count, spread=asked.spread, seed=asked.seed).side(asked.side)
    reading = model.reading if asked.side == "A" else model.reading.other or Reading()
    write_side(asked.output, drawn, [str(number) for number in range(1, asked.count + 1)], reading.columns)
    return {"pictures": asked.count, "side": asked.side, "output": str(asked.output)}

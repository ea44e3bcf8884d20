"""What a model of pairs makes of one side: the other, or the same made whole; measured, written; drawn pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import models
from indeependence.data.inputs import Inputs
from indeependence.data.masks import known_part
from indeependence.data.pairs import check_whole, read_pairs
from indeependence.data.reading import Reading
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.experiment.inference import Inference, of_shape
from indeependence.experiment.same_sizes import check_sizes
from indeependence.models.autoencoder.completion import with_noise
from indeependence.models.autoencoder.drawing import check_count
from indeependence.models.autoencoder.pairs import ContinualAutoencoder
from indeependence.models.autoencoder.sides import Side
from indeependence.report.sides import check_kind, write_side

OTHER = {"A": "B", "B": "A"}


@dataclass(frozen=True)
class PairInference:
    """Settings: the side that is given, what is missing of it, the way, and where the result goes."""

    given: str | None = None  # "A" or "B"
    mask: str | None = None  # the part of the given side to hide, and to fill in: see `known_part`
    clean: float | None = None  # deviation of the noise in the given side
    noise: float | None = None  # of noise to add, and to take away again
    seed: int = 0  # of that noise
    inference: str = "mean"
    infer: int = 100  # steps of the other ways
    target_data: str | None = None  # what is right, to measure with
    output: Path = Path("artifacts/inferred.png")

    @property
    def completes(self) -> bool:
        """Whether the given side itself is made whole."""
        return any(value is not None for value in (self.mask, self.clean, self.noise))

    def of(self, model: ContinualAutoencoder) -> PairInference:
        """Return the same with the given side named: A, if the model knows no other one.

        Raise `InputError` if it is not clear what is to be inferred.
        """
        alone = not model.sides_[1].size
        if alone and (self.given == "B" or not self.completes):
            raise InputError(
                f"expected --mask, --clean or --noise for a model of one side, got --from {self.given} alone: "
                "name what is missing"
            )
        if self.given is None and not alone:
            raise InputError("expected --from A or --from B for a model of two sides, got neither: say which is given")
        return replace(self, given=self.given or "A")

    @property
    def wanted(self) -> str:
        """The side that is written."""
        given = self.given or "A"
        return given if self.completes else OTHER[given]


def pair_model(path: Path, threads: int | None = None) -> ContinualAutoencoder:
    """Return the model of pairs in the file ``path``; raise `InputError` if it is another one."""
    model = models.open(path)
    if not isinstance(model, ContinualAutoencoder):
        raise InputError(f"{path}: expected a model of pairs, got one of another kind: train one with --target-data")
    model.n_jobs = model.autoencoder.jobs = threads
    return model


def infer_pairs(settings: Inference, asked: PairInference) -> dict[str, Any]:
    """Infer one side of pairs from the other, or make the given one whole, and write it.

    Return what was written and, where the right side is known, the root mean squared error, and that of the mean of all
    that was learned (with noise: of what was given), in the units of that side.
    """
    model = pair_model(settings.model, settings.threads)
    asked = asked.of(model)
    side = model.sides_["AB".index(asked.wanted)]
    check_kind(asked.output, side.shape)
    given, right = _read(settings, asked, model)
    x = of_shape(np.asarray(given.x), model.sides_["AB".index(asked.given or "A")].shape)
    if asked.completes:
        check_sizes(settings.data, given.names, side.shape, asked.output)
    found, known, before = _inferred(model, asked, x)
    reading = model.reading if asked.wanted == "A" else model.reading.other or Reading()
    write_side(asked.output, found, given.names, reading.columns)
    facts: dict[str, Any] = {"count": len(found), "output": str(asked.output)}
    if model.sides_[1].size:
        facts = {"from": asked.given, "written": asked.wanted, **facts}
    right = x if asked.mask is not None or asked.noise else right
    if right is None:
        return facts
    name = "error_of_the_mean" if before is None else "error_before"
    before = np.broadcast_to(model.mean().side(asked.wanted), found.shape) if before is None else before
    hidden = (slice(None), ~known)
    return facts | {"error": _error(found[hidden], right[hidden]), name: _error(before[hidden], right[hidden])}


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


def _inferred(
    model: ContinualAutoencoder, asked: PairInference, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the side that is wanted, which of its values were given as they are, and what it was before cleaning."""
    noise = asked.clean or asked.noise
    if noise is not None:
        noisy = x if asked.noise is None else _noisy(model.sides_["AB".index(asked.wanted)], x, noise, asked.seed)
        inputs, targets = _sides(asked, noisy)
        return model.denoise(inputs, targets, noise=noise), np.zeros(x.shape[1:], bool), noisy
    known = None if asked.mask is None else known_part(asked.mask, x.shape[1:])
    inputs, targets = _sides(asked, x)
    found = model.infer(inputs, targets, known, method=asked.inference, steps=asked.infer).side(asked.wanted)
    return found, np.zeros(found.shape[1:], bool) if known is None else known, None


def _sides(asked: PairInference, x: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    return (None, x) if asked.given == "B" else (x, None)


def _noisy(side: Side, x: np.ndarray, noise: float, seed: int) -> np.ndarray:
    found = side.values(with_noise(side.rows(x) / TOP, noise, seed))
    return np.rint(found).astype(x.dtype) if x.dtype == np.uint8 else found


def _error(found: np.ndarray, right: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found.astype(np.float64) - right) ** 2)))


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
    check_count(asked.count, "pairs")
    model = pair_model(path, threads)
    if asked.side == "B" and not model.sides_[1].size:
        raise InputError(f"--side: {path} has learned one side, A, got B: leave it out")
    check_kind(asked.output, model.sides_["AB".index(asked.side)].shape)
    drawn = model.generate(asked.count, spread=asked.spread, seed=asked.seed).side(asked.side)
    reading = model.reading if asked.side == "A" else model.reading.other or Reading()
    write_side(asked.output, drawn, [str(number) for number in range(1, asked.count + 1)], reading.columns)
    return {"pictures": asked.count, "side": asked.side, "output": str(asked.output)}

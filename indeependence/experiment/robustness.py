"""How a saved classifier, or a Keras network of one's own, stands up to noise in test examples that it never saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.binary_codes.duty import evenness
from indeependence.data.readers.pictures import rows_of
from indeependence.data.selection import Source
from indeependence.errors import InputError
from indeependence.experiment.noise import NoiseCurve, noise_curve
from indeependence.experiment.own_network import OwnCase
from indeependence.models.classifier.classifier import ContinualClassifier


@dataclass(frozen=True)
class NoiseTest:
    """Settings of a test with noisy examples."""

    source: Source
    kinds: tuple[str, ...] = ("pixels",)
    limit: int | None = None  # test examples at most
    noise_seed: int = 0  # of the noise, and of which examples are taken
    bits: bool = False  # also count the active units
    scale: str | None = None  # of a Keras network: what pictures of 0 to 255 become
    outputs: tuple[str, ...] | None = None  # of a Keras network: names of its outputs


@dataclass(frozen=True)
class Robustness:
    """A curve for each kind of noise, and how active the code units are without noise, if that was asked for."""

    curves: tuple[NoiseCurve, ...]
    activity: dict[str, float] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Return scores and accuracies by level, in plain JSON values."""
        noise = {
            one.kind: {"score": one.score, "accuracies": dict(zip(one.levels, one.accuracies, strict=True))}
            for one in self.curves
        }
        return {"examples": self.curves[0].examples, "noise": noise, **self.activity}


def robustness(path: Path, test: NoiseTest, *, threads: int | None = None) -> Robustness:
    """Count the right answers of the classifier in the file ``path`` at each level of each kind of noise.

    The file is a model's or a ``.keras`` network's; raise `InputError` for settings that only the other has.
    """
    if path.suffix == ".keras":
        return _of_network(path, test)
    for name in ("scale", "outputs"):
        if getattr(test, name) is not None:
            raise InputError(f"--{name} goes with a .keras file: a model knows it itself, leave it out")
    model = ContinualClassifier.load(path, n_jobs=threads)
    inputs, labels = _tests(model, test)
    curves = [noise_curve(model.predict, inputs, labels, kind=kind, seed=test.noise_seed) for kind in test.kinds]
    return Robustness(tuple(curves), _activity(model.encoder_(inputs)) if test.bits else {})


def _of_network(path: Path, test: NoiseTest) -> Robustness:
    if test.bits:
        raise InputError("--bits goes with a model: of a .keras file, try sparse network look")
    case = OwnCase(path, test.source, test.scale or "none", test.outputs)
    inputs, labels = case.tests(test.limit, test.noise_seed)
    predict = case.network.predict
    curves = [noise_curve(predict, inputs, labels, kind=kind, seed=test.noise_seed) for kind in test.kinds]
    return Robustness(tuple(curves))


def _tests(model: ContinualClassifier, test: NoiseTest) -> tuple[np.ndarray, np.ndarray]:
    """Return test examples of the classes that the model learned, and their labels ``[N]``."""
    dataset = test.source.load(model.reading)
    rows = test.source.learned_tests(dataset, model.classes_)
    rows = np.sort(np.random.default_rng(test.noise_seed).permutation(rows)[: test.limit])
    return rows_of(dataset.x_test, rows), dataset.y_test[rows]


def _activity(codes: np.ndarray) -> dict[str, float]:
    """Return how many units are active in uint8 codes ``[N, H]``, and how evenly."""
    return {"units": codes.shape[1], "mean_active_units": np.count_nonzero(codes) / len(codes), **evenness(codes)}

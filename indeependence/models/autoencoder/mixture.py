"""Pictures drawn from sums by region: a mixture of Gaussians for each class, and a tone curve that sharpens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.models.autoencoder.conditional import leading
from indeependence.models.parameters import number, whole
from indeependence.moments.moments import Label
from indeependence.moments.regions import BYTES, Part, Regions
from indeependence.moments.scores import best_labels
from indeependence.moments.sketch import Sketch

if TYPE_CHECKING:
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder

PRIOR = 8.0  # examples that the covariance of all regions of a class counts as in that of one
COMPONENTS = 30  # of the Gaussian of a region
TUNED = 200  # pictures that a tone curve is made of
STEPS = 1024  # of a tone curve
SPREAD, CODE_SPREAD = 0.9, 0.5  # deviations that are drawn: from regions, and from the code given the label
ROUNDS = 5  # in which pictures that the model itself takes for another label are drawn again


@dataclass(frozen=True, eq=False)
class Mixture:
    """The distribution of one class's codes: a Gaussian for each region, as often as the class has examples there.

    A Gaussian of few examples is drawn towards the mean covariance within regions. Decoded pictures are blurred where
    a code says little; so the values of their pixels are mapped, in order, to values as frequent as those that were
    learned: what is grey between ink and paper becomes either.
    """

    sketch: Sketch
    parts: list[Part]

    @classmethod
    def of(cls, regions: Regions, label: int) -> Mixture:
        """Return the distribution of the class at that place of the targets."""
        return cls(regions.sketch, regions.parts(label))

    @cached_property
    def shares(self) -> np.ndarray:
        """The share of examples in each part."""
        counts = np.array([part.count for part in self.parts], np.float64)
        return counts / counts.sum()

    @cached_property
    def _within(self) -> np.ndarray:
        """The mean covariance within regions."""
        free = sum(part.count - 1 for part in self.parts)
        return np.sum([part.scatter for part in self.parts], axis=0) / max(free, 1)

    def codes(self, count: int, spread: float, rng: np.random.Generator) -> np.ndarray:
        """Return codes float64 ``[count, K]``; ``spread`` scales the deviations from the means of regions."""
        chosen = rng.choice(len(self.parts), count, p=self.shares)
        found = np.empty((count, self.sketch.values))
        for index in np.unique(chosen):
            rows, (mean, variances, vectors) = chosen == index, self.gaussians[index]
            normal = rng.standard_normal((int(rows.sum()), len(variances)))
            found[rows] = mean + spread * normal * np.sqrt(variances) @ vectors.T
        return found

    @cached_property
    def gaussians(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Mean ``[K]``, variances ``[L]`` and directions ``[K, L]`` of the leading components of each part."""
        found = []
        for part in self.parts:
            covariance = (part.scatter + PRIOR * self._within) / (part.count + PRIOR)
            variances, vectors = leading(covariance, COMPONENTS)
            found.append((part.mean, np.maximum(variances, 0), vectors))
        return found

    def pictures(self, count: int, spread: float, rng: np.random.Generator) -> np.ndarray:
        """Return drawn pictures float64 ``[count, D]`` of 0..255."""
        return self.decoded(self.codes(count, spread, rng), spread)

    def decoded(self, codes: np.ndarray, spread: float) -> np.ndarray:
        """Return the pictures float64 ``[N, D]`` of 0..255 of codes that were drawn with that ``spread``."""
        return np.interp(self.sketch.pictures(codes).clip(0, TOP), *self._tones(spread))

    def _tones(self, spread: float) -> tuple[np.ndarray, np.ndarray]:
        """Return rising values of decoded pixels and the learned values that take their place, `STEPS` at most."""
        if spread not in self._curves:
            codes = self.codes(TUNED, spread, np.random.default_rng(0))
            shares = np.linspace(0, 1, STEPS)
            often = np.cumsum(np.sum([part.bytes for part in self.parts], axis=0))
            learned = np.interp(shares, often / often[-1], np.arange(BYTES))
            decoded = self.sketch.pictures(codes).clip(0, TOP)
            before, first = np.unique(np.quantile(decoded, shares), return_index=True)
            self._curves[spread] = before, learned[first]
        return self._curves[spread]

    @cached_property
    def _curves(self) -> dict[float, tuple[np.ndarray, np.ndarray]]:
        return {}


def drawn(
    model: LabelledAutoencoder, labels: Sequence[Label], *, spread: float | None = None, seed: int = 0
) -> np.ndarray:
    """Return pictures ``[N, D]`` of 0..1, one for each of ``labels``; with ``spread`` 0 they are means.

    Without sums by region they are drawn from the Gaussian of the code given the label, as `Autoencoder.generate` does.
    """
    regions, size = model.autoencoder.regions, model.autoencoder.layout.input_size
    wanted = model.targets(labels)  # refuses unknown ones
    if regions is None or not regions.count:
        return model.autoencoder.generate(wanted, spread=CODE_SPREAD if spread is None else spread, seed=seed)
    found, spread = np.empty((len(labels), size)), number("spread", SPREAD if spread is None else spread, zero=True)
    for label in dict.fromkeys(labels):
        rows = np.array([other == label for other in labels])
        place = list(model.labels).index(label)
        mixture = Mixture.of(regions, place)
        if not mixture.parts:
            raise InputError(f"no class {label!r} was learned: expected one with examples to draw")
        rng = np.random.default_rng([whole("seed", seed, least=0), place])
        found[rows] = _recognised(model, label, partial(mixture.pictures, spread=spread, rng=rng), int(rows.sum()))
    return found / TOP


def _recognised(model: LabelledAutoencoder, label: Label, draw: Callable[[int], np.ndarray], count: int) -> np.ndarray:
    """Return ``count`` drawn pictures that the model itself takes for the ``label``, as far as `ROUNDS` find them."""
    found = draw(count)
    for _ in range(ROUNDS):
        codes = model.autoencoder.encode(np.rint(found).astype(np.uint8))
        other = best_labels(model.weights.scores(codes), model.weights.labels) != label
        if not other.any():
            break
        found[other] = draw(int(other.sum()))
    return found

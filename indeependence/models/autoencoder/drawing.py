"""Pictures that an autoencoder draws: of labels, or of single units of its top code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.errors import InputError, named
from indeependence.exact import TOP
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.mixture import drawn
from indeependence.moments.moments import Label

MOST = 10_000  # pictures of each label
FAR = 2.5  # standard deviations of a unit that is high, or low


@dataclass(frozen=True, eq=False)
class Drawn:
    """Pictures ``[N, D]`` of values 0..1, so many in a row, and the labels or units that they are of."""

    pictures: np.ndarray
    columns: int
    labels: tuple[Label, ...] = ()
    titles: tuple[str, ...] = ()  # of the columns


def check_count(count: int, what: str) -> None:
    """Raise `InputError` for more of ``what`` than may be drawn at once."""
    if count > MOST:
        raise InputError(f"--count: expected at most {MOST:,} {what}, got {count:,}")


@dataclass(frozen=True)
class Drawing:
    """Which pictures are to be drawn: of units if any are named, otherwise of labels.

    >>> rows = np.random.default_rng(0).integers(0, 256, (40, 4, 4), np.uint8)
    >>> model = LabelledAutoencoder([0, 1], "8").bootstrap(rows).learn([(rows, np.arange(40) % 2)])
    >>> drawn = Drawing(label="1", count=3).by(model)
    >>> drawn.labels, drawn.pictures.shape
    ((1,), (3, 16))
    """

    label: str | None = None  # labels separated by commas; None for all that were learned
    count: int = 16  # pictures of each label
    spread: float | None = None  # standard deviations of the code; None for what suits the model
    units: str | None = None  # numbers of top units, separated by commas
    seed: int = 0

    def by(self, model: LabelledAutoencoder) -> Drawn:
        """Return the pictures that ``model`` draws; raise `InputError` for labels and units that it does not have.

        So it is for more than 10,000 pictures of each label: they would not fit into memory, nor a grid into a file.
        """
        check_count(self.count, "pictures of each label")
        if len(model.shape) < 2:
            raise InputError(f"expected a model of pictures, got one of vectors of {model.shape[0]} values")
        return self._labels(model) if self.units is None else self._units(model)

    def _labels(self, model: LabelledAutoencoder) -> Drawn:
        """Return a row for each label: the mean of the class, then pictures that vary about it."""
        known, rest = model.weights.labels, self.count - 1
        labels = list(known)
        if self.label is not None:
            whole = self.label in map(str, known)  # a class whose name has a comma
            words = [self.label] if whole else self.label.split(",")
            labels = named(words, known, option="--label", where="was learned")
        pictures = model.autoencoder.generate(model.targets(labels), spread=0)
        if rest:
            wanted = [label for label in labels for _ in range(rest)]
            varied = drawn(model, wanted, spread=self.spread, seed=self.seed)
            rows = zip(pictures, varied.reshape(len(labels), rest, -1), strict=True)
            pictures = np.vstack([np.vstack([mean[None], others]) for mean, others in rows])
        return Drawn(pictures, self.count, tuple(labels))

    def _units(self, model: LabelledAutoencoder) -> Drawn:
        """Return for each unit, from above: its pattern about grey, the mean input where it is high, and where low."""
        units, words = model.encoder_.units // 2, [word.strip() for word in (self.units or "").split(",")]
        if not all(word.isdigit() and int(word) < units for word in words):
            raise InputError(f"--units: expected numbers from 0 to {units - 1}, got '{self.units}'")
        patterns = np.stack([model.autoencoder.unit_pattern(int(word)) for word in words])
        mean = model.autoencoder.joint.mean[model.autoencoder.layout.inputs] / TOP
        grey = 0.5 + patterns / np.maximum(2 * np.abs(patterns).max(1, keepdims=True), 1e-9)
        rows = [grey, *(np.clip(mean + far * patterns, 0, 1) for far in (FAR, -FAR))]
        return Drawn(np.vstack(rows), len(words), titles=tuple(words))

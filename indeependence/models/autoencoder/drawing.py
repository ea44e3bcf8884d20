"""Pictures that an autoencoder draws: of labels, or of single units of its top code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.errors import InputError, named
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.mixture import drawn
from indeependence.moments.moments import Label

UNITS = 8  # pictures of units in a row


@dataclass(frozen=True, eq=False)
class Drawn:
    """Pictures ``[N, D]`` of values 0..1, so many in a row, and the labels that they are of."""

    pictures: np.ndarray
    columns: int
    labels: tuple[Label, ...] = ()


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
        """Return the pictures that ``model`` draws; raise `InputError` for labels and units that it does not have."""
        if len(model.shape) < 2:
            raise InputError(f"expected a model of pictures, got one of vectors of {model.shape[0]} values")
        return self._units(model) if self.units else self._labels(model)

    def _labels(self, model: LabelledAutoencoder) -> Drawn:
        """Return a row for each label: the mean of the class, then pictures that vary about it."""
        known, rest = model.weights.labels, self.count - 1
        labels = list(known)
        if self.label is not None:
            labels = named(self.label.split(","), known, option="--label", where="was learned")
        pictures = model.autoencoder.generate(model.targets(labels), spread=0)
        if rest:
            wanted = [label for label in labels for _ in range(rest)]
            varied = drawn(model, wanted, spread=self.spread, seed=self.seed)
            rows = zip(pictures, varied.reshape(len(labels), rest, -1), strict=True)
            pictures = np.vstack([np.vstack([mean[None], others]) for mean, others in rows])
        return Drawn(pictures, self.count, tuple(labels))

    def _units(self, model: LabelledAutoencoder) -> Drawn:
        """Return for each unit a picture that raises it."""
        units, words = model.encoder_.units // 2, [word.strip() for word in (self.units or "").split(",")]
        if not all(word.isdigit() and int(word) < units for word in words):
            raise InputError(f"--units: expected numbers from 0 to {units - 1}, got '{self.units}'")
        pictures = [model.autoencoder.preferred_input(int(word), seed=self.seed) for word in words]
        return Drawn(np.stack(pictures), min(UNITS, len(pictures)))

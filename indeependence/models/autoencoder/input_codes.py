"""Top codes of inputs alone, and the labels that are predicted from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NoReturn

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.moments import Label
from indeependence.moments.ridge import Weights

if TYPE_CHECKING:
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder


@dataclass(frozen=True, eq=False)
class InputCodes:
    """Top codes ``[N, H]`` of inputs alone."""

    model: LabelledAutoencoder
    front: ClassVar[None] = None  # no network looks at the inputs before

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        return self.model.autoencoder.encode(self.model.quantised(inputs))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that decides about a code."""
        return self.model.autoencoder.tied.encoder.fingerprint

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return self.model.shape

    @property
    def nbytes(self) -> int:
        """The bytes of bases and offsets."""
        return self.model.autoencoder.tied.encoder.nbytes

    @property
    def units(self) -> int:
        """H."""
        return self.model.autoencoder.tied.encoder.units

    def examples(self, rows: int) -> int:
        """Of how many examples so many ``rows`` were learned: each has one."""
        return rows

    @property
    def layers_text(self) -> str:
        """What was asked for."""
        return self.model.autoencoder.tied.encoder.layers_text


@dataclass(frozen=True, eq=False)
class LabelledPredictor:
    """Probabilities of labels, by the conditional mean of an autoencoder's targets."""

    encoder: InputCodes
    weights: Weights
    columns: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return self.encoder.shape

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes with examples, in the order of the columns of `probabilities`."""
        return self.weights.labels

    def probabilities(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Return probabilities ``[N, C]`` of the labels; the model's own number of threads holds."""
        return self.weights.probabilities(self.weights.scores(self.encoder(inputs, jobs=jobs)))

    def for_export(self) -> NoReturn:
        """Raise `InputError`: only a classifier with one encoder is exported."""
        raise InputError("expected a classifier to export, got an autoencoder: train one with --kind classifier")

"""Top codes of inputs alone, and the labels that are predicted from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from indeependence.data.reading import Reading
from indeependence.encoder.encoder import Encoder
from indeependence.models.autoencoder.side_inference import encoder_of_part
from indeependence.models.predictor import Predictor
from indeependence.moments.moments import Label
from indeependence.moments.weights import Weights

if TYPE_CHECKING:
    from indeependence.models.autoencoder.kept import KeptTied


@dataclass(frozen=True, eq=False)
class InputCodes:
    """The encoder of an autoencoder: from inputs alone to top codes ``[N, H]``."""

    model: KeptTied
    front: ClassVar[None] = None  # there is no Keras model in front

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Return top codes uint8 ``[N, H]``; the model's own number of threads is used."""
        return self.model.autoencoder.encode(self.model.quantised(inputs))

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that a code depends on."""
        return self.model.autoencoder.tied.encoder.fingerprint

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return self.model.shape

    @property
    def nbytes(self) -> int:
        """The size of bases and offsets in bytes."""
        return self.model.autoencoder.tied.encoder.nbytes

    @property
    def units(self) -> int:
        """H, the number of code units."""
        return self.model.autoencoder.tied.encoder.units

    def examples(self, rows: int) -> int:
        """Return the number of examples behind so many ``rows`` of codes: each example has one."""
        return rows

    @property
    def alone(self) -> Encoder:
        """The same codes by an encoder of inputs, to the bit: what the unknown targets add is in its offset."""
        tied, side = self.model.autoencoder.tied, self.model.side
        units = np.arange(tied.layers[-1].units)
        return encoder_of_part(tied, self.model.autoencoder.layout.inputs, side.shape, side.quantiser, units)

    @property
    def layers_text(self) -> str:
        """The text of ``--layers``."""
        return self.model.autoencoder.tied.encoder.layers_text


@dataclass(frozen=True, eq=False)
class LabelledPredictor:
    """Probabilities of labels, by the conditional mean of an autoencoder's targets.

    Attributes
    ----------
    encoder : from inputs to top codes.
    weights : from top codes to scores of labels.
    reading : how files become inputs.
    """

    encoder: InputCodes
    weights: Weights
    reading: Reading = Reading()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return self.encoder.shape

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes with examples, in the order of the columns of `probabilities`."""
        return self.weights.labels

    def probabilities(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Return probabilities ``[N, C]`` in the order of `labels`; the model's own number of threads is used."""
        return self.weights.probabilities(self.weights.scores(self.encoder(inputs, jobs=jobs)))

    def answers(self, inputs: np.ndarray, *, jobs: int | None = None) -> tuple[np.ndarray, None]:
        """Return probabilities ``[N, C]``, and None: how far inputs are from all that was learned is not known."""
        return self.probabilities(inputs, jobs=jobs), None

    def for_export(self) -> Predictor:
        """Return the same as encoder and weights, which are all that other programs need; answers are equal."""
        return Predictor(self.encoder.alone, self.weights, None, self.reading)

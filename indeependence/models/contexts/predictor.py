"""The prediction-only part of a model with contexts: inputs as bytes, and the readout of all contexts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, NoReturn

import numpy as np

from indeependence.data.reading import Reading
from indeependence.encoder.quantise import Quantiser, check_shape
from indeependence.errors import InputError
from indeependence.models.contexts.readout import ContextReadout
from indeependence.moments.moments import Label

ROWS = 4096  # read and turned into bytes at a time: sparse rows, or files, need not be held whole


@dataclass(frozen=True, eq=False)
class InputBytes:
    """The encoder that all contexts share: it returns inputs as bytes; each context then encodes them by itself."""

    shape: tuple[int, ...]
    quantiser: Quantiser
    layers_text: str
    units: int  # H of one context
    fingerprint: str  # of the encoders of all contexts
    front: ClassVar[None] = None  # there is no Keras model in front

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Return inputs as uint8 ``[N, *shape]``; raise `InputError` for another shape."""
        check_shape(inputs, self.shape)
        parts = [self.quantiser(np.asarray(inputs[start : start + ROWS])) for start in range(0, len(inputs), ROWS)]
        return np.concatenate(parts or [self.quantiser(np.asarray(inputs))])

    @property
    def nbytes(self) -> int:
        """0: each context counts the bytes of its own encoder."""
        return 0

    def examples(self, count: int) -> int:
        """Return ``count``: contexts count examples, whatever views of them their encoders learn."""
        return count


@dataclass(frozen=True, eq=False)
class ContextualPredictor:
    """Probabilities of inputs ``[N, *shape]``, as `models.predictor.Predictor` returns them for one context.

    Attributes
    ----------
    encoder : from inputs to bytes.
    readout : from bytes to scores, by the context of each input.
    reading : how files become inputs.
    """

    encoder: InputBytes
    readout: ContextReadout
    reading: Reading = Reading()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return self.encoder.shape

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes, in the order of the columns of `probabilities`."""
        return self.readout.labels

    def probabilities(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Return probabilities ``[N, C]`` in the order of `labels`, on ``jobs`` threads (all cores by default)."""
        return replace(self.readout, jobs=jobs).probabilities(self.encoder(inputs))

    def answers(self, inputs: np.ndarray, *, jobs: int | None = None) -> tuple[np.ndarray, None]:
        """Return probabilities ``[N, C]``, and None: how far inputs are from all that was learned is not known."""
        return self.probabilities(inputs, jobs=jobs), None

    def for_export(self) -> NoReturn:
        """Raise `InputError`: only a classifier with one encoder is exported."""
        raise InputError(
            "expected a classifier to export, got one with contexts, an encoder each: train with --contexts one"
        )

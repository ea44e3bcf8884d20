"""What a model with contexts answers with: inputs as bytes, and the weights of all contexts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, NoReturn

import numpy as np

from indeependence.encoder.quantise import Quantiser, check_shape
from indeependence.errors import InputError
from indeependence.models.contexts.readout import ContextReadout
from indeependence.moments.moments import Label


@dataclass(frozen=True, eq=False)
class Inputs:
    """Inputs as bytes in their own shape: all that is common to the contexts, whose encoders come after the choice."""

    shape: tuple[int, ...]
    quantiser: Quantiser
    layers_text: str
    units: int  # H of one context
    fingerprint: str  # of all contexts' encoders
    front: ClassVar[None] = None  # no network looks at the inputs before

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Inputs uint8 ``[N, *shape]``; InputError for another shape."""
        check_shape(inputs, self.shape)
        return self.quantiser(inputs)

    @property
    def nbytes(self) -> int:
        """None: each context counts the bytes of its own encoder."""
        return 0

    def examples(self, count: int) -> int:
        """The same ``count``: contexts count examples, whatever views of them their encoders learn."""
        return count


@dataclass(frozen=True, eq=False)
class ContextualPredictor:
    """Labels and probabilities of inputs ``[N, ...]``, as `predictor.Predictor` gives them for one context."""

    encoder: Inputs
    readout: ContextReadout
    columns: tuple[str, ...] = ()  # names of the inputs' columns, where they have any

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return self.encoder.shape

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes, in the order of the columns of `probabilities`."""
        return self.readout.labels

    def probabilities(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        """Probabilities ``[N, C]`` of the labels, on ``jobs`` threads (all cores by default)."""
        return replace(self.readout, jobs=jobs).probabilities(self.encoder(inputs))

    def for_export(self) -> NoReturn:
        """Raise `InputError`: only a classifier with one encoder is exported."""
        raise InputError(
            "expected a classifier to export, got one with contexts, an encoder each: train with --contexts one"
        )

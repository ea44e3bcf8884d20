"""The encoder that leaves inputs as they are: rows of bytes, for models that look at pixels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from indeependence.encoder.quantise import Quantiser


@dataclass(frozen=True, eq=False)
class Pixels:
    """Inputs as rows of bytes: what a perceptron sees."""

    shape: tuple[int, ...]
    quantiser: Quantiser
    layers_text: str

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        return self.quantiser(inputs).reshape(len(inputs), -1)

    @property
    def units(self) -> int:
        """The number of values of one input."""
        return int(np.prod(self.shape))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the shape: pixels are taken as they are."""
        return hashlib.sha256(f"pixels {self.shape}".encode()).hexdigest()

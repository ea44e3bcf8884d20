"""The encoder that leaves inputs as they are: rows of bytes, for models that look at pixels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from indeependence.encoder.quantise import Quantiser, check_shape


@dataclass(frozen=True, eq=False)
class Pixels:
    """Inputs as rows of bytes: what a perceptron sees."""

    shape: tuple[int, ...]
    quantiser: Quantiser
    layers_text: str
    front: ClassVar[None] = None  # no network looks at the inputs before

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        check_shape(inputs, self.shape)
        return self.quantiser(inputs).reshape(len(inputs), -1)

    @property
    def units(self) -> int:
        """The number of values of one input."""
        return int(np.prod(self.shape))

    @property
    def nbytes(self) -> int:
        """None: it has no bases."""
        return 0

    def examples(self, rows: int) -> int:
        """Return of how many examples so many ``rows`` were learned: each has one."""
        return rows

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the shape: pixels are taken as they are."""
        return hashlib.sha256(f"pixels {self.shape}".encode()).hexdigest()

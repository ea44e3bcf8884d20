"""The encoder that only quantises inputs: rows of bytes, for models that work on pixels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from indeependence.encoder.quantise import Quantiser, check_shape


@dataclass(frozen=True, eq=False)
class Pixels:
    """Codes uint8 ``[N, D]`` that are the quantised inputs themselves."""

    shape: tuple[int, ...]
    quantiser: Quantiser
    layers_text: str
    front: ClassVar[None] = None  # there is no network before it

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        check_shape(inputs, self.shape)
        return self.quantiser(inputs).reshape(len(inputs), -1)

    @property
    def units(self) -> int:
        """The number of values of one input."""
        return int(np.prod(self.shape))

    @property
    def nbytes(self) -> int:
        """The number of bytes of its arrays: 0, since it has no bases."""
        return 0

    def examples(self, rows: int) -> int:
        """Return the number of examples of which so many ``rows`` were learned: each has one."""
        return rows

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the shape: nothing else determines a code."""
        return hashlib.sha256(f"pixels {self.shape}".encode()).hexdigest()

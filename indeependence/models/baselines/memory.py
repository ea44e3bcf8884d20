"""Everything that a baseline keeps between tasks, with its size, and the arrays of a whole task."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from indeependence.encoder.pixels import Pixels
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.models.inputs import batches_of
from indeependence.models.learner import Batches
from indeependence.moments.moments import Label

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Kept:
    """The arrays kept between tasks: parameters, statistics of examples, and examples themselves.

    >>> Kept((np.zeros(3, np.float32),), examples=(np.zeros((2, 4), np.uint8),)).nbytes
    20
    """

    parameters: Arrays
    statistics: Arrays = ()
    examples: Arrays = ()

    @property
    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        return sum(array.nbytes for array in (*self.parameters, *self.statistics, *self.examples))

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all arrays."""
        digest = hashlib.sha256()
        for array in (*self.parameters, *self.statistics, *self.examples):
            digest.update(f"{array.dtype.str} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def task_of(encoder: Pixels, batches: Batches, labels: list[Label]) -> tuple[np.ndarray, np.ndarray]:
    """Return a whole task: bytes uint8 ``[N, D]``, and the places ``[N]`` of its labels among ``labels``.

    Raise `InputError` for other labels.
    """
    parts = [(encoder(inputs), np.asarray(named).tolist()) for inputs, named in batches_of(batches)]
    place = {label: index for index, label in enumerate(labels)}
    unknown = [label for _, named in parts for label in named if label not in place]
    if unknown:
        raise InputError(f"expected labels among {', '.join(map(str, labels))}, got {unknown[0]!r}")
    columns = [place[label] for _, named in parts for label in named]
    return np.concatenate([codes for codes, _ in parts]), np.array(columns, np.int32)


def scaled(codes: np.ndarray) -> np.ndarray:
    """Return bytes as float32 of 0 to 1."""
    return codes.astype(np.float32) / np.float32(TOP)

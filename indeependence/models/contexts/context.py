"""One context: while it is open its exact sums, afterwards the weights that were solved from them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from indeependence.encoder.encoder import Encoder
from indeependence.models.contexts.gaussian import InputSums
from indeependence.moments.moments import Label, Moments
from indeependence.moments.ridge import Weights, solved


@dataclass(frozen=True, eq=False)
class Open:
    """A context that goes on learning: it has its sums."""

    is_open: ClassVar[bool] = True

    inputs: InputSums
    encoder: Encoder
    sums: Moments
    penalty: float | str  # of the ridge, or "auto"

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes that it has learned."""
        return self.sums.labels

    @cached_property
    def weights(self) -> Weights:
        """Weights solved from the sums."""
        return solved(self.sums, self.penalty)

    def close(self) -> Closed:
        """What is left without the sums; predictions stay the same to the bit, since `Weights.scores` is in float32."""
        weights = replace(self.weights, coefficients=self.weights.coefficients.astype(np.float32))
        return Closed(self.inputs, self.encoder, weights, self.sums.fingerprint)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that was learned here."""
        return fingerprint(self.inputs, self.encoder, self.sums.fingerprint)

    @property
    def nbytes(self) -> int:
        """The bytes of sums and encoder as a file holds them."""
        return self.sums.nbytes + self.inputs.nbytes + self.encoder.nbytes


@dataclass(frozen=True, eq=False)
class Closed:
    """A context whose sums are gone: it predicts as before, but cannot learn, merge or forget."""

    is_open: ClassVar[bool] = False

    inputs: InputSums
    encoder: Encoder
    weights: Weights  # coefficients in float32
    sums_sha256: str  # of the sums it was solved from

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes that it has learned."""
        return self.weights.labels

    def close(self) -> Closed:
        """Itself."""
        return self

    @property
    def fingerprint(self) -> str:
        """As when it was open: closing changes what is kept, not what was learned."""
        return fingerprint(self.inputs, self.encoder, self.sums_sha256)

    @property
    def nbytes(self) -> int:
        """The bytes of weights, input sums and encoder."""
        weights = self.weights.coefficients.nbytes + self.weights.intercept.nbytes
        return weights + self.inputs.nbytes + self.encoder.nbytes


Context = Open | Closed


@dataclass(frozen=True, eq=False)
class Contexts:
    """All contexts, in the order in which they were opened; their set and so the fingerprint knows no order."""

    parts: tuple[Context, ...] = ()

    @property
    def nbytes(self) -> int:
        """The bytes of all contexts."""
        return sum(part.nbytes for part in self.parts)

    @property
    def count(self) -> int:
        """The number of examples learned."""
        return sum(part.inputs.count for part in self.parts)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the contexts' own, in sorted order."""
        return hashlib.sha256(" ".join(sorted(part.fingerprint for part in self.parts)).encode()).hexdigest()


def fingerprint(inputs: InputSums, encoder: Encoder, sums_sha256: str) -> str:
    """SHA-256 of a context: of its input sums, its encoder, and its sums of codes."""
    return hashlib.sha256(f"{inputs.fingerprint} {encoder.fingerprint} {sums_sha256}".encode()).hexdigest()

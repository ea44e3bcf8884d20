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
from indeependence.moments.solving import solved
from indeependence.moments.weights import Weights


@dataclass(frozen=True, eq=False)
class Open:
    """A context that has its sums and can learn on."""

    is_open: ClassVar[bool] = True

    inputs: InputSums
    encoder: Encoder
    sums: Moments
    penalty: float | str  # of the readout, or "auto"
    readout: str  # one of `READOUTS`

    @property
    def labels(self) -> tuple[Label, ...]:
        """The learned classes, sorted."""
        return self.sums.labels

    @cached_property
    def weights(self) -> Weights:
        """The readout, solved from the sums."""
        return solved(self.sums, self.penalty, self.readout)

    def close(self) -> Closed:
        """Return the context without its sums; predictions are equal to the bit, as `Weights.scores` uses float32."""
        weights = replace(self.weights, coefficients=self.weights.coefficients.astype(np.float32))
        return Closed(self.inputs, self.encoder, weights, self.sums.fingerprint)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of everything learned here."""
        return fingerprint(self.inputs, self.encoder, self.sums.fingerprint)

    @property
    def nbytes(self) -> int:
        """The size of sums and encoder in a file, in bytes."""
        return self.sums.nbytes + self.inputs.nbytes + self.encoder.nbytes


@dataclass(frozen=True, eq=False)
class Closed:
    """A context without its sums: it predicts as before, but cannot learn, merge or forget."""

    is_open: ClassVar[bool] = False

    inputs: InputSums
    encoder: Encoder
    weights: Weights  # coefficients in float32
    sums_sha256: str  # of the sums it was solved from

    @property
    def labels(self) -> tuple[Label, ...]:
        """The learned classes, sorted."""
        return self.weights.labels

    def close(self) -> Closed:
        """Return self."""
        return self

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the open context: closing changes what is kept, not what was learned."""
        return fingerprint(self.inputs, self.encoder, self.sums_sha256)

    @property
    def nbytes(self) -> int:
        """The size of weights, input sums and encoder in bytes."""
        weights = self.weights.coefficients.nbytes + self.weights.intercept.nbytes
        return weights + self.inputs.nbytes + self.encoder.nbytes


Context = Open | Closed


@dataclass(frozen=True, eq=False)
class Contexts:
    """All contexts, in the order in which they were opened; the fingerprint does not depend on that order."""

    parts: tuple[Context, ...] = ()

    @property
    def nbytes(self) -> int:
        """The size of all contexts in bytes."""
        return sum(part.nbytes for part in self.parts)

    @property
    def count(self) -> int:
        """The number of learned examples."""
        return sum(part.inputs.count for part in self.parts)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the fingerprints of all contexts, in sorted order."""
        return hashlib.sha256(" ".join(sorted(part.fingerprint for part in self.parts)).encode()).hexdigest()


def fingerprint(inputs: InputSums, encoder: Encoder, sums_sha256: str) -> str:
    """Return the SHA-256 of a context: of its input sums, its encoder, and its sums of codes."""
    return hashlib.sha256(f"{inputs.fingerprint} {encoder.fingerprint} {sums_sha256}".encode()).hexdigest()

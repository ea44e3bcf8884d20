"""One side of pairs from the other without sums: an encoder of the given side, and the weights of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, ClassVar

import numpy as np

from indeependence.encoder.encoder import Encoder
from indeependence.encoder.quantise import Quantiser
from indeependence.exact import TOP
from indeependence.models.autoencoder.sides import Side
from indeependence.models.autoencoder.tied import Tied
from indeependence.moments.weights import Weights


@dataclass(frozen=True, eq=False)
class SideInference:
    """From values of one side to those of the other, as `ContinualAutoencoder.infer` gives them, to the bit."""

    encoder: Encoder  # of the given side alone
    weights: Weights  # from its codes to bytes of the other side
    side: Side  # the other side
    labels: ClassVar[Sequence[str]] = ()

    def infer(self, X: Any) -> np.ndarray:
        """Return the other side ``[N, ...]`` of given values, in its own units."""
        return self.side.values(self.weights.scores(self.encoder(X)) / TOP)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of encoder, weights and limits of the other side."""
        found = sha256(self.encoder.fingerprint.encode())
        for array in (self.weights.coefficients, self.weights.intercept):
            found.update(np.ascontiguousarray(array).tobytes())
        found.update(repr(self.side.header()).encode())
        return found.hexdigest()

    def facts(self) -> dict[str, Any]:
        """Return facts about it, as plain JSON values."""
        return {
            "kind": "one side from the other",
            "weights_sha256": self.fingerprint,
            "encoder_sha256": self.encoder.fingerprint,
            "layers": self.encoder.layers_text,
            "input_shape": list(self.encoder.shape),
            "output_shape": list(self.side.shape),
            "code_units": self.encoder.units,
        }


def encoder_of_part(
    tied: Tied, part: slice, shape: tuple[int, ...], quantiser: Quantiser, units: np.ndarray
) -> Encoder:
    """Return the encoder of a ``part`` of rows alone: equal codes, to the bit, of the ``units`` that are kept.

    What the unknown rest adds to the first layer is in its offset. Of several layers all units are kept.
    """
    layers = tied.layers
    columns = units[::2] // 2 if len(layers) == 1 else np.arange(layers[0].units // 2)
    first = layers[0]
    rest = np.ones(len(first.bases), bool)
    rest[part] = False
    added = tied.fill[rest].astype(np.int64) @ first.bases[rest].astype(np.int64)
    offset = (first.offset - added).astype(np.int32)[columns]
    first = replace(first, bases=np.ascontiguousarray(first.bases[part][:, columns]), offset=offset)
    made = (first, *layers[1:])
    return Encoder(tied.encoder.layers_text, shape, quantiser, made, (False,) * len(made), made[-1].units)

"""Two sides that belong together, as they are given and as they come back; the second may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.models.autoencoder.sides import Side
from indeependence.models.inputs import plain_inputs

NOTHING = Side.of(np.zeros((1, 0), np.uint8))  # the other side of a model that has learned none


@dataclass(frozen=True, eq=False)
class Pairs:
    """Both sides of N pairs, each in its own units: 0..255 for what came as bytes."""

    inputs: np.ndarray  # [N, *shape of an input] float64
    targets: np.ndarray  # [N, *shape of a target] float64

    def side(self, name: str) -> np.ndarray:
        """Return the side "A", the inputs, or "B", the targets."""
        return self.targets if name == "B" else self.inputs


def other_side(targets: Any, count: int) -> np.ndarray:
    """Return the other side ``[N, ...]``, or N rows of nothing where there is none."""
    if targets is None:
        return np.zeros((count, 0), np.uint8)
    found = plain_inputs(np.reshape(targets, (-1, 1)) if np.ndim(targets) == 1 else targets)
    if len(found) != count:
        raise InputError(f"expected as many targets as inputs, got {len(found)} and {count}")
    return found

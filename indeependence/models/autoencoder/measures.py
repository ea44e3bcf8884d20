"""Measures of codes and bases: entropy, reconstruction error, residue, and the angle between subspaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.encoder.layers.mirror import unmirror
from indeependence.exact import TOP
from indeependence.models.autoencoder.tied import Tied

BINS = 16  # of a signed value -255..255, for its entropy


@dataclass(frozen=True)
class LayerMeasures:
    """The measures of one layer on a batch of rows."""

    entropy: float  # bits, mean over its bases; at most 4
    reconstruction: float  # squared error of the codes below, decoded from this layer, over their variance; 0 is best
    residue: float  # mean square of the smaller sides of the pairs below so decoded, in full bytes; 0 at the bottom


def layer_measures(stack: Tied, rows: np.ndarray) -> list[LayerMeasures]:
    """Return the measures of each layer, from the bottom upwards, on ``rows`` uint8 ``[N, D + C]``."""
    found, below = [], rows
    for index, layer in enumerate(stack.layers):
        values = layer.project(below)
        decoded = values @ stack.decoders[index] + stack.centres[index].astype(np.float32)
        error = np.sum((decoded - below) ** 2) / max(np.sum((below - below.mean(0)) ** 2), 1e-9)
        residue = float(np.mean(unmirror(decoded / TOP)[1])) if index else 0.0
        found.append(LayerMeasures(float(entropies(values).mean()), float(error), residue))
        below = layer(below)
    return found


def entropies(values: np.ndarray) -> np.ndarray:
    """Return the entropy in bits ``[K]`` of each base's signed values ``[N, K]``, in `BINS` equal steps of -255..255.

    It is 4 for a base that uses its whole range evenly and 0 for one with a constant value.

    >>> entropies(np.array([[0.0, -200.0], [0.0, 200.0]]))
    array([0., 1.])
    """
    steps = np.clip((values + TOP) * (BINS / (2 * TOP)), 0, BINS - 1).astype(int)
    shares = np.stack([(steps == step).mean(0) for step in range(BINS)])
    return np.abs(np.sum(shares * np.log2(shares, out=np.zeros_like(shares), where=shares > 0), axis=0))


def subspace_angle(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest principal angle, in degrees, between the subspaces that the columns of ``[D, K]`` span.

    >>> subspace_angle(np.eye(3)[:, :2], np.eye(3)[:, [0, 2]])
    90.0
    """
    from scipy.linalg import subspace_angles

    return float(np.degrees(subspace_angles(one, other).max()))

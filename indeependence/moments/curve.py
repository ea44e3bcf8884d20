"""Cross-validation for every penalty at once, from one decomposition of the scatter or one factor of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.moments.centred import Centred
from indeependence.moments.cholesky import Factor
from indeependence.moments.probes import probes_of

STEPS = 8  # of the Lanczos process
TRUST = 16.0  # from a penalty to the farthest one that its factor tells about


@dataclass(frozen=True, eq=False)
class Curve:
    """How targets and units spread over the eigenvalues of the scatter: all that cross-validation depends on.

    The values may be fewer than the eigenvalues and only stand for them, as the nodes of a quadrature do.
    """

    sizes: np.ndarray  # [R] float64: eigenvalues
    energy: np.ndarray  # [R] float64: how much of Σ (h - mean)(y - mean)ᵀ lies along each, squared
    unit_sizes: np.ndarray  # [P] float64: eigenvalues
    unit_weights: np.ndarray  # [P] float64: how many units lie along each
    lowest: float = 0.0  # the range of absolute penalties that this holds for
    highest: float = np.inf

    def explained(self, penalty: float) -> float:
        """Return how much of the targets' scatter ridge regression takes away, with an absolute ``penalty``."""
        shares = self.energy / (self.sizes + penalty)
        return float(np.sum(shares) + penalty * np.sum(shares / (self.sizes + penalty)))

    def effective_units(self, penalty: float) -> float:
        """Return the degrees of freedom at an absolute ``penalty``: ``tr S (S + λI)⁻¹``."""
        return float(np.sum(self.unit_weights * (self.unit_sizes / (self.unit_sizes + penalty))))


def curve_around(centred: Centred, penalty: float) -> Curve | None:
    """Return the curve of a scatter: all of it for few units or examples, else the part around an absolute penalty.

    Return None if the scatter with that penalty has no factor.

    For many units the scatter is factored once. With ``X = (S + λ₀I)⁻¹``, ``(S + λI)⁻¹ = X (I + (λ - λ₀)X)⁻¹`` is a
    smooth function of X, so a few steps of block Lanczos from the targets and from random probes give its traces
    (Golub & Meurant 2010, "Matrices, Moments and Quadrature", chapters 6 and 11).
    """
    units, classes = centred.cross.shape
    if centred.parts is not None:
        sizes, turned = centred.parts.sizes, centred.parts.turned
        return Curve(sizes, np.sum((turned.T @ centred.cross) ** 2, 1) / sizes, sizes, np.ones(len(sizes)))
    probes = probes_of(units)
    if units <= STEPS * (classes + probes.shape[1]):
        sizes, vectors = np.linalg.eigh(centred.scatter)
        sizes = np.maximum(sizes, 0)
        return Curve(sizes, np.sum((vectors.T @ centred.cross) ** 2, 1), sizes, np.ones(units))
    factor = centred.factor(penalty)
    if factor is None:
        return None
    sizes, energy = _lanczos(factor, centred.cross, penalty)
    unit_sizes, weights = _lanczos(factor, probes, penalty)
    return Curve(sizes, energy, unit_sizes, weights / probes.shape[1], penalty / TRUST, penalty * TRUST)


def _lanczos(factor: Factor, start: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues that stand for those of the scatter, and how much of the columns of ``start`` is along each.

    Every block is made orthogonal to all before, twice, since rounding would bring back what was already found.
    """
    block, remainder = np.linalg.qr(start)
    basis, images = block, []
    for step in range(STEPS):
        image = factor.solve(block)
        images.append(image)
        if step + 1 < STEPS:
            rest = image - basis @ (basis.T @ image)
            block, _ = np.linalg.qr(rest - basis @ (basis.T @ rest))
            basis = np.hstack([basis, block])
    small = basis.T @ np.hstack(images)
    values, vectors = np.linalg.eigh((small + small.T) / 2)
    found = values > 0
    along = vectors[: start.shape[1], found].T @ remainder
    return np.maximum(1 / values[found] - penalty, 0), np.sum(along**2, 1)

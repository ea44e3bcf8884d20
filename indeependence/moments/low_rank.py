"""Ridge from fewer distinct examples than units: the scatter as ``L Lᵀ`` with few columns, decomposed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg.lapack import dpstrf

if TYPE_CHECKING:
    from indeependence.engine.solve import DeviceScatter


@dataclass(frozen=True, eq=False)
class LowRank:
    """A scatter ``S = L Lᵀ [H, H]`` of rank R, with ``Lᵀ L = V diag(sizes) Vᵀ``; every penalty is then cheap.

    ``(S + λ I)⁻¹ Q = L V diag(1 / (sizes (sizes + λ))) Vᵀ Lᵀ Q`` for every Q in the span of S, where the sums of
    products of codes and targets are (Woodbury's identity).
    """

    turned: np.ndarray  # [H, R] float64: L V
    sizes: np.ndarray  # [R] float64: the eigenvalues of S that are not 0

    def solve(self, targets: np.ndarray, penalty: float) -> np.ndarray:
        """Return ``(S + penalty I)⁻¹ targets`` for ``targets [H, C]`` in the span of S."""
        return self.turned @ ((self.turned.T @ targets) / (self.sizes * (self.sizes + penalty))[:, None])

    def effective_units(self, penalty: float) -> float:
        """Return ``tr S (S + penalty I)⁻¹``.

        >>> low_rank(np.array([[4.0, 0.0], [0.0, 0.0]]), 1e-9).effective_units(4.0)
        0.5
        """
        return float(np.sum(self.sizes / (self.sizes + penalty)))


def low_rank(scatter: np.ndarray | DeviceScatter, tolerance: float) -> LowRank:
    """Return a scatter ``[H, H]`` taken apart; what varies by at most ``tolerance`` counts as 0.

    By a pivoted Cholesky factor and the eigenvalues of its few columns; on a graphics card by all eigenvalues, since
    pivots would be looked for one after the other.
    """
    if not isinstance(scatter, np.ndarray) and scatter.device.is_card:
        sizes, vectors = scatter.eigh()
        kept = sizes > tolerance
        return LowRank(vectors[:, kept] * np.sqrt(sizes[kept]), sizes[kept])
    factor, pivots, rank, _ = dpstrf(np.asarray(scatter).T, tol=tolerance, lower=1)
    lower = np.empty((len(factor), rank))
    lower[pivots - 1] = np.tril(factor[:, :rank])
    del factor  # as large as the scatter
    sizes, vectors = np.linalg.eigh(lower.T @ lower)
    kept = sizes > tolerance * 1e-3  # rounding may leave less
    return LowRank(lower @ vectors[:, kept], sizes[kept])

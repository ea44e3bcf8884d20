"""Sums about the means, in float64: what every readout is solved from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from indeependence.engine.choice import active
from indeependence.moments.cholesky import Factor, cholesky
from indeependence.moments.gram import TILE, mirrored_upper
from indeependence.moments.low_rank import LowRank, low_rank
from indeependence.moments.moments import Label, Moments

if TYPE_CHECKING:
    from indeependence.engine.solve import DeviceScatter

WORTH = 1024  # units whose scatter is worth bringing to another device
LEAST_VARIANCE = 4.0**-16  # of the mean variance of a unit: what is smaller counts as rounding


@dataclass(frozen=True, eq=False)
class Centred:
    """Sums about the means: what ridge regression with an intercept needs."""

    labels: tuple[Label, ...]
    count: int  # N
    scatter: np.ndarray | DeviceScatter  # [H, H] float64: Σ (h - mean)(h - mean)ᵀ
    cross: np.ndarray  # [H, C] float64: Σ (h - mean)(y - mean)ᵀ
    target_scatter: np.ndarray  # [C] float64: Σ (y - mean)²
    code_mean: np.ndarray  # [H]
    target_mean: np.ndarray  # [C]
    scale: float  # mean of the scatter's diagonal: a penalty of 1 is as strong as the average unit
    noise: np.ndarray | None = None  # [H, H] float64: N E n nᵀ of noise n on the codes; None for no noise

    @cached_property
    def distinct(self) -> int:
        """The number of examples that cross-validation may count: all, or fewer where many are alike.

        A copy of an example tells nothing about unseen ones. Where there are no more examples than units, the rank of
        the scatter is one less than the number of distinct examples (for codes in general position), so the sums show
        how many are copies. With more examples than units they do not.
        """
        return self.count if self.parts is None else min(self.count, len(self.parts.sizes) + 1)

    @cached_property
    def parts(self) -> LowRank | None:
        """The scatter taken apart, where there are no more examples than units that vary; None elsewhere."""
        many = self.count > (self.scatter.diagonal() > 0).sum()
        return None if many else low_rank(self.scatter, LEAST_VARIANCE * self.scale)

    def factor(self, penalty: float) -> Factor | None:
        """Return the factor of the scatter with its noise and an absolute ``penalty``; None if it has none."""
        if self.noise is not None:
            return cholesky(np.asarray(self.scatter) + self.noise, penalty)
        if isinstance(self.scatter, np.ndarray):
            return cholesky(self.scatter.copy(), penalty)
        return self.scatter.factor(penalty)


def centre(moments: Moments) -> Centred:
    """Return sums about the means from raw sums, in float64; integers are exact until the one subtraction.

    >>> rows = np.array([[1, 0], [3, 0]], np.uint8), np.array(["a", "b"])
    >>> centre(Moments.empty("encoder", 2).learn([rows])).scatter
    array([[2., 0.], [0., 0.]])
    """
    n = max(moments.count, 1)
    code_mean, target_mean = moments.code_sum / n, moments.counts / n
    scatter = _scatter(moments, code_mean)
    cross = moments.cross - np.outer(moments.code_sum, target_mean)
    target_scatter = moments.counts * (1 - target_mean)
    scale = float(scatter.diagonal().mean())
    return Centred(
        moments.labels,
        moments.count,
        scatter,
        cross,
        target_scatter,
        code_mean,
        target_mean,
        scale if scale > 0 else 1.0,
    )


def _scatter(moments: Moments, code_mean: np.ndarray) -> np.ndarray | DeviceScatter:
    if moments.units >= WORTH and (device := active()) is not None:
        from indeependence.engine.solve import DeviceScatter

        return DeviceScatter.of(device, moments.products, moments.code_sum, code_mean)
    scatter = mirrored_upper(moments.products)
    for top in range(0, len(scatter), TILE):  # a second array of that size may be too much
        rows = slice(top, top + TILE)
        scatter[rows] -= np.outer(moments.code_sum[rows], code_mean)
    return scatter

"""Classes of binary codes by the nearest centroid, and centroids from sums, counted or expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from indeependence.binary_codes.embedding import Embedding
from indeependence.binary_codes.sdr import SDR
from indeependence.encoder.layers.winners import winners
from indeependence.moments.moments import Label, Moments
from indeependence.moments.scatter import within_class_scatter

DRAWS = 2000  # of each class


@dataclass(frozen=True, eq=False)
class Centroids:
    """The mean code of each class."""

    labels: tuple[Label, ...]
    means: np.ndarray  # [C, U] float64: the share of a class's codes in which a unit is set

    def nearest(self, codes: SDR) -> np.ndarray:
        """Return labels ``[N]`` of the centroids of least Euclidean distance.

        >>> two = Centroids(("a", "b"), np.array([[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]]))
        >>> two.nearest(SDR.of(np.array([[1, 0, 0], [0, 1, 1]])))
        array(['a', 'b'], dtype='<U1')
        """
        # ‖s - m‖² = ‖s‖² - 2 s·m + ‖m‖², and ‖s‖² is the same for all classes.
        likeness = codes.bits.astype(np.float64) @ self.means.T - np.sum(self.means**2, 1) / 2
        return np.array(self.labels)[likeness.argmax(1)]


def code_sums(embedding: Embedding, codes: SDR, labels: np.ndarray) -> Moments:
    """Return exact sums of binary codes and labels ``[N]``, which are added, merged and subtracted as all sums are.

    They are valid as long as the embedding stays the same.
    """
    empty = Moments.empty(embedding.fingerprint, embedding.units)
    return empty.learn([(codes.bits.astype(np.uint8), labels)])


def counted_centroids(sums: Moments) -> Centroids:
    """Return the centroids of the codes in `code_sums`."""
    seen = sums.only(sums.counts > 0)
    return Centroids(seen.labels, (seen.cross / seen.counts).T)


def expected_centroids(embedding: Embedding, moments: Moments, *, draws: int = DRAWS, seed: int = 0) -> Centroids:
    """Return the centroids that codes have if the scores in each class are Gaussian, from sums of encoder codes.

    An embedding that is made from all sums changes with every example, so sums of its codes would be out of date. The
    mean scores of a class and their covariance within classes are known from the sums at any time; the share of draws
    in which a unit wins is its expected mean.
    """
    seen = moments.only(moments.counts > 0)
    return Centroids(seen.labels, np.stack([won.mean(0) for _, _, won in drawn(embedding, seen, draws, seed)]))


def drawn(
    embedding: Embedding, moments: Moments, draws: int, seed: int
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield for each class its place, deviations ``[draws, U]`` of drawn scores from their mean, and the winners."""
    bases = embedding.bases.astype(np.float64)
    variances, vectors = np.linalg.eigh(bases.T @ (within_class_scatter(moments) / moments.count @ bases))
    spread = (vectors * np.sqrt(np.maximum(variances, 0))).T
    deviations = np.random.default_rng(seed).standard_normal((draws, len(spread))) @ spread
    means = (moments.cross / moments.counts).T @ bases - embedding.offset
    for place, mean in enumerate(means):
        yield place, deviations, winners(mean + deviations, embedding.active)

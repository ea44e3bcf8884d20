"""Streaming linear discriminant analysis: class means and one shared covariance, from running sums.

Source: Hayes & Kanan, "Lifelong machine learning with deep streaming linear discriminant analysis", CVPRW 2020, on
pixels instead of a network's features.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indeependence.baselines.kept import Batches, Reading
from indeependence.encoder.pixels import Pixels
from indeependence.encoder.quantise import TOP, fit_quantiser
from indeependence.moments.accumulator import Label, Moments, accumulate
from indeependence.moments.gram import mirrored_upper
from indeependence.moments.labels import best_labels


class StreamingLDA:
    """A Gaussian for each class, with a mean of its own and a covariance of all; keeps sums, no example.

    The covariance is shrunk: a share ``shrinkage`` of it is replaced by its mean variance in all directions.

    >>> rows = np.array([[0, 10], [20, 0], [200, 250], [250, 190]], np.uint8)
    >>> model = StreamingLDA().bootstrap(rows).learn([(rows, np.array(["dark", "dark", "light", "light"]))])
    >>> model.label(model.weights.scores(np.array([[30, 30], [180, 180]], np.uint8)))
    array(['dark', 'light'], dtype='<U5')
    """

    stored_examples = 0

    def __init__(
        self,
        *,
        shrinkage: float = 1e-2,
        random_state: int = 0,
        batch_size: int = 4096,
        n_jobs: int | None = None,
    ):
        self.shrinkage, self.random_state = shrinkage, random_state
        self.batch_size, self.n_jobs = batch_size, n_jobs
        self.bootstrap_limit = 5000  # inputs to see what range they have, if they are no bytes

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"pixels, shrinkage {self.shrinkage:g}"

    def bootstrap(self, inputs: np.ndarray) -> StreamingLDA:
        """Itself with sums of nothing, for inputs of this shape."""
        self.encoder_ = Pixels(inputs.shape[1:], fit_quantiser(inputs), "pixels")
        self.moments_ = Moments.empty(self.encoder_.fingerprint, self.encoder_.units)
        self._weights: Reading | None = None
        return self

    def learn(self, batches: Batches) -> StreamingLDA:
        """Itself, having learned these examples besides all before."""
        self.moments_ = accumulate(self.moments_, ((self.encoder_(inputs), labels) for inputs, labels in batches))
        self._weights = None
        return self

    @property
    def weights(self) -> Reading:
        """The logarithm of each class's density and share, up to a common term; solved once for given sums."""
        if self._weights is None:
            slopes, offsets = discriminants(self.moments_, self.shrinkage)
            labels = self.moments_.labels
            self._weights = Reading(lambda codes: codes @ slopes + offsets, labels, np.arange(len(labels)))
        return self._weights

    def label(self, scores: np.ndarray, *, among: Sequence[Label] | None = None) -> np.ndarray:
        """Labels ``[N]`` of the largest scores ``[N, C]``, of those seen, or of those ``among`` them."""
        return best_labels(scores, self.weights.labels, among)


def discriminants(moments: Moments, shrinkage: float) -> tuple[np.ndarray, np.ndarray]:
    """Slopes ``[D, C]`` and offsets ``[C]`` of the linear discriminants of all classes, from their sums.

    ``Σ⁻¹ μ_c`` and ``log(n_c / N) - ½ μ_cᵀ Σ⁻¹ μ_c``, with the shrunk covariance Σ within the classes.
    """
    means = moments.cross / moments.counts
    covariance = (mirrored_upper(moments.products) - (means * moments.counts) @ means.T) / moments.count
    spread = max(float(np.trace(covariance)) / moments.units, 1 / TOP)
    covariance *= 1 - shrinkage
    covariance[np.diag_indices(moments.units)] += shrinkage * spread
    slopes = np.linalg.solve(covariance, means)
    return slopes, np.log(moments.counts / moments.count) - np.sum(means * slopes, 0) / 2

"""Streaming linear discriminant analysis: class means and one shared covariance, from running sums.

Source: Hayes & Kanan, "Lifelong machine learning with deep streaming linear discriminant analysis", CVPRW 2020, on
pixels instead of a network's features.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from indeependence.encoder.pixels import Pixels
from indeependence.encoder.quantise import fit_quantiser
from indeependence.exact import TOP
from indeependence.models.learner import Batches, NeitherMergesNorForgets
from indeependence.models.readout import FunctionReadout
from indeependence.moments.moments import Moments
from indeependence.moments.scatter import within_class_scatter


class StreamingLDA(NeitherMergesNorForgets):
    """A Gaussian for each class, with its own mean and one covariance for all classes; it keeps sums and no example.

    Parameters
    ----------
    shrinkage : the share of the covariance that is replaced by its mean variance in all directions.
    random_state, batch_size, n_jobs : as of every `Learner`.

    Attributes
    ----------
    moments_ : the sums of all examples; only after `restart`.

    Examples
    --------

    >>> from indeependence.models.readout import predict
    >>> rows = np.array([[0, 10], [20, 0], [200, 250], [250, 190]], np.uint8)
    >>> model = StreamingLDA().restart(rows).learn([(rows, np.array(["dark", "dark", "light", "light"]))])
    >>> predict(model.weights, np.array([[30, 30], [180, 180]], np.uint8))
    array(['dark', 'light'], dtype='<U5')
    """

    stored_examples = 0
    promises: ClassVar[frozenset[str]] = frozenset({"order"})

    def __init__(
        self,
        *,
        shrinkage: float = 0.1,
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

    def restart(self, sample: np.ndarray) -> StreamingLDA:
        """Forget everything and return self, for inputs like those of ``sample``."""
        self.encoder_ = Pixels(sample.shape[1:], fit_quantiser(sample), "pixels")
        self.moments_ = Moments.empty(self.encoder_.fingerprint, self.encoder_.units)
        self._weights: FunctionReadout | None = None
        return self

    def learn(self, batches: Batches) -> StreamingLDA:
        """Learn these examples in addition to everything before, and return self."""
        self.moments_ = self.moments_.learn((self.encoder_(inputs), labels) for inputs, labels in batches)
        self._weights = None
        return self

    @property
    def weights(self) -> FunctionReadout:
        """The readout: the logarithm of each class's density and share, up to a common term; solved once."""
        if self._weights is None:
            slopes, offsets = discriminants(self.moments_, self.shrinkage)
            labels = self.moments_.labels
            self._weights = FunctionReadout(lambda codes: codes @ slopes + offsets, labels, np.arange(len(labels)))
        return self._weights


def discriminants(moments: Moments, shrinkage: float) -> tuple[np.ndarray, np.ndarray]:
    """Return slopes ``[D, C]`` and offsets ``[C]`` of the linear discriminants of all classes, from their sums.

    They are ``Σ⁻¹ μ_c`` and ``log(n_c / N) - ½ μ_cᵀ Σ⁻¹ μ_c``, with the shrunk covariance Σ within the classes.
    """
    means = moments.cross / moments.counts
    covariance = within_class_scatter(moments) / moments.count
    spread = max(float(np.trace(covariance)) / moments.units, 1 / TOP)
    covariance *= 1 - shrinkage
    covariance[np.diag_indices(moments.units)] += shrinkage * spread
    slopes = np.linalg.solve(covariance, means)
    return slopes, np.log(moments.counts / moments.count) - np.sum(means * slopes, 0) / 2

"""From codes of an encoder to binary codes: directions from sums alone, and the k units of the highest scores."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse.linalg import eigsh

from indeependence.binary_codes.sdr import SDR
from indeependence.encoder.fitting.bootstrap import whole_bases
from indeependence.encoder.layers.winners import winners
from indeependence.errors import InputError
from indeependence.moments.gram import mirrored_upper
from indeependence.moments.moments import Label, Moments
from indeependence.moments.ridge import Weights, best_ridge, centre
from indeependence.moments.scatter import within_class_scatter

ROWS = 2048  # of codes, scored at a time
POOL = 2  # units that a class may choose its active ones from, times the active ones
VARIATION = 0.2  # deviation of what tells examples of a class apart, where 1 tells classes apart
WITHIN, OVERALL = 40, 200  # principal directions that are mixed, with labels and without


@dataclass(frozen=True, eq=False)
class Embedding:
    """Binary codes of encoder codes ``h [N, H]``: the ``active`` largest of ``h W - b`` are set.

    ``W`` and ``b`` are whole numbers small enough for exact float32 products, so a code depends neither on its batch
    nor on the machine.
    """

    encoder: str  # fingerprint of the encoder
    bases: np.ndarray  # [H, U] int16: W
    offset: np.ndarray  # [U] int32: b
    active: int

    @property
    def units(self) -> int:
        """U, the number of bits of a code."""
        return self.bases.shape[1]

    def scores(self, codes: np.ndarray) -> np.ndarray:
        """What the units compete with, float32 ``[N, U]``, of encoder codes uint8 ``[N, H]``."""
        return codes.astype(np.float32) @ self._float_bases - self.offset.astype(np.float32)

    @cached_property
    def _float_bases(self) -> np.ndarray:
        return self.bases.astype(np.float32)

    def __call__(self, codes: np.ndarray) -> SDR:
        parts = [
            np.packbits(winners(self.scores(codes[start : start + ROWS]), self.active), axis=1)
            for start in range(0, len(codes), ROWS)
        ]
        return SDR(np.concatenate(parts) if parts else np.zeros((0, -(-self.units // 8)), np.uint8), self.units)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that decides about a code."""
        digest = hashlib.sha256(f"{self.encoder} {self.active} {self.bases.shape}".encode())
        digest.update(self.bases.astype("<i2").tobytes())
        digest.update(self.offset.astype("<i4").tobytes())
        return digest.hexdigest()


def unlabelled_embedding(moments: Moments, units: int, active: int, *, seed: int = 0) -> Embedding:
    """Directions that no label decides about: random mixtures of the 200 principal directions of the sums.

    Each direction is divided by the root of its deviation, halfway to whitening. Sums of the first task give an
    embedding that can stay fixed from then on, so that sums of its binary codes are exact sums too.
    """
    _check(moments, units, active)
    mean = moments.code_sum / moments.count
    covariance = mirrored_upper(moments.products) / moments.count - np.outer(mean, mean)
    variances, vectors = _principal(covariance, OVERALL)
    mixed = np.random.default_rng(seed).standard_normal((len(variances), units))
    bases = whole_bases(vectors @ (mixed / variances[:, None] ** 0.25))
    return _embedding(moments, bases, mean @ bases, active)


def labelled_embedding(
    moments: Moments,
    units: int,
    active: int,
    *,
    seed: int = 0,
    variation: float = VARIATION,
    weights: Weights | None = None,
) -> Embedding:
    """Directions that tell classes, and beside them what varies within classes.

    Every class has a pool of units, twice as many as can be active, drawn by its name: a new class changes no other's
    pool. The score of a unit is the sum of the ridge scores of the classes whose pools it is in, plus ``variation``
    times a random mixture of the principal directions within classes. So the class decides about the pool, and the
    example about the half of it that is set. With a variation of 0 only the scores of classes decide. ``weights`` are
    those of `best_ridge` for the same sums, if they are solved already.
    """
    _check(moments, units, active)
    told = moments.only(moments.counts > 0)
    weights = best_ridge(centre(told)) if weights is None else weights
    pools = np.stack([class_pool(label, units, min(POOL * active, units), seed) for label in told.labels])
    variances, vectors = _principal(within_class_scatter(told) / told.count, WITHIN)
    rng = np.random.default_rng(seed)
    mixed = rng.standard_normal((len(variances), units)) / np.sqrt(variances[:, None] * len(variances))
    directions = weights.coefficients @ pools + variation * (vectors @ mixed)
    bases = whole_bases(directions)
    step = np.abs(bases).max() / max(np.abs(directions).max(), 1e-300)
    mean = told.code_sum / told.count
    return _embedding(told, bases, mean @ bases - step * (told.counts / told.count @ pools), active)


def class_pool(label: Label, units: int, size: int, seed: int) -> np.ndarray:
    """The units ``[units]`` (1 or 0) that stand for a class: ``size`` of them, decided by its name and the seed alone.

    >>> class_pool("cat", 8, 3, seed=0), class_pool("dog", 8, 3, seed=0)
    (array([0., 0., 0., 1., 1., 0., 1., 0.]), array([0., 1., 0., 1., 0., 1., 0., 0.]))
    """
    digest = hashlib.sha256(repr((seed, label)).encode()).digest()
    pool = np.zeros(units)
    pool[np.random.default_rng(list(digest)).choice(units, size, replace=False)] = 1
    return pool


def _principal(covariance: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``count`` largest variances ``[K]`` and their directions ``[H, K]``; only those that are not 0."""
    size = len(covariance)
    if count < size / 4:
        variances, vectors = eigsh(covariance, count, v0=np.ones(size))
    else:
        variances, vectors = (part[..., -count:] for part in np.linalg.eigh(covariance))
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])])
    kept = variances > 1e-9 * max(variances.max(), 1e-9)
    return variances[kept], vectors[:, kept]


def _embedding(moments: Moments, bases: np.ndarray, offset: np.ndarray, active: int) -> Embedding:
    return Embedding(moments.encoder, bases.astype(np.int16), np.round(offset).astype(np.int32), active)


def _check(moments: Moments, units: int, active: int) -> None:
    if not 0 < active <= units:
        raise InputError(f"expected 1 to {units} active units, got {active}")
    if not moments.count:
        raise InputError("expected sums of some examples, got none: learn first")
    if moments.dropped:
        raise InputError("expected sums without a class taken out by its column alone: forget its examples instead")

"""From codes of an encoder to binary codes: directions from sums alone, and the k units of the highest scores."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse.linalg import eigsh

from indeependence.binary_codes.sdr import SDR
from indeependence.encoder.fitting.bases import whole_bases
from indeependence.encoder.layers.winners import winners
from indeependence.errors import InputError
from indeependence.moments.centred import centre
from indeependence.moments.gram import mirrored_upper
from indeependence.moments.moments import Label, Moments
from indeependence.moments.ridge import best_ridge
from indeependence.moments.scatter import within_class_scatter
from indeependence.moments.weights import Weights

ROWS = 2048  # of codes, scored at a time
POOL = 2  # units that a class may choose its active ones from, times the active ones
VARIATION = 0.2  # deviation of the differences within a class, where 1 is that between classes
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
        """Return the scores float32 ``[N, U]`` with which units compete, of encoder codes uint8 ``[N, H]``."""
        return codes.astype(np.float32) @ self._float_bases - self.offset.astype(np.float32)

    @cached_property
    def _float_bases(self) -> np.ndarray:
        return self.bases.astype(np.float32)

    def __call__(self, codes: np.ndarray) -> SDR:
        """Return the binary codes of encoder codes uint8 ``[N, H]``."""
        parts = [
            np.packbits(winners(self.scores(codes[start : start + ROWS]), self.active), axis=1)
            for start in range(0, len(codes), ROWS)
        ]
        return SDR(np.concatenate(parts) if parts else np.zeros((0, -(-self.units // 8)), np.uint8), self.units)

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that a code depends on."""
        digest = hashlib.sha256(f"{self.encoder} {self.active} {self.bases.shape}".encode())
        digest.update(self.bases.astype("<i2").tobytes())
        digest.update(self.offset.astype("<i4").tobytes())
        return digest.hexdigest()


def unlabelled_embedding(moments: Moments, units: int, active: int, *, seed: int = 0) -> Embedding:
    """Return an embedding without labels, by random mixtures of the 200 principal directions of the sums.

    Each direction is divided by the root of its deviation, halfway to whitening. Sums of the first task give an
    embedding that can stay fixed from then on, so that sums of its binary codes are exact sums too. Raise `InputError`
    as `labelled_embedding` does.
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
    """Return an embedding with directions that separate classes, mixed with those that vary within classes.

    Every class has a pool of units, twice as many as can be active, drawn by its name: a new class does not change the
    pools of others. The score of a unit is the sum of the ridge scores of the classes whose pools it is in, plus
    ``variation`` times a random mixture of the principal directions within classes. So the class decides on the pool,
    and the example on the half of it that is set; with a variation of 0, only the scores of classes decide. ``weights``
    are those of `best_ridge` for the same sums, if they are already solved. Raise `InputError` for empty sums, for sums
    with a dropped class, and for an impossible number of active units.
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
    """Return the pool of a class as 1 or 0 ``[units]``: ``size`` units that depend only on its name and the seed.

    >>> class_pool("cat", 8, 3, seed=0), class_pool("dog", 8, 3, seed=0)
    (array([0., 0., 0., 1., 1., 0., 1., 0.]), array([0., 1., 0., 1., 0., 1., 0., 0.]))
    """
    digest = hashlib.sha256(repr((seed, label)).encode()).digest()
    pool = np.zeros(units)
    pool[np.random.default_rng(list(digest)).choice(units, size, replace=False)] = 1
    return pool


def _principal(covariance: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``count`` largest variances ``[K]`` that are not 0, and their directions ``[H, K]``."""
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

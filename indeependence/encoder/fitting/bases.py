"""Where bases come from: principal directions, random directions, and averages of picture windows."""

from __future__ import annotations

import numpy as np

STEPS = 127  # bases are rounded to whole numbers of -127..127
ROUNDS = 20  # of k-means; the bases move little after ten


def principal_bases(second_moment: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the ``count`` top eigenvectors of ``second_moment [D, D]``, randomly rotated: ``[D, count]``.

    They minimise ``tr(C - C W Wᵀ - W Wᵀ C + W Wᵀ C W Wᵀ)``, the reconstruction error from sums. So does any rotation
    of them, since the objective depends only on the subspace. But mirrored codes are far better after a rotation that
    spreads the variance over all bases.

    >>> bases = principal_bases(np.diag([1.0, 9.0, 4.0]), 2, np.random.default_rng(0))
    >>> np.round(bases.T @ bases, 6) + 0.0, bool(np.abs(bases[0]).max() < 1e-9)
    (array([[1., 0.], [0., 1.]]), True)
    """
    _, vectors = np.linalg.eigh(second_moment)
    rotation, _ = np.linalg.qr(rng.standard_normal((count, count)))
    return vectors[:, -count:] @ rotation


def whitened_bases(second_moment: np.ndarray, count: int, rng: np.random.Generator, *, floor: float) -> np.ndarray:
    """Return ``count`` random directions ``[D, count]`` that are evenly spread once the inputs are whitened.

    ``floor`` times the mean variance is added to every variance, so that directions in which the first task hardly
    varies are not blown up.
    """
    variances, vectors = np.linalg.eigh(second_moment)
    variances = np.maximum(variances, 0)
    mean = variances.mean() if variances.mean() > 0 else 1.0
    directions = rng.standard_normal((len(variances), count))
    return vectors @ (directions / np.sqrt(variances + floor * mean)[:, None])


def drawn_bases(second_moment: np.ndarray, count: int, rng: np.random.Generator, *, rank: int) -> np.ndarray:
    """Return ``count`` normal random directions ``[D, count]`` whose covariance is ``second_moment``.

    Only its ``rank`` largest eigenvectors count. The directions point where the inputs vary, so far fewer of them are
    needed than of evenly spread ones.
    Source: the computed input weights of McDonnell et al., "Fast, simple and accurate handwritten digit classification
    by training shallow neural network classifiers with the 'extreme learning machine' algorithm", 2015; here from the
    covariance alone.

    >>> bases = drawn_bases(np.diag([1.0, 9.0, 4.0]), 1000, np.random.default_rng(0), rank=2)
    >>> np.round(bases.std(1)).astype(int)
    array([0, 3, 2])
    """
    variances, vectors = np.linalg.eigh(second_moment)
    deviations = np.sqrt(np.maximum(variances[-rank:], 0))
    return vectors[:, -rank:] @ (deviations[:, None] * rng.standard_normal((len(deviations), count)))


def sparse_bases(inputs: int, count: int, rng: np.random.Generator, *, density: float) -> np.ndarray:
    """Return random directions ``[inputs, count]`` int16 of -1, 0 and 1, a share ``density`` of them not zero.

    >>> np.unique(sparse_bases(50, 20, np.random.default_rng(0), density=0.2))
    array([-1,  0,  1], dtype=int16)
    """
    signs = rng.integers(0, 2, (inputs, count)) * 2 - 1
    return (signs * (rng.random((inputs, count)) < density)).astype(np.int16)


def local_bases(shape: tuple[int, ...], count: int, rng: np.random.Generator, *, size: int) -> np.ndarray:
    """Return random unit directions ``[D, count]`` of pictures ``[H, W, …]``, each within a window at a random place.

    They do not depend on any sample, so they see what a first task does not show as well as what it shows.

    >>> bases = local_bases((5, 5), 3, np.random.default_rng(0), size=2)
    >>> (bases != 0).sum(0)
    array([4, 4, 4])
    """
    bases = np.zeros((*shape, count))
    for basis in range(count):
        top, left = rng.integers(0, shape[0] - size + 1), rng.integers(0, shape[1] - size + 1)
        window = bases[top : top + size, left : left + size, ..., basis]
        window[:] = rng.standard_normal(window.shape)
    return _unit(bases.reshape(-1, count))


def patch_bases(
    patches: np.ndarray, count: int, rng: np.random.Generator, *, contrast: float, floor: float
) -> np.ndarray:
    """Return bases ``[D, count]`` for raw windows ``[N, D]``: whitened spherical k-means up to sign.

    A basis is the average of many windows, never one of them. The whitening is multiplied in, and every column
    sums to zero. Source: Coates & Ng 2012.
    """
    patches = patches - patches.mean(1, keepdims=True)
    patches /= np.sqrt(patches.var(1) + contrast**2)[:, None]
    variances, vectors = np.linalg.eigh(patches.T @ patches / max(len(patches), 1))
    variances = np.maximum(variances, 0) + floor * max(variances.max(), 1e-12)
    whitening = (vectors / np.sqrt(variances)) @ vectors.T
    bases = whitening @ _mirrored_kmeans(patches @ whitening, count, rng)
    return bases - bases.mean(0)


def _mirrored_kmeans(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return unit centres ``[D, count]``; a point and its negative belong to the same one, as in a mirrored layer."""
    points = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)
    centres = _unit(rng.standard_normal((points.shape[1], count)))
    for _ in range(ROUNDS):
        likeness = points @ centres
        nearest = np.abs(likeness).argmax(1)
        signs = np.sign(likeness[np.arange(len(points)), nearest])
        members = np.zeros((len(points), count))
        members[np.arange(len(points)), nearest] = signs
        sums = points.T @ members
        lonely = np.linalg.norm(sums, axis=0) < 1e-9
        sums[:, lonely] = rng.standard_normal((points.shape[1], lonely.sum()))
        centres = _unit(sums)
    return centres


def _unit(columns: np.ndarray) -> np.ndarray:
    return columns / np.linalg.norm(columns, axis=0)

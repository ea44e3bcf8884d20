"""Bases of a tied layer from sums, by eigenvectors or by Adam, and the drift of codes when bases change."""

from __future__ import annotations

import numpy as np

from indeependence.encoder.fitting.bases import whole_bases
from indeependence.encoder.fitting.bootstrap import dense_layer
from indeependence.encoder.layers.dense import DenseLayer
from indeependence.errors import InputError

LEAN = 1e-6  # of the mean variance: in directions without variance, bases stay as they were


def random_bases(inputs: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return random orthonormal columns ``[inputs, count]``, from which bases start.

    >>> bases = random_bases(5, 2, np.random.default_rng(0))
    >>> np.round(bases.T @ bases, 9) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    return np.linalg.qr(rng.standard_normal((inputs, count)))[0]


def eigen_bases(covariance: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return the top eigenvectors of ``covariance [D, D]``, in the rotation ``[D, K]`` that is nearest to ``start``.

    The objective determines only the subspace, so the rotation is free: near a random start it spreads the variance
    over all bases, and near earlier bases it keeps codes as they were (orthogonal Procrustes, Schönemann 1966).
    """
    lean = LEAN * max(float(np.trace(covariance)) / len(covariance), 1e-9)
    held = covariance + lean * start @ start.T
    _, vectors = np.linalg.eigh(held)
    return nearest_rotation(vectors[:, -start.shape[1] :], start)


def nearest_rotation(bases: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return orthonormal ``bases [D, K]``, rotated within their subspace as near as possible to ``start [D, K]``.

    >>> turned = nearest_rotation(np.eye(3)[:, :2], np.eye(3)[:, 1::-1])
    >>> np.round(turned.T)
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    left, _, right = np.linalg.svd(bases.T @ start)
    return bases @ (left @ right)


def objective(covariance: np.ndarray, bases: np.ndarray) -> float:
    """Return the mean squared reconstruction error ``tr(C - 2 Wᵀ C W + Wᵀ C W Wᵀ W)``, from sums alone.

    >>> objective(np.diag([9.0, 4.0]), np.array([[1.0], [0.0]]))
    4.0
    """
    projected = covariance @ bases
    captured = bases.T @ projected
    return float(np.trace(covariance) - 2 * np.trace(captured) + np.sum(captured * (bases.T @ bases)))


def adam_bases(covariance: np.ndarray, start: np.ndarray, *, steps: int, rate: float = 0.01) -> np.ndarray:
    """Return bases ``[D, K]`` after ``steps`` steps of Adam down the `objective`, from ``start``, made orthonormal.

    The covariance is scaled to a largest eigenvalue of at most 1, so that a rate of 0.01 means the same for any
    data. Raise `InputError` where the ``rate`` is so large that the bases grow without end. Source: Kingma & Ba 2015.
    """
    from indeependence.quiet_keras import keras, tf

    C = tf.constant(covariance / max(np.linalg.norm(covariance, 2), 1e-12), tf.float32)
    W = tf.Variable(start, dtype=tf.float32)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build([W])

    @tf.function
    def step() -> None:
        CW, square = C @ W, tf.transpose(W) @ W
        # The gradient of the objective over 2: C W WᵀW + W Wᵀ C W - 2 C W
        optimizer.apply([CW @ square + W @ (tf.transpose(W) @ CW) - 2 * CW], [W])

    for _ in range(steps):
        step()
    if not np.isfinite(W.numpy()).all():
        raise InputError(f"--rate: expected steps that stay finite, got bases beyond all numbers at {rate:g}: try less")
    left, _, right = np.linalg.svd(W.numpy().astype(np.float64), full_matrices=False)
    return left @ right


def layer_of(bases: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> DenseLayer:
    """Return the layer of real ``bases [D, K]``, scaled to codes of 0..255 by ``mean`` and ``covariance`` of the rows.

    A single row has no covariance: its own size then sets the scale.
    """
    whole = whole_bases(bases)
    variance = np.einsum("dk,dk->k", whole, covariance @ whole).mean()
    if variance < 1e-6 * (whole**2).sum(0).mean():
        variance = float(np.mean(mean**2) + 1) * (whole**2).sum(0).mean()
    return dense_layer(whole, mean @ whole, float(np.sqrt(variance)))


def drift(old: DenseLayer, new: DenseLayer, mean: np.ndarray, covariance: np.ndarray) -> float:
    """Return how far a change of a layer moves its codes: their mean squared change over their mean square, from sums.

    It is 0 for no change, and 1 for codes that have nothing in common with the old ones.
    """
    before, after = ((layer.bases * float(layer.scale), layer.offset * float(layer.scale)) for layer in (old, new))
    change, shift = after[0] - before[0], mean @ (after[0] - before[0]) - (after[1] - before[1])
    moved = np.sum(change * (covariance @ change)) + np.sum(shift**2)
    at_mean = mean @ after[0] - after[1]
    total = np.sum(after[0] * (covariance @ after[0])) + np.sum(at_mean**2)
    return float(min(moved / max(total, 1e-12), 1.0))

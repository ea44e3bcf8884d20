"""Where bases come from: principal directions, random directions, and pieces of pictures; on all machines the same."""

from __future__ import annotations

import numpy as np

from indeependence.encoder.fitting.draws import Draws
from indeependence.encoder.fitting.linear import cholesky, inverse, orthonormal, product, total
from indeependence.exact import EXACT, TOP

STEPS = 127  # bases are rounded to whole numbers of -127..127
TURNS = 50  # of the subspace iteration at the most
SETTLED = 1e-6  # of the variance that the directions hold: it ends where a turn adds less
MORE = 1.5  # times as many directions take part in it as are wanted
LEAN = 1e-9  # of the mean variance, added to every one: directions without variance have an order too


def principal_bases(second_moment: np.ndarray, count: int, draws: Draws) -> np.ndarray:
    """Return ``count`` orthonormal directions ``[D, count]`` in which ``second_moment [D, D]`` is largest, mixed.

    They minimise ``tr(C - C W Wᵀ - W Wᵀ C + W Wᵀ C W Wᵀ)``, the reconstruction error from sums, nearly. So does any
    rotation of them, since the objective depends only on the subspace. But mirrored codes are far better after a random
    rotation, which spreads the variance over all bases.

    >>> bases = principal_bases(np.diag([1.0, 9.0, 4.0]), 2, Draws(0))
    >>> np.round(bases.T @ bases, 6) + 0.0, bool(np.abs(bases[0]).max() < 1e-3)
    (array([[1., 0.],
           [0., 1.]]), True)
    """
    return product(_principal_subspace(second_moment, count, draws), orthonormal(draws.normal((count, count))))


def _principal_subspace(second_moment: np.ndarray, count: int, draws: Draws) -> np.ndarray:
    """Return the ``count`` directions ``[D, count]`` of most variance, nearly, in that order.

    Subspace iteration from random directions: eigenvectors by a library would have other signs, and within a space of
    equal variances another order, on every processor. Source: Halko, Martinsson & Tropp, SIAM Review 53, 2011.
    """
    inputs = len(second_moment)
    lean = LEAN * _mean_variance(second_moment)
    leant = second_moment + lean * np.eye(inputs)
    basis = orthonormal(draws.normal((inputs, min(inputs, int(MORE * count) + 8))))
    held = 0.0
    for _ in range(TURNS):
        ahead = product(leant, basis)
        before, held = held, float(total(total(basis * ahead, 0)[:count], 0))
        basis = orthonormal(ahead, passes=2)
        if held - before < SETTLED * held:
            break
    return orthonormal(basis)[:, :count]


def whitened_bases(second_moment: np.ndarray, count: int, draws: Draws, *, floor: float) -> np.ndarray:
    """Return ``count`` random directions ``[D, count]`` that are evenly spread once the inputs are whitened.

    ``floor`` times the mean variance is added to every variance, so that directions in which the first task hardly
    varies are not blown up.
    """
    whitened = whitening(second_moment, floor * _mean_variance(second_moment))
    return product(whitened, draws.normal((len(second_moment), count)))


def whitening(second_moment: np.ndarray, floor: float) -> np.ndarray:
    """Return the matrix ``U [D, D]`` with ``Uᵀ (second_moment + floor I) U = I``, upper triangular.

    >>> whitening(np.diag([3.0, 15.0]), 1.0)
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    return inverse(cholesky(second_moment + floor * np.eye(len(second_moment)))).T


def drawn_bases(second_moment: np.ndarray, count: int, draws: Draws, *, rank: int) -> np.ndarray:
    """Return ``count`` normal random directions ``[D, count]`` whose covariance is ``second_moment``.

    Only the ``rank`` directions of most variance count. The bases point where the inputs vary, so far fewer of them are
    needed than of evenly spread ones.
    Source: the computed input weights of McDonnell et al., "Fast, simple and accurate handwritten digit classification
    by training shallow neural network classifiers with the 'extreme learning machine' algorithm", 2015; here from the
    covariance alone.

    >>> bases = drawn_bases(np.diag([1.0, 9.0, 4.0]), 1000, Draws(0), rank=2)
    >>> np.round(bases.std(1)).astype(int)
    array([0, 3, 2])
    """
    rank = min(rank, len(second_moment))
    subspace = _principal_subspace(second_moment, rank, draws)
    within = product(subspace.T, product(second_moment, subspace))
    root = cholesky(within + LEAN * _mean_variance(within) * np.eye(rank))
    return product(subspace, product(root, draws.normal((rank, count))))


def _mean_variance(second_moment: np.ndarray) -> float:
    """Return the mean of a diagonal ``[D]``; 1 where nothing varies."""
    return float(total(second_moment.diagonal(), 0)) / len(second_moment) or 1.0


def sparse_bases(inputs: int, count: int, draws: Draws, *, density: float) -> np.ndarray:
    """Return random directions ``[inputs, count]`` int16 of -1, 0 and 1, a share ``density`` of them not zero.

    >>> np.unique(sparse_bases(50, 20, Draws(0), density=0.2))
    array([-1,  0,  1], dtype=int16)
    """
    signs = 2 * draws.below(2, (inputs, count)) - 1
    return (signs * (draws.share((inputs, count)) < density)).astype(np.int16)


def local_bases(shape: tuple[int, ...], count: int, draws: Draws, *, size: int) -> np.ndarray:
    """Return random unit directions ``[D, count]`` of pictures ``[H, W, …]``, each within a window at a random place.

    They do not depend on any sample, so they see what a first task does not show as well as what it shows.

    >>> bases = local_bases((5, 5), 3, Draws(0), size=2)
    >>> (bases != 0).sum(0)
    array([4, 4, 4])
    """
    bases = np.zeros((*shape, count))
    tops, lefts = (draws.below(side - size + 1, (count,)) for side in shape[:2])
    for basis, (top, left) in enumerate(zip(tops, lefts, strict=True)):
        window = bases[top : top + size, left : left + size, ..., basis]
        window[:] = draws.normal(window.shape)
    return unit(bases.reshape(-1, count))


def unit(columns: np.ndarray) -> np.ndarray:
    """Return ``columns [D, K]`` brought to length 1."""
    return columns / np.sqrt(total(columns**2, 0))


def whole_bases(bases: np.ndarray) -> np.ndarray:
    """Return bases ``[D, K]`` as whole numbers, as fine as float32 can add exactly over all inputs.

    >>> whole_bases(np.array([[0.5], [-1.0]])).T
    array([[  64., -127.]])
    """
    sizes = np.maximum(np.abs(bases), 1e-12)  # bases are all 0 for a sample that does not vary
    step = min(STEPS / sizes.max(), (EXACT / TOP - len(bases)) / total(sizes, 0).max())
    return np.round(bases * max(step, 0.0))

"""Linear algebra with the same bits on every processor, in any number of threads.

Libraries add up in an order that depends on the processor, so their last bits differ, and a sum that is then rounded to
a whole number may differ by one. Here, whatever is added up in an order that we do not know is a whole number, and
exact; all else are single operations of IEEE 754.
"""

from __future__ import annotations

import numpy as np

MANTISSA = 53  # bits of a whole number that float64 holds exactly
BLOCK = 48  # columns that `cholesky` takes one by one
SINGULAR = 2.0**-36  # of the mean square of the columns: what counts as no length in `orthonormal`


def total(values: np.ndarray, axis: int) -> np.ndarray:
    """Return the sum over an axis, added up from the first value to the last.

    >>> total(np.array([[1.0, 2.0], [3.0, 4.0]]), 0)
    array([4., 6.])
    """
    return np.add.accumulate(values, axis=axis).take(-1, axis=axis)


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return ``a [M, N] @ b [N, P]`` in float64, to about 40 bits of its largest terms.

    Rows of ``a`` and columns of ``b`` are cut into two whole numbers each, so short that their products add up exactly.
    Source: Ozaki et al., "Error-free transformations of matrix multiplication", Numerical Algorithms 59, 2012.

    >>> product(np.array([[0.5, 3.0]]), np.array([[1.0], [0.25]]))
    array([[1.25]])
    """
    bits = (MANTISSA - 1 - int(a.shape[1]).bit_length()) // 2
    (high_a, low_a), exponent_a = _cut(a, bits, axis=1)
    (high_b, low_b), exponent_b = _cut(b, bits, axis=0)
    whole = high_a @ high_b
    for one, other in ((high_a, low_b), (low_a, high_b)):
        if one.any() and other.any():
            whole = whole + np.ldexp(one @ other, -bits)
    return np.ldexp(whole, exponent_a + exponent_b - 2 * bits)


def _cut(values: np.ndarray, bits: int, *, axis: int) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Return whole numbers high and low, and exponents: ``values = (high + low 2**-bits) 2**(exponent - bits)``."""
    exponent = np.frexp(np.abs(values).max(axis=axis, keepdims=True, initial=0.0))[1]
    scaled = np.ldexp(np.asarray(values, np.float64), bits - exponent)
    high = np.rint(scaled)
    return (high, np.rint(np.ldexp(scaled - high, bits))), exponent


def cholesky(matrix: np.ndarray) -> np.ndarray:
    """Return the lower triangular ``L`` with ``L Lᵀ = matrix [D, D]``, which must be positive definite.

    >>> cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]))
    array([[2., 0.],
           [1., 2.]])
    """
    rest = np.array(matrix, np.float64)
    for start in range(0, len(rest), BLOCK):
        end = min(start + BLOCK, len(rest))
        for j in range(start, end):
            rest[j:, j] /= np.sqrt(rest[j, j])
            rest[j + 1 :, j + 1 : end] -= rest[j + 1 :, j, None] * rest[j + 1 : end, j]
        below = rest[end:, start:end]
        rest[end:, end:] -= product(below, below.T)
    return np.tril(rest)


def inverse(lower: np.ndarray) -> np.ndarray:
    """Return the inverse of a lower triangular matrix ``[D, D]``, by halves.

    >>> inverse(np.array([[2.0, 0.0], [1.0, 4.0]]))
    array([[ 0.5  ,  0.   ],
           [-0.125,  0.25 ]])
    """
    size = len(lower)
    if size <= BLOCK:
        rest, found = np.eye(size), np.empty((size, size))
        for j in range(size):
            found[j] = rest[j] / lower[j, j]
            rest[j + 1 :] -= lower[j + 1 :, j, None] * found[j]
        return found
    half = size // 2
    first, last = inverse(lower[:half, :half]), inverse(lower[half:, half:])
    corner = -product(last, product(lower[half:, :half], first))
    return np.block([[first, np.zeros((half, size - half))], [corner, last]])


def orthonormal(columns: np.ndarray, *, passes: int = 4) -> np.ndarray:
    """Return an orthonormal basis ``[D, K]`` of the space of some ``columns [D, K]``; column j of the first j only.

    Columns that lie almost in the space of those before them need all the ``passes``.
    Source: shifted Cholesky QR, Fukaya et al., SIAM Journal on Scientific Computing 42, 2020.

    >>> orthonormal(np.array([[3.0, 1.0], [4.0, 0.0]])).round(9)
    array([[ 0.6,  0.8],
           [ 0.8, -0.6]])
    """
    lengths = np.sqrt(total(columns**2, 0))
    basis = columns / np.maximum(lengths, np.finfo(np.float64).tiny)
    for _ in range(passes):
        shift = SINGULAR * np.eye(basis.shape[1])
        basis = product(basis, inverse(cholesky(product(basis.T, basis) + shift)).T)
    return basis

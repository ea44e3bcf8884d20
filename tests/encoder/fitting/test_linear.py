"""Linear algebra in whole numbers, against NumPy's; and that no order of adding up shows in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.encoder.fitting import linear

SIZES = st.integers(1, 130)
SEEDS = st.integers(0, 2**20)


def matrix(seed, *shape, decades=3.0):
    """Return a matrix whose entries reach over some decades."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape) * 10 ** rng.uniform(-decades, decades, (shape[0], 1))


@given(SIZES, SIZES, SIZES, SEEDS)
def test_a_product_is_that_of_numpy_to_forty_bits_of_its_largest_terms(rows, inner, columns, seed):
    a, b = matrix(seed, rows, inner), matrix(seed + 1, columns, inner).T
    largest = np.abs(a).max(1, keepdims=True) * np.abs(b).max(0) * inner
    assert (np.abs(linear.product(a, b) - a @ b) <= 2.0**-38 * largest).all()


@given(SIZES, SIZES, SIZES, SEEDS)
def test_a_product_has_the_same_bits_in_whatever_order_it_is_added_up(rows, inner, columns, seed):
    a, b = matrix(seed, rows, inner), matrix(seed + 1, inner, columns)
    order = np.random.default_rng(seed).permutation(inner)
    np.testing.assert_array_equal(linear.product(a[:, order], b[order]), linear.product(a, b))


@given(SIZES, SEEDS)
def test_cholesky_and_the_inverse_are_those_of_numpy(size, seed):
    rows = np.random.default_rng(seed).standard_normal((2 * size + 5, size))
    S = rows.T @ rows
    L = linear.cholesky(S)
    np.testing.assert_allclose(L, np.linalg.cholesky(S), atol=1e-8 * np.sqrt(np.abs(S).max()))
    np.testing.assert_allclose(linear.inverse(L) @ L, np.eye(size), atol=1e-7)


@pytest.mark.parametrize("condition", [0, 4, 8, 12])
def test_an_orthonormal_basis_of_columns_that_are_nearly_dependent(condition):
    rng = np.random.default_rng(condition)
    turns = [np.linalg.qr(rng.standard_normal((40, 40)))[0] for _ in range(2)]
    columns = (turns[0] * 10 ** np.linspace(0, -condition, 40)) @ turns[1][:, :30]
    basis = linear.orthonormal(columns)
    np.testing.assert_allclose(basis.T @ basis, np.eye(30), atol=1e-9)
    first = basis[:, :10]  # of the first columns only
    np.testing.assert_allclose(first @ (first.T @ columns[:, :10]), columns[:, :10], atol=1e-9)

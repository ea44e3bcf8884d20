"""Ridge from few distinct examples: equal to the plain solution, and copies do not count twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.moments.centred import centre
from indeependence.moments.low_rank import low_rank
from indeependence.moments.moments import Moments
from indeependence.moments.ridge import LOWEST, ridge
from indeependence.moments.solving import solved

SEEDS = st.integers(0, 2**32 - 1)


def sums(seed, rows, units, copies=1):
    rng = np.random.default_rng(seed)
    codes = np.repeat(rng.integers(0, 256, (rows, units)).astype(np.uint8), copies, axis=0)
    labels = np.repeat(rng.integers(0, 3, rows), copies)
    return Moments.empty("", units).learn([(codes, labels)])


@given(SEEDS, st.integers(2, 20), st.sampled_from([1e-4, 0.01, 1.0, 100.0]))
def test_it_is_the_plain_solution(seed, rows, penalty):
    centred = centre(sums(seed, rows, 30))
    weights = ridge(centred, penalty)
    system = centred.scatter + penalty * centred.scale * np.eye(30)
    np.testing.assert_allclose(weights.coefficients, np.linalg.solve(system, centred.cross), rtol=1e-6, atol=1e-12)
    assert weights.effective_units == pytest.approx(
        np.trace(np.linalg.solve(system, centred.scatter)), rel=1e-6, abs=1e-6
    )


@given(SEEDS, st.integers(3, 12), st.integers(2, 4))
def test_copies_of_examples_are_no_new_ones(seed, rows, copies):
    centred = centre(sums(seed, rows, 60, copies))
    assert centred.count == rows * copies and centred.distinct == rows


def test_with_more_examples_than_units_all_of_them_count():
    assert centre(sums(0, 50, 8)).parts is None and centre(sums(0, 50, 8)).distinct == 50


def test_the_penalty_does_not_vanish_with_copies():
    """As on biopsies, a third of which are copies: cross-validation would take a copy for an unseen example."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 256, (60, 200)).astype(np.uint8)
    labels = (codes[:, 0] > 127).astype(int) ^ (rng.random(60) < 0.2)
    once, thrice = (Moments.empty("", 200).learn([(np.tile(codes, (n, 1)), np.tile(labels, n))]) for n in (1, 3))
    assert solved(thrice, "auto").penalty >= solved(once, "auto").penalty > 100 * LOWEST


def test_a_scatter_of_nothing_is_taken_apart():
    nothing = low_rank(np.zeros((3, 3)), 1e-9)
    assert nothing.sizes.size == 0 and nothing.solve(np.zeros((3, 2)), 1.0).tolist() == [[0.0, 0.0]] * 3

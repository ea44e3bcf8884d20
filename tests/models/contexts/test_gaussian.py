"""Sums of the inputs, and the likelihoods from them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from indeependence.models.contexts.gaussian import FLOOR, InputSums, log_likelihoods
from tests.models.contexts.tasks_made_up import D, bits


@given(bits, st.integers(1, 39))
def test_input_sums_know_no_order_and_no_batches(seed, cut):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 256, (40, D)).astype(np.uint8)
    shuffled = rng.permutation(rows)
    whole, parts = InputSums.empty(D).learn(rows), InputSums.empty(D).learn(shuffled[:cut]).learn(shuffled[cut:])
    assert whole.fingerprint == parts.fingerprint and whole.count == parts.count == 40
    np.testing.assert_array_equal(whole.squares, (rows.astype(object) ** 2).sum(0))


@given(bits)
def test_likelihoods_are_those_of_normal_distributions_with_a_floor(seed):
    rng = np.random.default_rng(seed)
    shown, judged = (rng.integers(0, 256, (n, D)).astype(np.uint8) for n in (20, 5))
    known = [InputSums.empty(D).learn(shown[:10]), InputSums.empty(D).learn(shown[10:])]
    for column, rows in enumerate((shown[:10], shown[10:])):
        deviation = np.sqrt(rows.var(0) + FLOOR * rows.var(0).mean())
        expected = norm.logpdf(judged, rows.mean(0), deviation).sum(1) + D / 2 * np.log(2 * np.pi)
        np.testing.assert_allclose(log_likelihoods(known, judged)[:, column], expected, rtol=1e-9)


def test_inputs_that_never_vary_have_a_likelihood_all_the_same():
    known = [InputSums.empty(D).learn(np.full((5, D), value, np.uint8)) for value in (0, 255)]
    assert log_likelihoods(known, np.full((1, D), 250, np.uint8)).argmax() == 1

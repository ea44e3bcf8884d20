"""Noise that is cut to the range of bytes: its moments, and what it leaves of values of which sums alone are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from indeependence.models.autoencoder.cut_noise import LEVELS, beta_shares, cut_moments, seen_through


@given(st.floats(0.01, 1), st.integers(0, 255))
def test_moments_of_cut_noise_are_those_of_drawn_noise(noise, level):
    drawn = np.clip(LEVELS[level] + noise * np.random.default_rng(0).standard_normal(20_000), 0, 1)
    mean, variance = cut_moments(noise)
    assert mean[level] == pytest.approx(drawn.mean(), abs=5 * noise / np.sqrt(20_000))
    assert np.sqrt(variance[level]) == pytest.approx(drawn.std(), abs=0.05 * noise)


@given(st.floats(0.05, 0.95), st.floats(0.02, 0.95))
def test_shares_of_levels_have_the_mean_and_the_variance_that_they_were_made_for(mean, part):
    variance = part * mean * (1 - mean)
    shares = beta_shares(np.array([mean]), np.array([variance]))[0]
    assert shares.sum() == pytest.approx(1) and shares.min() >= 0
    assert shares @ LEVELS == pytest.approx(mean, abs=2e-3)
    assert shares @ LEVELS**2 - (shares @ LEVELS) ** 2 == pytest.approx(variance, abs=2e-3)


def test_noisy_values_have_the_mean_and_the_covariance_that_are_told():
    rng = np.random.default_rng(0)
    shared = beta.rvs(0.5, 0.9, size=(50_000, 1), random_state=rng)
    clean = np.hstack([shared, 0.5 * shared + 0.2, 1 - shared, np.full_like(shared, 0.3)])
    noisy = np.clip(clean + 0.3 * rng.standard_normal(clean.shape), 0, 1)
    seen = seen_through(clean.mean(0), np.cov(clean.T, bias=True), 0.3)
    np.testing.assert_allclose(seen.mean, noisy.mean(0), atol=0.01)
    np.testing.assert_allclose(seen.covariance, np.cov(noisy.T, bias=True), atol=0.004)

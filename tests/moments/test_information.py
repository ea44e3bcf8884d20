"""Mutual information from sums: Gaussians with known answers, and limits that hold for all codes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.moments.information import label_entropy, mutual_information, usable_information
from indeependence.moments.moments import Moments
from indeependence.moments.regression import Joint, add_rows, joint


def gaussian_bytes(covariance, count, seed=0):
    """Rows of bytes that are Gaussians of this covariance about 128."""
    rng = np.random.default_rng(seed)
    rows = rng.multivariate_normal(np.full(len(covariance), 128), covariance, count)
    return np.clip(np.round(rows), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9, -0.99])
def test_two_gaussians_tell_as_much_as_their_correlation_says(rho):
    rows = gaussian_bytes(900 * np.array([[1, rho], [rho, 1]]), 60_000)
    told = joint(add_rows(Moments.empty("rows", 2), rows))
    assert mutual_information(told, slice(0, 1), slice(1, 2)) == pytest.approx(-0.5 * np.log2(1 - rho**2), abs=0.02)


@given(st.integers(0, 99), st.integers(1, 4), st.integers(1, 4))
def test_information_of_covariances_is_that_of_canonical_correlations(seed, first, second):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((first + second,) * 2)
    covariance = root @ root.T + 0.1 * np.eye(first + second)
    told = Joint(1, np.zeros(first + second), covariance)
    bits = mutual_information(told, slice(0, first), slice(first, None), noise=0)
    whiten = [
        np.linalg.inv(np.linalg.cholesky(part)) for part in (covariance[:first, :first], covariance[first:, first:])
    ]
    correlations = np.linalg.svd(whiten[0] @ covariance[:first, first:] @ whiten[1].T, compute_uv=False)
    assert bits == pytest.approx(-0.5 * np.log2(1 - correlations**2).sum(), rel=1e-6, abs=1e-9)
    swapped = mutual_information(told, slice(first, None), slice(0, first), noise=0)
    assert swapped == pytest.approx(bits) and bits >= 0
    part = mutual_information(told, slice(0, first), slice(first, first + 1), noise=0)
    assert part <= bits + 1e-9  # a part never tells more than the whole


def test_a_copy_tells_as_much_as_its_noise_allows():
    covariance = np.full((2, 2), 100.0)
    bits = mutual_information(Joint(1, np.zeros(2), covariance), slice(0, 1), slice(1, 2), noise=1.0)
    assert bits == pytest.approx(-0.5 * np.log2(1 - (100 / 101) ** 2))


@given(st.integers(0, 99), st.integers(2, 5), st.floats(0, 1))
def test_probabilities_tell_no_more_than_the_entropy_of_the_labels_and_nothing_if_they_are_its_shares(seed, classes, p):
    rng = np.random.default_rng(seed)
    right = np.concatenate([np.arange(classes), rng.integers(0, classes, 40)])
    shares = np.bincount(right) / len(right)
    entropy = label_entropy(np.bincount(right))
    assert entropy == pytest.approx(-np.sum(shares * np.log2(shares)))
    assert usable_information(np.tile(shares, (len(right), 1)), right) == pytest.approx(0, abs=1e-9)
    told = usable_information(p * np.eye(classes)[right] + (1 - p) * shares, right)
    assert -1e-9 <= told <= entropy + 1e-9 and (p < 0.99 or told > 0.9 * entropy)
    wrong = np.eye(classes)[(right + 1) % classes]
    assert -1100 < usable_information(wrong, right) < -1000


def test_it_is_the_mutual_information_where_the_readout_knows_the_distributions():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200_000)
    places = labels * 2.0 + rng.standard_normal(200_000)
    sure = 1 / (1 + np.exp(-2 * (places - 1)))  # Bayes' rule
    bits = usable_information(np.stack([1 - sure, sure], 1), labels)
    grid = np.linspace(-8, 10, 20_001)
    densities = [np.exp(-((grid - mean) ** 2) / 2) / np.sqrt(2 * np.pi) for mean in (0, 2)]
    mixed = sum(densities) / 2
    expected = sum(np.sum(one * np.log2(one / mixed)) for one in densities) / 2 * (grid[1] - grid[0])
    assert bits == pytest.approx(expected, abs=0.01)

"""Mutual information from sums: Gaussians with known answers, and limits that hold for all codes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.moments.information import label_entropy, label_information, mutual_information
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


def test_codes_tell_of_labels_what_the_gaussian_formula_says_while_classes_overlap():
    distance, deviation = 6.0, 20.0
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 80_000)
    codes = np.round(128 + distance * labels + deviation * rng.standard_normal(80_000)).astype(np.uint8)[:, None]
    bits = label_information(Moments.empty("encoder", 1).learn([(codes, labels)]))
    # Weakly separated classes are nearly one Gaussian: then the formula is nearly exact, ½ log2 (1 + d²/4σ²).
    assert bits == pytest.approx(0.5 * np.log2(1 + distance**2 / (4 * deviation**2)), rel=0.1)


@given(st.integers(0, 99), st.integers(1, 5))
def test_labels_are_never_told_better_than_their_entropy(seed, classes):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, 50)
    codes = np.clip(60 * labels[:, None] + rng.integers(0, 5, (50, 3)), 0, 255).astype(np.uint8)
    sums = Moments.empty("encoder", 3).learn([(codes, labels)])
    bits = label_information(sums)
    shares = np.unique(labels, return_counts=True)[1] / 50
    entropy = -np.sum(shares * np.log2(shares))
    assert label_entropy(sums.counts) == pytest.approx(entropy)
    assert 0 <= bits <= entropy + 1e-12
    if classes > 1:
        assert bits > 0.5 * entropy  # classes lie far apart


def test_empty_classes_change_nothing():
    codes, labels = np.array([[0], [9], [90], [99]], np.uint8), np.array([0, 0, 1, 1])
    sums = Moments.empty("encoder", 1).learn([(codes, labels)])
    assert label_information(sums.grown((0, 1, 2))) == label_information(sums)

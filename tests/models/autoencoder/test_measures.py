"""Measures of codes and bases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from indeependence import Autoencoder, load_dataset
from indeependence.models.autoencoder.bases import adam_bases, eigen_bases, random_bases
from indeependence.models.autoencoder.layout import whole_rows
from indeependence.models.autoencoder.measures import BINS, entropies, layer_measures, subspace_angle


@given(st.integers(0, 2**20))
def test_entropy_is_that_of_scipy_on_a_histogram(seed):
    values = np.random.default_rng(seed).uniform(-255, 255, (100, 3))
    expected = [entropy(np.histogram(column, BINS, (-255, 255))[0], base=2) for column in values.T]
    np.testing.assert_allclose(entropies(values), expected)


def test_more_bases_reconstruct_better_and_all_of_them_perfectly():
    digits = load_dataset("digits")
    targets = np.eye(10)[digits.y_train]
    rows = whole_rows(Autoencoder(64, 10, (4,)).layout, digits.x_train, targets)
    errors = []
    for count in (10, 30, 74):
        stack = Autoencoder(64, 10, (count, 10)).bootstrap(digits.x_train, targets).tied
        first, second = layer_measures(stack, rows)
        errors.append(first.reconstruction)
        assert first.residue == 0 < second.residue and 0 < first.entropy < 4
    assert errors[0] > errors[1] > errors[2] and errors[2] < 1e-3


def test_angles_do_not_depend_on_rotation_and_shrink_as_adam_learns():
    covariance = np.diag([9.0, 5.0, 3.0, 0.2, 0.1, 0.1])
    start = random_bases(6, 3, np.random.default_rng(0))
    best = eigen_bases(covariance, start)
    turned = best @ np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    assert subspace_angle(best, turned) == pytest.approx(0, abs=1e-4)
    few, many = (subspace_angle(adam_bases(covariance, start, steps=steps), best) for steps in (10, 400))
    assert many < 5 < few

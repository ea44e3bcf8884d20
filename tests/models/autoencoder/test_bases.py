"""Bases: both solvers, and what is carried over when they change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from indeependence import Autoencoder
from indeependence.errors import InputError
from indeependence.models.autoencoder.bases import adam_bases, drift, eigen_bases, layer_of, objective, random_bases
from tests.models.autoencoder.conftest import ONE_HOT, moving


def subspace(W):
    return W @ np.linalg.pinv(W)


@given(st.integers(0, 2**20))
@settings(max_examples=15)
def test_eigen_bases_span_what_pca_finds_and_stay_near_the_start(seed):
    inputs, _ = moving(seed)
    covariance = np.cov(inputs.astype(float).T, bias=True)
    start = random_bases(12, 3, np.random.default_rng(seed))
    bases = eigen_bases(covariance, start)
    components = PCA(3).fit(inputs.astype(float)).components_.T
    np.testing.assert_allclose(subspace(bases), components @ components.T, atol=1e-4)
    turned = bases @ np.linalg.qr(np.random.default_rng(seed + 1).standard_normal((3, 3)))[0]
    assert np.linalg.norm(bases - start) <= np.linalg.norm(turned - start) + 1e-9
    assert objective(covariance, bases) <= objective(covariance, start)


def test_adam_finds_the_subspace_of_the_eigenvectors():
    covariance = np.diag([9.0, 5.0, 3.0, 0.2, 0.1, 0.1])
    start = random_bases(6, 3, np.random.default_rng(0))
    found = adam_bases(covariance, start, steps=800, rate=0.01)
    np.testing.assert_allclose(subspace(found), np.diag([1, 1, 1, 0, 0, 0]), atol=0.02)
    few = adam_bases(covariance, start, steps=5, rate=0.01)
    assert objective(covariance, found) < objective(covariance, few)


def test_bases_stay_where_the_sums_say_nothing():
    start = random_bases(20, 6, np.random.default_rng(0))
    np.testing.assert_allclose(eigen_bases(np.zeros((20, 20)), start), start, atol=1e-9)


def test_drift_from_sums_is_the_change_of_codes_on_rows():
    inputs, _ = moving(0)
    mean, covariance = inputs.mean(0), np.cov(inputs.astype(float).T, bias=True)
    old = layer_of(random_bases(12, 5, np.random.default_rng(0)), mean, covariance)
    new = layer_of(eigen_bases(covariance, random_bases(12, 5, np.random.default_rng(0))), mean, covariance)
    before, after = old.project(inputs), new.project(inputs)
    measured = np.mean((after - before) ** 2) / np.mean(after**2)
    assert drift(old, new, mean, covariance) == pytest.approx(min(measured, 1), rel=1e-3)
    assert drift(new, new, mean, covariance) == 0


@pytest.mark.parametrize("solver", ["eigh", "adam"])
def test_learning_better_bases_reconstructs_better_and_reports_its_drift(digits, solver):
    targets = ONE_HOT[digits.y_train]
    zeros = digits.y_train == 0
    model = Autoencoder(64, 10, (12, 10), solver=solver).bootstrap(digits.x_train[zeros], targets[zeros])
    model.learn(digits.x_train, targets)
    before, sums = reconstruction(model, digits), model.sums.products
    assert model.drift == [0.0, 0.0]
    model.refit(50)
    assert reconstruction(model, digits) < 0.8 * before
    assert 0 < model.drift[0] <= model.drift[1] <= 1
    assert model.sums.products is sums and model.sums.encoder == model.tied.encoder.fingerprint
    at_first = model.drift[0]
    model.learn(digits.x_train, targets)
    assert model.drift[0] == pytest.approx(at_first / 2)  # half of the examples are new


def reconstruction(model, dataset):
    decoded, _ = model.decode(model.encode(dataset.x_train, ONE_HOT[dataset.y_train]))
    return np.mean((decoded - dataset.x_train.reshape(-1, 64) / 255) ** 2)


def test_a_rate_that_is_far_too_large_is_said():
    start = random_bases(12, 3, np.random.default_rng(0))
    with pytest.raises(InputError, match="--rate: expected steps that stay finite"):
        adam_bases(np.diag(np.arange(12.0)), start, steps=30, rate=1e30)

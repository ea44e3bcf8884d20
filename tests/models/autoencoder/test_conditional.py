"""Conditional means: regression, missing inputs and noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from indeependence import Autoencoder
from indeependence.models.autoencoder.conditional import denoised, leading
from indeependence.moments.moments import Moments
from indeependence.moments.regression import add_rows, joint, regress
from tests.models.autoencoder.conftest import ONE_HOT, moving


@given(st.integers(0, 2**20))
def test_regression_from_sums_agrees_with_scikit_learn_on_rows(seed):
    inputs, targets = moving(seed)
    rows = np.hstack([inputs, targets])
    told = joint(add_rows(Moments.empty("encoder", 14), rows))
    weights = regress(told, np.arange(5), np.arange(5, 14), penalty=0)
    oracle = LinearRegression().fit(rows[:, :5], rows[:, 5:])
    np.testing.assert_allclose(weights.coefficients.T, oracle.coef_, atol=1e-6)
    np.testing.assert_allclose(weights.intercept, oracle.intercept_, atol=1e-4)


def test_inputs_of_targets_are_class_means(digits, learned):
    told = learned.infer(targets=ONE_HOT).inputs * 255
    means = np.stack([digits.x_train[digits.y_train == label].reshape(-1, 64).mean(0) for label in range(10)])
    np.testing.assert_allclose(told, means, atol=4)  # a ridge leans towards the mean of all


def test_a_masked_half_is_filled_in_and_what_is_known_stays(digits, learned):
    mask = np.zeros((8, 8), bool)
    mask[:4] = True
    told = learned.infer(digits.x_test, mask=mask)
    x = digits.x_test.reshape(-1, 64) / 255
    np.testing.assert_allclose(told.inputs[:, mask.ravel()], x[:, mask.ravel()], atol=1e-9)
    missing = ~mask.ravel()
    blind = np.mean((x - x.mean(0))[:, missing] ** 2)
    assert np.mean((told.inputs - x)[:, missing] ** 2) < 0.75 * blind
    assert np.mean(told.targets.argmax(1) == digits.y_test) > 0.7


def test_masks_may_differ_from_row_to_row(digits, learned):
    x = digits.x_test[:4].reshape(4, 64)
    masks = np.random.default_rng(0).random((4, 64)) < 0.5
    together = learned.infer(x, mask=masks).inputs
    apart = np.vstack([learned.infer(x[[i]], mask=masks[i]).inputs for i in range(4)])
    np.testing.assert_allclose(together, apart, atol=1e-6)


def test_a_noisy_picture_comes_back_cleaner(digits, learned):
    noise = 0.2 * np.random.default_rng(0).standard_normal(digits.x_test.shape)
    noisy = np.clip(digits.x_test / 255 + noise, 0, 1)
    clean = digits.x_test.reshape(-1, 64) / 255
    before = np.mean((noisy.reshape(-1, 64) - clean) ** 2)
    assert np.mean((learned.denoise(noisy, noise=0.2) - clean) ** 2) < 0.52 * before
    np.testing.assert_array_equal(learned.denoise(noisy, noise=0), np.round(255 * noisy).reshape(-1, 64) / 255)


@pytest.mark.parametrize("noise", [0.1, 0.5])
def test_denoising_is_nearly_the_best_linear_guess_of_a_clean_row_from_one_with_noise_that_was_cut(digits, noise):
    clean = digits.x_train.reshape(-1, 64)
    noisy = np.clip(clean / 255 + noise * np.random.default_rng(1).standard_normal(clean.shape), 0, 1)
    told = joint(add_rows(Moments.empty("encoder", 64), clean))
    oracle = LinearRegression().fit(noisy, clean / 255).predict(noisy)  # has seen the noise itself
    errors = [np.mean((found - clean / 255) ** 2) for found in (denoised(told, noisy, slice(0, 64), noise), oracle)]
    assert errors[0] < 1.05 * errors[1]


def test_two_pictures_can_be_tied(digits):
    turned = np.rot90(digits.x_train, axes=(1, 2))
    model = Autoencoder(64, 64, (60,), frozen=True).bootstrap(digits.x_train, turned).learn(digits.x_train, turned)
    expected = np.rot90(digits.x_test, axes=(1, 2)).reshape(-1, 64) / 255
    told = model.infer(digits.x_test).targets
    assert np.mean((told - expected) ** 2) < 0.1 * np.mean((expected - expected.mean(0)) ** 2)


def test_nothing_varies_among_examples_that_are_all_the_same():
    variances, _ = leading(np.zeros((100, 100)), 30)
    assert len(variances) == 30 and not variances.any()

"""Sums of the tied autoencoder: exact ones, and moving averages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence import Autoencoder
from indeependence.errors import InputError
from indeependence.moments.average import Average
from indeependence.moments.moments import Moments
from indeependence.moments.regression import add_rows, joint
from tests.models.autoencoder.conftest import ONE_HOT, moving


@given(st.integers(0, 2**20), st.data())
def test_frozen_bases_give_the_same_sums_in_any_order_and_batches(seed, data):
    inputs, targets = moving(seed, 40)
    model = Autoencoder(12, 2, (6, 4), frozen=True).bootstrap(inputs[:20], targets[:20])
    one = model.start(model.tied).learn(inputs, targets).sums.fingerprint
    order = data.draw(st.permutations(range(40)))
    cut = data.draw(st.integers(1, 39))
    model.start(model.tied)
    for rows in (order[:cut], order[cut:]):
        model.learn(inputs[rows], targets[rows])
    assert model.sums.fingerprint == one and model.drift == [0.0, 0.0]


@given(st.integers(0, 2**20), st.floats(0.01, 1))
def test_a_moving_average_is_the_plain_recursion_in_batches_of_any_size(seed, coeff):
    rows = np.random.default_rng(seed).integers(0, 256, (9, 3)).astype(np.uint8)
    products = np.zeros((3, 3))
    for row in rows.astype(float):
        products = (1 - coeff) * products + coeff * np.outer(row, row)
    for cuts in ([9], [4, 9], range(1, 10)):
        average = Average.empty("encoder", 3)
        for start, end in zip([0, *cuts], cuts, strict=False):
            average = average.learn(rows[start:end], coeff)
        np.testing.assert_allclose(average.products, products, rtol=1e-9)
        np.testing.assert_allclose(average.weight, 1 - (1 - coeff) ** 9)


def test_an_average_of_exact_sums_has_their_mean_and_covariance():
    rows = np.random.default_rng(0).integers(0, 256, (50, 4)).astype(np.uint8)
    exact = add_rows(Moments.empty("encoder", 4), rows)
    average = joint(Average.of(exact))
    np.testing.assert_allclose(average.mean, joint(exact).mean)
    np.testing.assert_allclose(average.scatter, joint(exact).scatter, rtol=1e-9)
    assert average.count == pytest.approx(50)


def test_a_moving_average_forgets_what_exact_sums_keep(digits):
    order = np.argsort(digits.y_train, kind="stable")
    x, targets = digits.x_train[order], ONE_HOT[digits.y_train[order]]
    scores = {}
    for coeff in (None, 0.01):
        model = Autoencoder(64, 10, (40,), frozen=True).bootstrap(x, targets).learn(x, targets, coeff)
        predicted = model.infer(digits.x_test).targets.argmax(1)
        scores[coeff] = [np.mean(predicted[digits.y_test == label] == label) for label in range(10)]
    assert np.mean(scores[None]) > 0.9
    assert np.mean(scores[0.01][:5]) < 0.2 < scores[0.01][9]


def test_an_average_does_not_become_an_exact_sum_again(digits):
    x, targets = digits.x_train[:50], ONE_HOT[digits.y_train[:50]]
    model = Autoencoder(64, 10, (4,)).bootstrap(x, targets).learn(x, targets, 0.1)
    assert isinstance(model.sums, Average)
    with pytest.raises(InputError, match="cannot become an exact sum again"):
        model.learn(x, targets)

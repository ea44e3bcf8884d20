"""Weights from sums, against the same from rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from indeependence.moments.centred import centre
from indeependence.moments.moments import Moments
from indeependence.moments.ridge import best_ridge, ridge
from indeependence.moments.weights import held_out_error


def rows_of(seed, count=60, units=7, classes=3):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, count)
    codes = np.clip(40 * labels[:, None] * rng.random(units) + rng.integers(0, 120, (count, units)), 0, 255)
    return codes.astype(np.uint8), labels


def moments_of(codes, labels):
    return Moments.empty("encoder", codes.shape[1]).learn([(codes, labels)])


def one_hot(labels, classes):
    return (labels[:, None] == np.array(classes)).astype(float)


@given(st.integers(0, 2**20), st.floats(-6, 2))
def test_ridge_from_sums_agrees_with_scikit_learn_on_rows(seed, exponent):
    codes, labels = rows_of(seed)
    centred = centre(moments_of(codes, labels))
    weights = ridge(centred, 10**exponent)
    oracle = Ridge(alpha=10**exponent * centred.scale).fit(codes.astype(float), one_hot(labels, weights.labels))
    np.testing.assert_allclose(weights.coefficients.T, oracle.coef_, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(weights.intercept, oracle.intercept_, rtol=1e-6, atol=1e-7)


@given(st.integers(0, 2**20))
def test_held_out_error_from_sums_agrees_with_the_error_on_rows(seed):
    codes, labels = rows_of(seed)
    weights = ridge(centre(moments_of(codes[:40], labels[:40])), 0.01)
    # A class that was never learned counts as a score of 0 where 1 was right.
    others, their_labels = codes[40:], np.where(np.arange(20) == 0, 7, labels[40:])
    names = (*weights.labels, 7)
    scores = np.hstack([others @ weights.coefficients + weights.intercept, np.zeros((20, 1))])
    expected = np.mean(np.sum((scores - one_hot(their_labels, names)) ** 2, axis=1))
    np.testing.assert_allclose(held_out_error(weights, moments_of(others, their_labels)), expected, rtol=1e-8)


@given(st.integers(0, 2**20))
def test_expected_error_is_generalised_cross_validation_of_rows(seed):
    codes, labels = rows_of(seed)
    centred = centre(moments_of(codes, labels))
    weights = ridge(centred, 0.05)
    rows = codes - codes.mean(0)
    hat = rows @ np.linalg.solve(rows.T @ rows + 0.05 * centred.scale * np.eye(rows.shape[1]), rows.T)
    residual = np.sum((weights.scores(codes) - one_hot(labels, weights.labels)) ** 2)
    np.testing.assert_allclose(weights.effective_units, np.trace(hat), rtol=1e-6)
    np.testing.assert_allclose(
        weights.expected_error, len(rows) * residual / (len(rows) - 1 - np.trace(hat)) ** 2, rtol=1e-4
    )
    np.testing.assert_allclose(
        weights.criterion, len(rows) * residual / (len(rows) - 1 - 1.2 * np.trace(hat)) ** 2, rtol=1e-4
    )


def test_random_probes_come_close_to_the_exact_trace(monkeypatch):
    codes, labels = rows_of(0, count=400, units=120)
    centred = centre(moments_of(codes, labels))
    exact = ridge(centred, 0.1).effective_units
    monkeypatch.setattr("indeependence.moments.probes.PROBES", 14)  # 120 units are then many
    estimate = ridge(centred, 0.1).effective_units
    assert estimate != exact
    assert abs(estimate - exact) < 0.1 * exact


def test_best_ridge_finds_the_least_criterion_of_all_penalties():
    codes, labels = rows_of(1, count=80, units=40)
    centred = centre(moments_of(codes, labels))
    everywhere = [ridge(centred, 2.0**k) for k in range(-24, 12)]
    least = min(weights.criterion for weights in everywhere if weights is not None)
    for start in (4.0**-12, 4.0**-5, 4.0**5):
        np.testing.assert_allclose(best_ridge(centred, start=start).criterion, least)


def test_as_many_units_as_examples_do_not_lead_to_almost_no_penalty():
    codes, labels = rows_of(4, count=100, units=100)
    weights = best_ridge(centre(moments_of(codes, labels)))
    assert weights.effective_units < 80


def test_expected_error_is_close_to_the_error_on_unseen_rows():
    codes, labels = rows_of(2, count=4000, units=30)
    weights = best_ridge(centre(moments_of(codes[:1000], labels[:1000])))
    unseen = held_out_error(weights, moments_of(codes[1000:], labels[1000:]))
    assert abs(weights.expected_error - unseen) < 0.1 * unseen


@pytest.mark.parametrize(
    "codes",
    [
        np.zeros((1, 5), np.uint8),
        np.full((3, 5), 255, np.uint8),
        np.tile(np.arange(5, dtype=np.uint8), (300, 1)),
        np.eye(5, dtype=np.uint8),
    ],
)
def test_constant_duplicate_and_few_rows_are_solved_with_finite_weights(codes):
    weights = best_ridge(centre(moments_of(codes, np.arange(len(codes)) % 2)))
    assert np.isfinite(weights.coefficients).all() and np.isfinite(weights.intercept).all()
    assert weights.temperature > 0


def test_more_units_than_examples_are_solved():
    codes, labels = rows_of(3, count=20, units=200)
    weights = best_ridge(centre(moments_of(codes, labels)))
    assert (np.array(weights.labels)[weights.scores(codes).argmax(1)] == labels).mean() >= 0.9

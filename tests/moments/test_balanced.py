"""Ridge as if classes were equally frequent: against the sums written out, rows that are weighted, and plain ridge."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from indeependence import ContinualClassifier
from indeependence.moments.balanced import balanced
from indeependence.moments.centred import centre
from indeependence.moments.moments import Moments
from indeependence.moments.ridge import ridge
from indeependence.moments.solving import solved

LABELS = ("ant", "bee", "cat")


def rows_of(counts, seed=0, units=6):
    """Codes of three classes, so many of each, around means of their own."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(3), counts)
    means = rng.integers(60, 190, (3, units))
    return np.clip(means[y] + rng.normal(0, 25, (len(y), units)), 0, 255).astype(np.uint8), np.array(LABELS)[y]


def sums_of(x, y):
    return Moments.empty("encoder", x.shape[1]).learn([(x, y)])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(2, 40), min_size=3, max_size=3), st.floats(1e-3, 10), st.integers(0, 99))
def test_it_is_ridge_on_the_sums_of_even_classes_written_out(counts, penalty, seed):
    x, y = rows_of(counts, seed)
    centred = centre(sums_of(x, y))
    weights = balanced(centred, ridge(centred, penalty))
    codes, count = x.astype(float), len(y)
    means = np.stack([codes[y == label].mean(0) for label in LABELS])
    apart = codes - means[np.searchsorted(LABELS, y)]
    within = apart.T @ apart
    middle = means.mean(0)
    scatter = within + count / 3 * (means - middle).T @ (means - middle)
    expected = np.linalg.solve(scatter + penalty * centred.scale * np.eye(6), count / 3 * (means - middle).T)
    np.testing.assert_allclose(weights.coefficients, expected, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(weights.scores(middle[None]), 1 / 3, atol=1e-5)


def test_with_equal_scatter_within_classes_it_is_ridge_on_weighted_rows():
    rng = np.random.default_rng(1)
    shape = rng.integers(-20, 20, (12, 5))
    x = np.concatenate([np.tile(mean + shape, (copies, 1)) for mean, copies in ((60, 1), (120, 4), (180, 9))])
    x[12:60, 0] += 30
    y = np.repeat(LABELS, (12, 48, 108))
    centred = centre(sums_of(x.astype(np.uint8), y))
    weights = balanced(centred, ridge(centred, 0.1))
    weight = len(y) / 3 / np.array([{"ant": 12, "bee": 48, "cat": 108}[one] for one in y])
    plain = Ridge(alpha=0.1 * centred.scale).fit(x, np.equal.outer(y, LABELS).astype(float), sample_weight=weight)
    np.testing.assert_allclose(weights.coefficients, plain.coef_.T, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(weights.intercept, plain.intercept_, rtol=1e-6, atol=1e-9)


def test_of_even_classes_it_is_plain_ridge():
    x, y = rows_of((20, 20, 20))
    for penalty in ("auto", 0.5):
        plain, even = (solved(sums_of(x, y), penalty, readout) for readout in ("ridge", "balanced"))
        np.testing.assert_allclose(even.coefficients, plain.coefficients, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(even.intercept, plain.intercept, rtol=1e-8)


@pytest.mark.parametrize("members", [1, 2])
def test_rare_classes_are_found_more_often_whatever_the_order_and_the_file(members, tmp_path):
    x, y = rows_of((400, 12, 12), units=4)
    x = (x.astype(float) + np.random.default_rng(2).normal(0, 60, x.shape)).clip(0, 255).astype(np.uint8)
    tested, asked = rows_of((200, 200, 200), units=4)
    usual = ContinualClassifier("wide:8", members=members, readout="ridge").fit(x, y)
    even = ContinualClassifier("wide:8", members=members, readout="balanced").fit(x, y)
    rare = asked != "ant"
    assert (
        np.mean(even.predict(tested[rare]) == asked[rare]) > np.mean(usual.predict(tested[rare]) == asked[rare]) + 0.1
    )
    turned = (
        ContinualClassifier("wide:8", members=members, readout="balanced")
        .start(even.encoder_)
        .learn([(x[::-1], y[::-1])])
    )
    np.testing.assert_array_equal(turned.predict_proba(tested), even.predict_proba(tested))
    even.save(tmp_path / "model")
    again = ContinualClassifier.load(tmp_path / "model")
    assert again.readout == "balanced"
    np.testing.assert_array_equal(again.predict_proba(tested), even.predict_proba(tested))


def test_one_class_and_classes_of_one_example_have_an_answer():
    x, y = rows_of((1, 1, 30))
    assert np.isfinite(ContinualClassifier("inputs", readout="balanced").fit(x, y).predict_proba(x)).all()
    assert set(ContinualClassifier("inputs", readout="balanced").fit(x[:1], y[:1]).predict(x)) == {"ant"}

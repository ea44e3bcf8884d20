"""Linear discriminant analysis from ridge weights, against scikit-learn's from rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from indeependence import ContinualClassifier, InputError
from indeependence.moments.centred import centre
from indeependence.moments.discriminant import _typical_distance, discriminant
from indeependence.moments.moments import Moments
from indeependence.moments.ridge import STEP, best_ridge, ridge
from indeependence.moments.scores import best_labels
from indeependence.moments.solving import solved


def rows_of(seed, counts=(40, 25, 15), units=6):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(counts)), counts)
    means = rng.integers(40, 200, (len(counts), units))
    return np.clip(means[labels] + rng.normal(0, 40, (len(labels), units)), 0, 255).astype(np.uint8), labels


def moments_of(codes, labels):
    return Moments.empty("encoder", codes.shape[1]).learn([(codes, labels)])


def told_apart(scores):
    """Return scores less their mean, up to a factor: all that a softmax at a free temperature sees."""
    centred = scores - scores.mean(1, keepdims=True)
    return centred / np.linalg.norm(centred)


@given(st.integers(0, 2**20))
def test_without_a_penalty_it_agrees_with_scikit_learn_on_rows(seed):
    codes, labels = rows_of(seed)
    centred = centre(moments_of(codes, labels))
    found = discriminant(centred, ridge(centred, 1e-9)).scores(codes)
    oracle = LinearDiscriminantAnalysis(solver="lsqr").fit(codes.astype(float), labels)
    np.testing.assert_allclose(told_apart(found), told_apart(oracle.decision_function(codes)), atol=1e-6)
    np.testing.assert_allclose(found.sum(1), 0, atol=1e-5)


@given(st.integers(0, 2**20))
def test_of_more_classes_than_units_it_agrees_with_scikit_learn_too(seed):
    codes, labels = rows_of(seed, (30,) * 12, units=4)
    centred = centre(moments_of(codes, labels))
    found = discriminant(centred, ridge(centred, 1e-9)).scores(codes)
    oracle = LinearDiscriminantAnalysis(solver="lsqr").fit(codes.astype(float), labels)
    np.testing.assert_allclose(told_apart(found), told_apart(oracle.decision_function(codes)), atol=1e-6)


def test_the_distance_of_the_nearest_class_is_that_of_all_pairs():
    draws = np.random.default_rng(0)
    places, shares = draws.normal(size=(1500, 3)), draws.dirichlet(np.ones(1500))
    pairs = cdist(places, places) + np.diag(np.full(1500, np.inf))
    assert _typical_distance(places, shares) == pytest.approx(shares @ pairs.min(1))


@given(st.integers(0, 2**20), st.floats(0.01, 0.9))
def test_a_penalty_is_a_shrinkage_of_the_covariance(seed, shrinkage):
    codes, labels = rows_of(seed, (30, 30, 30))
    oracle = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(codes.astype(float), labels)
    centred = centre(moments_of(codes, labels))
    means = np.stack([codes[labels == c].mean(0) for c in range(3)])
    variance = np.mean((codes - means[labels]) ** 2)
    penalty = len(codes) * variance * shrinkage / (1 - shrinkage) / centred.scale
    found = discriminant(centred, ridge(centred, penalty)).scores(codes)
    np.testing.assert_allclose(told_apart(found), told_apart(oracle.decision_function(codes)), atol=1e-6)


def test_the_class_between_two_others_is_not_masked_as_by_ridge():
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    codes = np.clip(np.array([40, 128, 216])[labels] + rng.normal(0, 8, 300), 0, 255).astype(np.uint8)[:, None]
    right = {name: solved(moments_of(codes, labels), "auto", name) for name in ("ridge", "lda")}
    found = {name: np.mean(best_labels(one.scores(codes), one.labels) == labels) for name, one in right.items()}
    assert found["ridge"] < 0.75 and found["lda"] == 1.0


def test_its_penalty_is_a_quarter_of_what_cross_validation_finds_for_ridge():
    moments = moments_of(*rows_of(1, units=40))
    assert solved(moments, "auto", "lda").penalty == best_ridge(centre(moments)).penalty / STEP
    assert solved(moments, "auto", "ridge").penalty == best_ridge(centre(moments)).penalty
    assert solved(moments, 0.5, "lda").penalty == solved(moments, 0.5, "ridge").penalty == 0.5


@pytest.mark.parametrize("spread", [20, 60])
@pytest.mark.parametrize("units", [20, 300])
def test_probabilities_of_unseen_rows_are_about_as_large_as_the_share_that_is_right(spread, units):
    rng = np.random.default_rng(units)
    labels = np.arange(4000) % 4
    means = rng.integers(100, 150, (4, units))
    codes = np.clip(means[labels] + rng.normal(0, spread, (4000, units)), 0, 255).astype(np.uint8)
    weights = solved(moments_of(codes[:600], labels[:600]), "auto")
    scores = weights.scores(codes[600:])
    right = np.mean(best_labels(scores, weights.labels) == labels[600:])
    assert abs(weights.probabilities(scores).max(1).mean() - right) < 0.1


@pytest.mark.parametrize("counts", [(1,), (1, 1), (2, 1, 1), (30,), (60, 1)])
@pytest.mark.parametrize("same", [False, True])
def test_few_and_equal_rows_give_finite_scores_and_probabilities(counts, same):
    codes, labels = rows_of(0, counts)
    weights = solved(moments_of(np.full_like(codes, 7) if same else codes, labels), "auto")
    scores = weights.scores(codes)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(weights.probabilities(scores).sum(1), 1)


def test_a_readout_is_kept_in_the_file_and_can_be_changed(tmp_path):
    codes, labels = rows_of(0)
    model = ContinualClassifier("inputs", readout="ridge").fit(codes, labels)
    model.save(tmp_path / "m")
    again, other = ContinualClassifier.load(tmp_path / "m"), ContinualClassifier.load(tmp_path / "m", readout="lda")
    np.testing.assert_array_equal(again.decision_function(codes), model.decision_function(codes))
    np.testing.assert_array_equal(
        other.decision_function(codes), ContinualClassifier("inputs").fit(codes, labels).decision_function(codes)
    )
    assert other.moments_.fingerprint == model.moments_.fingerprint
    with pytest.raises(InputError, match="readout: expected lda or ridge or balanced, got 'qda'"):
        ContinualClassifier(readout="qda").fit(codes, labels)

"""How sure a model is of its answers: a probability, or a score where it has none."""

import numpy as np
import pytest

from indeependence import ContextualClassifier, ContinualClassifier
from indeependence.experiment.answers import read
from indeependence.models.baselines.scikit import naive_bayes

RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(80 * k, 60, (40, 6)) for k in range(3)]).clip(0, 255).astype(np.uint8)
Y = np.repeat([0, 1, 2], 40)


@pytest.mark.parametrize("model", [ContinualClassifier("dense:5"), ContextualClassifier("dense:5")])
def test_the_confidence_is_the_probability_that_the_model_tells(model):
    model.fit(X, Y)
    found = read(model, model.encoder_(X), Y)
    np.testing.assert_allclose(found.confidence, model.predict_proba(X).max(1))
    assert found.measure == "probability"
    np.testing.assert_array_equal(found.predicted, model.predict(X))


def test_among_some_labels_it_is_their_share():
    model = ContinualClassifier("dense:5").fit(X, Y)
    shares = model.predict_proba(X)[:, 1:]
    found = read(model, model.encoder_(X), Y, among=[1, 2])
    np.testing.assert_allclose(found.confidence, (shares / shares.sum(1, keepdims=True)).max(1))


def test_where_no_class_in_question_is_in_the_context_of_an_input_it_is_nothing():
    model = ContextualClassifier("dense:5")
    model.partial_fit(X[Y == 0], Y[Y == 0])
    model.partial_fit(X[Y > 0], Y[Y > 0])
    found = read(model, model.encoder_(X[:40]), Y[:40], among=[1, 2])
    assert (found.confidence == 0).any() and np.isfinite(found.confidence).all()


def test_a_learner_without_probabilities_tells_its_score():
    model = naive_bayes([0, 1, 2]).restart(X)
    model.learn([(X, Y)])
    assert read(model, model.encoder_(X), Y).measure == "score"

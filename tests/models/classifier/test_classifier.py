"""The classifier: laws of learning, on every kind of input, and scikit-learn's manners."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.model_selection import cross_val_score

from indeependence import ContinualClassifier, load_dataset
from indeependence.errors import InputError

LAYERS = "patches:8:size=3:pool=2:stride=2,+sparse:40"


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture
def model(digits):
    """Bootstrapped on zeros and ones; nothing learned."""
    first = np.isin(digits.y_train, (0, 1))
    return ContinualClassifier(LAYERS).bootstrap(digits.x_train[first])


def again(model):
    """A model of the same encoder that has learned nothing."""
    return clone(model).start(model.encoder_)


def test_classes_learned_one_by_one_are_all_remembered(digits, model):
    for label in range(10):
        rows = digits.y_train == label
        model.partial_fit(digits.x_train[rows], digits.y_train[rows])
        np.testing.assert_array_equal(model.classes_, np.arange(label + 1))
    assert model.score(digits.x_test, digits.y_test) > 0.95


def test_a_declared_class_changes_no_sum_and_is_never_predicted(digits, model):
    rows = digits.y_train < 2
    declared = again(model).partial_fit(digits.x_train[rows], digits.y_train[rows], classes=range(10))
    plain = again(model).partial_fit(digits.x_train[rows], digits.y_train[rows])
    assert declared.moments_.fingerprint == plain.moments_.fingerprint
    np.testing.assert_array_equal(declared.classes_, np.arange(10))
    probabilities = declared.predict_proba(digits.x_test)
    assert not probabilities[:, 2:].any()
    np.testing.assert_allclose(probabilities.sum(1), 1)


def test_predictions_are_the_most_probable_classes(digits, model):
    model.partial_fit(digits.x_train, digits.y_train)
    best = model.classes_[model.predict_proba(digits.x_test).argmax(1)]
    np.testing.assert_array_equal(model.predict(digits.x_test), best)


def test_probabilities_tell_how_often_the_model_is_right(digits, model):
    model.partial_fit(digits.x_train[:700], digits.y_train[:700])
    probability = model.predict_proba(digits.x_test).max(1)
    assert abs(probability.mean() - model.score(digits.x_test, digits.y_test)) < 0.06


def test_where_the_task_is_known_only_its_classes_compete(digits, model):
    model.partial_fit(digits.x_train, digits.y_train)
    assert set(model.predict(digits.x_test, among=[3, 8])) == {3, 8}


@pytest.mark.parametrize("load", [load_breast_cancer, load_wine])
def test_vectors_are_learned_as_well_as_by_common_classifiers(load):
    x, y = load(return_X_y=True)
    assert cross_val_score(ContinualClassifier(), x, y, cv=4).mean() > 0.93


def test_names_as_labels_come_back_as_names(digits, model):
    names = np.array([f"digit {label}" for label in digits.y_train])
    model.partial_fit(digits.x_train, names)
    assert model.predict(digits.x_test[:1])[0] == f"digit {digits.y_test[0]}"


def test_fit_starts_afresh(digits):
    model = ContinualClassifier(LAYERS).fit(digits.x_train, digits.y_train)
    rows = digits.y_train < 2
    model.fit(digits.x_train[rows], digits.y_train[rows])
    np.testing.assert_array_equal(model.classes_, [0, 1])
    assert model.moments_.count == rows.sum()


def test_one_class_is_enough_to_answer(digits, model):
    rows = digits.y_train == 1
    model.partial_fit(digits.x_train[rows], digits.y_train[rows])
    assert set(model.predict(digits.x_test)) == {1}


def test_numbers_and_names_are_not_mixed_and_fractions_are_no_labels(digits, model):
    model.partial_fit(digits.x_train[:5], digits.y_train[:5])
    with pytest.raises(InputError, match="expected labels that are numbers, as learned before, got names"):
        model.partial_fit(digits.x_train[:5], list("abcde"))
    with pytest.raises(InputError, match="expected labels that are whole numbers or names, got 0.25"):
        model.partial_fit(digits.x_train[:5], np.linspace(0, 1, 5))


def test_a_refused_batch_leaves_the_model_as_it_was(digits, model):
    model.partial_fit(digits.x_train[:50], digits.y_train[:50])
    before = model.moments_.fingerprint
    good = digits.x_train[:5000], digits.y_train[:5000]
    with pytest.raises(InputError, match="as learned before"):
        model.learn([good, (digits.x_train[:2], np.array(["a", "b"]))])
    assert model.moments_.fingerprint == before


def test_an_untrained_model_says_so(digits, model):
    with pytest.raises(InputError, match="has learned no examples yet"):
        model.predict(digits.x_test)


def test_a_penalty_can_be_chosen(digits, model):
    model.set_params(penalty=0.5).partial_fit(digits.x_train, digits.y_train)
    assert model.weights.penalty == 0.5

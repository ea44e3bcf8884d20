"""Your own method beside it: estimators of scikit-learn and learners of your own, by the same loop."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import Perceptron
from sklearn.naive_bayes import GaussianNB

from indeependence import ContinualClassifier, evaluate, load_dataset, split_tasks
from indeependence.errors import InputError
from indeependence.models.baselines.given import as_learner, learner_named
from indeependence.models.conformance import check_learner


class OnlyPredicts:
    """The least that is asked of an estimator."""

    def partial_fit(self, X, y, classes=None):
        means = getattr(self, "means_", np.full((len(classes), X.shape[1]), 9.0))
        for place in np.unique(y):
            means[place] = X[y == place].mean(0)
        self.means_ = means
        return self

    def predict(self, X):
        return ((X[:, None] - self.means_) ** 2).sum(2).argmin(1)


def test_estimators_pass_the_checks_of_learners():
    for estimator in (GaussianNB(var_smoothing=0.01), OnlyPredicts()):
        assert "knows what it learned" in check_learner(as_learner(estimator, (0, 1, 2)))
    own = ContinualClassifier("8")
    assert as_learner(own, [0, 1]) is own


def test_evaluate_takes_an_estimator_and_is_as_good_as_it_alone():
    digits = load_dataset("digits")
    scenario = split_tasks(digits, tasks=5)
    result = evaluate(scenario, GaussianNB(var_smoothing=0.01))
    alone = GaussianNB(var_smoothing=0.01).fit(digits.x_train.reshape(-1, 64) / 255, digits.y_train)
    expected = [
        np.mean(alone.predict(x.reshape(-1, 64) / 255) == y) for x, y in (part.arrays() for part in scenario.test)
    ]
    assert np.allclose(result.accuracy_matrix[-1], expected, atol=0.04) and result.stored_examples == 0
    assert evaluate(scenario, Perceptron()).average_accuracy < result.average_accuracy
    with pytest.raises(InputError, match="expected a learner.*got type|got GaussianNB"):
        evaluate(scenario, GaussianNB)


def test_compare_takes_methods_by_name_also_from_the_present_folder(ask, refuse):
    Path("mine.py").write_text(
        "from indeependence import ContinualClassifier\n"
        "def made(labels):\n    assert len(labels) == 10\n    return ContinualClassifier('8')\n"
        "def fails():\n    raise TypeError('no')\n"
        "number = 3\n"
    )
    words = ("compare", "--methods", "lda", "--quiet", "--with")
    told = ask(*words, "mine:made", "--with", "sklearn.naive_bayes:GaussianNB")
    assert [one["method"] for one in told["methods"]] == ["lda", "mine:made", "sklearn.naive_bayes:GaussianNB"]
    for text, expected in (
        ("mine", "expected MODULE:NAME"),
        ("mine:no", "has no attribute 'no'"),
        ("nowhere:x", "No module named 'nowhere'"),
        ("mine:number", "a class or a function"),
        ("mine:fails", "it was called and failed"),
    ):
        with pytest.raises(InputError, match=expected):
            learner_named(text, [0, 1])

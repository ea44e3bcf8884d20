"""Your own method beside it: estimators of scikit-learn and learners of your own, by the same loop."""

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.linear_model import Perceptron
from sklearn.naive_bayes import GaussianNB

from indeependence import ContinualClassifier, evaluate, load_dataset, split_tasks
from indeependence.commands import cli
from indeependence.errors import InputError
from indeependence.models.baselines.given import Estimator, as_learner, learner_named
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


OWN = """
from sklearn.naive_bayes import GaussianNB
class Stumbles(GaussianNB):
    def partial_fit(self, x, y, classes=None):
        raise ZeroDivisionError("of its own")
class Silent(GaussianNB):
    def predict_joint_log_proba(self, x):
        return {}["scores"]
def needs(depth, width=3):
    return GaussianNB()
def takes_all(**settings):
    return GaussianNB(**settings)
def breaks():
    raise RuntimeError("no luck")
"""


def test_a_learner_that_fails_is_one_line_with_the_place_and_more_is_told_on_demand(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("stumbling.py").write_text(OWN)
    words = ["compare", "--tasks", "5", "--methods"]
    for name, said in (
        ("Stumbles", "got ZeroDivisionError: of its own (stumbling.py, line 5)"),
        ("Silent", "got KeyError: 'scores' (stumbling.py, line 8)"),
    ):
        result = CliRunner().invoke(cli, [*words, f"stumbling:{name}"])
        assert isinstance(result.exception, InputError) and "Traceback" not in result.output
        message = f"stumbling:{name}: expected a learner that learns and answers, {said}; -vv tells more"
        assert str(result.exception) == message
    told = CliRunner().invoke(cli, [*words, "stumbling:Stumbles", "-vv"])
    assert "Traceback" in told.stderr and 'raise ZeroDivisionError("of its own")' in told.stderr


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("needs", {"dept": "3"}, "no setting dept; did you mean depth?; it has depth, width"),
        ("needs", {"width": "3"}, "missing 1 required positional argument: 'depth'); it has depth, width"),
        ("takes_all", {"x": "1"}, "(TypeError: GaussianNB.__init__() got an unexpected keyword argument 'x')"),
        ("breaks", {}, "it was called and failed (RuntimeError: no luck)"),
        ("breaks", {"x": "1"}, "no setting x; it has none"),
    ],
)
def test_what_a_factory_does_not_take_is_told_with_what_it_takes(monkeypatch, tmp_path, name, settings, expected):
    monkeypatch.chdir(tmp_path)
    Path("factories.py").write_text(OWN)
    with pytest.raises(InputError, match=re.escape(expected)):
        learner_named(f"factories:{name}", [0, 1], settings)


def test_a_module_that_breaks_while_it_is_imported_is_one_line(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("unfinished.py").write_text("def made(:")
    with pytest.raises(InputError, match="unfinished:made: expected a module and a name in it .invalid syntax"):
        learner_named("unfinished:made", [0, 1])


NETS = """
import keras
def made(labels, units=0):
    assert units in (0, 9)
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(len(labels))])
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
def plain(loss):
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, activation="softmax")])
    if loss != "none":
        model.compile("adam", loss)
    return model
"""


@pytest.mark.slow
def test_a_compiled_keras_model_is_fitted_on_each_task_and_starts_afresh(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("nets_of_a_test.py").write_text(NETS)
    digits = load_dataset("digits")
    scenario, labels = split_tasks(digits, tasks=2), digits.classes.tolist()
    learner = learner_named("nets_of_a_test:made", labels, {"units": "9", "epochs": "5"}, random_state=1)
    assert learner.fit == {"epochs": 5} and "epochs=5" in learner.about
    result = evaluate(scenario, learner)
    assert np.diag(result.accuracy_matrix).min() > 0.8 and result.accuracy_matrix[1, 0] < 0.5  # it forgets
    assert evaluate(scenario, learner).model_sha256 == result.model_sha256
    one_hot = learner_named("nets_of_a_test:plain", labels, {"loss": "categorical_crossentropy", "epochs": "15"})
    assert evaluate(scenario, one_hot).accuracy_matrix[0, 0] > 0.6
    for settings, given, expected in (
        ({"loss": "none"}, labels, "expected a compiled Keras model"),
        ({"loss": "mse"}, [0, 1], "expected 2 outputs, one for each label, got 10"),
        ({"loss": "mse", "depth": "3"}, labels, "no setting depth; it has loss, epochs, batch_size"),
        ({"loss": "mse", "epochs": "0"}, labels, "epochs=0: expected a whole number of at least 1, got '0'"),
        ({"loss": "mse", "batch_size": "x"}, labels, "expected a whole number of at least 1, got 'x'"),
    ):
        with pytest.raises(InputError, match=expected):
            learner_named("nets_of_a_test:plain", given, settings)
    with pytest.raises(InputError, match="it takes inputs of 64, got 5"):
        one_hot.restart(np.zeros((2, 5), np.uint8))


@pytest.mark.parametrize("answers", [lambda rows: np.zeros(rows + 1), lambda rows: np.full(rows, 7)])
def test_an_estimator_that_answers_other_rows_or_labels_is_refused(monkeypatch, answers):
    monkeypatch.setattr(OnlyPredicts, "predict", lambda self, inputs: answers(len(inputs)))
    learner = Estimator([0, 1], OnlyPredicts()).restart(np.zeros((4, 3), np.uint8))
    with pytest.raises(InputError, match="expected one of the labels that it learned for each of 4 rows"):
        learner._scores(np.zeros((4, 3), np.uint8))

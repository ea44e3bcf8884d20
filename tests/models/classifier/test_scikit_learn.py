"""scikit-learn's manners: its own checks, pipelines, searches, tables, and names of columns."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, load_wine
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from indeependence import ContextualClassifier, ContinualClassifier
from indeependence.errors import InputError

pytestmark = pytest.mark.slow  # seconds, or many of them


@parametrize_with_checks([ContinualClassifier(n_jobs=1), ContextualClassifier("wide:40", n_jobs=1)])
def test_every_check_of_scikit_learn_passes(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def wine():
    """A table of thirteen columns, and names of three cultivars."""
    data = load_wine(as_frame=True)
    return data.data, data.target.map({0: "barolo", 1: "grignolino", 2: "barbera"})


def test_a_search_in_a_pipeline_over_a_table_finds_a_good_penalty(wine):
    table, names = wine
    pipeline = make_pipeline(StandardScaler(), ContinualClassifier(n_jobs=1))
    penalties = [0.01, 1e6]
    search = GridSearchCV(pipeline, {"continualclassifier__penalty": penalties}, cv=3).fit(table, names)
    assert search.best_params_ == {"continualclassifier__penalty": 0.01} and search.best_score_ > 0.95
    assert search.score(table, names) > 0.97


def test_cross_validation_takes_tables_and_names(wine):
    assert cross_val_score(ContinualClassifier(n_jobs=1), *wine, cv=3).min() > 0.9


def test_columns_are_known_by_name_also_from_a_file(wine, tmp_path):
    table, names = wine
    model = ContinualClassifier("inputs").fit(table, names)
    assert list(model.feature_names_in_) == list(table.columns) and model.n_features_in_ == 13
    model.save(tmp_path / "m")
    for known in (model, ContinualClassifier.load(tmp_path / "m")):
        assert list(known.predict(table[:2])) == ["barolo", "barolo"]
        with pytest.raises(ValueError, match="feature names should match"):
            known.predict(table[table.columns[::-1]])
        with pytest.warns(UserWarning, match="does not have valid feature names"):
            known.predict(table.to_numpy())


def test_a_model_of_arrays_knows_no_names(wine, tmp_path):
    table, names = wine
    model = ContinualClassifier("inputs").fit(table, names).fit(table.to_numpy(), names)
    assert not hasattr(model, "feature_names_in_")
    model.save(tmp_path / "m")
    assert not hasattr(ContinualClassifier.load(tmp_path / "m"), "feature_names_in_")


@pytest.mark.parametrize(
    "labels, expected",
    [
        (np.repeat([0.0, 1.0, 2.0], 50), [0, 1, 2]),
        (pd.Series(np.repeat(["a", "b", "c"], 50)), ["a", "b", "c"]),
        (pd.Series(np.repeat(["a", "b", "c"], 50)).astype("category"), ["a", "b", "c"]),
        (np.repeat([5, 6, 7], 50).astype(object), [5, 6, 7]),
        (np.repeat([[5], [6], [7]], 50), [5, 6, 7]),
        ([b"a"] * 50 + [b"b"] * 100, ["a", "b"]),
    ],
)
def test_labels_come_in_every_common_dress(labels, expected):
    model = ContinualClassifier("inputs", n_jobs=1).fit(load_iris().data, labels)
    assert model.classes_.tolist() == expected
    assert set(model.predict(load_iris().data).tolist()) <= set(expected)


@pytest.mark.parametrize(
    "labels, message",
    [
        (np.eye(3)[np.repeat([0, 1, 2], 50)], "expected one label for each example, got 3: of one-hot rows"),
        (np.linspace(0, 1, 150), r"\(continuous values\)"),
        (np.full(150, np.nan), "got NaN or infinity"),
        ([None] * 150, "got NoneType among them"),
        (["a"] * 75 + [1.5] * 75, "got names and numbers among them|could not convert"),
        (np.zeros(150, "datetime64[D]"), r"got datetime64\[D\]"),
        (None, "requires y to be passed"),
    ],
)
def test_what_are_no_labels_is_told(labels, message):
    if isinstance(labels, list):
        labels = np.array(labels, object)
    with pytest.raises(InputError, match=message):
        ContinualClassifier("inputs").fit(load_iris().data, labels)


def test_another_penalty_needs_no_new_training():
    data = load_iris()
    model = ContinualClassifier("inputs", penalty=1.0).fit(data.data, data.target)
    assert model.weights.penalty == 1.0
    assert model.set_params(penalty=4.0).weights.penalty == 4.0
    assert model.set_params(penalty=1.0).weights is model.weights


def test_a_clone_has_learned_nothing():
    data = load_iris()
    model = ContinualClassifier("inputs").fit(data.data, data.target)
    assert not hasattr(clone(model), "encoder_") and clone(model).get_params() == model.get_params()

"""Several labels at once: the sums of each label alone, exact laws, thresholds, and clear words for other labels."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import make_multilabel_classification
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils.estimator_checks import check_estimator

from indeependence import ContinualClassifier, ContinualMultiLabelClassifier, InputError, models

N = 80
X, Y = make_multilabel_classification(N, n_features=6, n_classes=3, random_state=1)
FRAME = pd.DataFrame(Y, columns=["fever", "cough", "rash"])
BASE = ContinualMultiLabelClassifier("12", n_jobs=1).bootstrap(X[:40], FRAME[:40])


def learned(*parts, **changes):
    """A new model with the encoder of `BASE` that learned these rows, one part after another."""
    model = clone(BASE).set_params(**changes).start(BASE.encoder_, BASE.scale_)
    for rows in parts:
        model.partial_fit(X[rows], Y[rows])
    return model


def print_of(model):
    return model.moments_.fingerprint


def test_the_sums_are_plain_sums_and_the_readout_is_ridge_regression():
    model = learned(range(N), penalty=0.5)
    codes, units = model.encoder_(X).astype(np.int64), model.encoder_.units
    assert np.array_equal(model.moments_.products[:units, units:], codes.T @ Y)
    assert np.array_equal(model.moments_.code_sum[units:], Y.sum(0))
    scale = (codes - codes.mean(0)).var(0).mean() * N
    expected = Ridge(alpha=0.5 * scale).fit(codes, Y).predict(codes)
    scores = model.readout.weights.scores(codes.astype(np.uint8)) * Y.std(0) + Y.mean(0)
    assert np.allclose(scores, expected, atol=1e-5)


def test_probabilities_are_as_good_as_those_of_logistic_regression():
    x, y = make_multilabel_classification(1500, n_classes=4, random_state=3)
    model = ContinualMultiLabelClassifier("+boxes:60,+fourier:60", n_jobs=1).fit(x[:1000], y[:1000])
    others = OneVsRestClassifier(LogisticRegression(max_iter=2000)).fit(x[:1000], y[:1000])
    losses = [
        np.mean([log_loss(y[1000:, k], found[:, k]) for k in range(4)])
        for found in (model.predict_proba(x[1000:]), others.predict_proba(x[1000:]))
    ]
    assert losses[0] < losses[1]
    assert model.score(x[1000:], y[1000:]) == accuracy_score(y[1000:], model.predict(x[1000:]))
    plain = f1_score(y[1000:], model.predict(x[1000:]), average="macro")
    assert f1_score(y[1000:], model.set_params(threshold="f1").predict(x[1000:]), average="macro") > plain


def test_thresholds_are_one_for_all_one_for_each_or_of_the_largest_f1():
    model = learned(range(N))
    probabilities = model.predict_proba(X)
    assert np.array_equal(model.predict(X), probabilities >= 0.5)
    model.set_params(threshold=[0.2, 0.5, 0.9])
    assert np.array_equal(model.predict(X), probabilities >= [0.2, 0.5, 0.9])
    rare = ContinualMultiLabelClassifier("12", threshold="f1", n_jobs=1).fit(X, np.c_[Y, np.zeros(N), X[:, 0] > 9])
    assert (rare.thresholds[:3] < 0.5).all() and rare.thresholds[3] == 0.5 and not rare.predict(X)[:, 3].any()
    for wrong in (0, 1.5, "best", [0.5, 2], [0.5, 0.5]):
        with pytest.raises(InputError, match="threshold"):
            learned(range(9)).set_params(threshold=wrong).predict(X)


def test_a_label_that_all_or_none_have_is_answered_so():
    model = ContinualMultiLabelClassifier("8", n_jobs=1).fit(X, np.c_[np.ones(N), np.zeros(N)])
    assert np.array_equal(model.predict(X), np.tile([1, 0], (N, 1)))
    assert np.allclose(model.predict_proba(X), [1 - 0.5 / (N + 1), 0.5 / (N + 1)])


# The laws

orders = st.permutations(range(N))
cuts = st.lists(st.integers(1, N - 1), max_size=4).map(lambda ends: [0, *sorted(ends), N])


@settings(max_examples=15, deadline=None)
@given(orders, cuts, st.integers(1, 70))
def test_order_batches_merging_and_forgetting_change_nothing(order, ends, batch):
    parts = [order[start:end] for start, end in zip(ends[:-1], ends[1:], strict=True) if end > start]
    whole = print_of(learned(range(N)))
    assert print_of(learned(*parts, batch_size=batch)) == whole
    apart = [learned(part) for part in parts]
    assert print_of(apart[0].merge(*apart[1:])) == whole
    if len(parts) > 1:
        assert print_of(learned(*parts).forget(X[parts[0]], Y[parts[0]])) == print_of(learned(*parts[1:]))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=N, max_size=N).filter(any))
def test_weights_are_so_many_copies(weights):
    model = learned().partial_fit(X, Y, sample_weight=weights)
    assert print_of(model) == print_of(learned(np.repeat(np.arange(N), weights)))
    assert print_of(model.forget(X, Y, sample_weight=weights)) == print_of(learned())


def test_a_file_holds_the_same_model_and_goes_on(tmp_path):
    model = learned(range(30), ledger="task", threshold=[0.3, 0.5, 0.7])
    model.save(tmp_path / "m")
    again = models.open(tmp_path / "m", n_jobs=1)
    assert np.array_equal(again.predict(X), model.predict(X)) and again.facts() == model.facts()
    assert again.facts()["labels"][1] == {"label": "cough", "examples": int(Y[:30, 1].sum())}
    again.partial_fit(X[30:], Y[30:])
    assert print_of(again) == print_of(learned(range(N)))
    assert print_of(again.forget_task(1)) == print_of(learned(range(30, N)))


# Names, and what is refused


def test_names_come_from_a_table_or_classes_and_columns_are_found_by_them():
    model = learned().partial_fit(X, FRAME[["rash", "fever", "cough"]])
    assert print_of(model) == print_of(learned(range(N))) and list(model.classes_) == ["fever", "cough", "rash"]
    named = ContinualMultiLabelClassifier("12", n_jobs=1).partial_fit(X, csr_matrix(Y), classes=list("abc"))
    assert list(named.classes_) == ["a", "b", "c"] and np.array_equal(named.predict(X), named.fit(X, Y).predict(X))
    with pytest.raises(InputError, match="a name for each of 3 labels"):
        named.partial_fit(X, Y, classes=["a", "b"])


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda y: np.where(np.arange(N)[:, None] == 4, 2, y), "label fever, row 4: expected 1 .* got 2"),
        (lambda y: y[:, 0], "expected a column of 0 and 1 for each label"),
        (lambda y: y[:, :2], "expected 3 targets .fever, cough, rash., got 2"),
        (lambda y: y.astype(float) + np.nan, "expected 1 .has it. or 0"),
        (lambda y: np.full(y.shape, "yes"), "expected 0 and 1"),
        (lambda y: FRAME.rename(columns={"rash": "rush"}), "expected the columns fever, cough, rash, got"),
        (lambda y: None, "the target y is None"),
    ],
)
def test_other_labels_are_refused_and_change_nothing(change, words):
    model = learned(range(20))
    before = print_of(model)
    with pytest.raises(InputError, match=words):
        model.partial_fit(X, change(Y))
    assert print_of(model) == before


def test_the_classifier_of_one_label_says_which_takes_several():
    with pytest.raises(InputError, match="ContinualMultiLabelClassifier"):
        ContinualClassifier("8").fit(X, Y)
    with pytest.raises(InputError, match="several labels an example"):
        _ = learned(range(9)).predictor
    other = ContinualMultiLabelClassifier("12", n_jobs=1).start(BASE.encoder_, type(BASE.scale_)(("a", "b", "c")))
    with pytest.raises(InputError, match="same targets .fever, cough, rash., got a, b, c"):
        learned(range(9)).merge(other)


def test_scikit_learn_scores_it_across_folds():
    found = cross_val_score(ContinualMultiLabelClassifier("12", n_jobs=1), X, Y, cv=2, scoring="f1_macro")
    assert (found > 0.5).all()


WITH_TWO_CLASSES = {  # these checks of scikit-learn take labels 1 and 2, names, or one column without a second axis
    *("check_n_features_in_after_fitting", "check_estimators_dtypes", "check_sample_weights_pandas_series"),
    *("check_sample_weights_not_an_array", "check_sample_weights_shape", "check_sample_weights_not_overwritten"),
    *("check_estimator_sparse_array", "check_estimator_sparse_matrix", "check_classifier_data_not_an_array"),
    *("check_classifiers_one_label", "check_classifiers_one_label_sample_weights", "check_classifiers_classes"),
    *("check_estimators_partial_fit_n_features", "check_classifiers_train", "check_classifiers_regression_target"),
    *("check_classifier_not_supporting_multiclass", "check_fit2d_1feature"),
}


@pytest.mark.slow
def test_every_check_of_scikit_learn_that_gives_rows_of_0_and_1_passes():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(ContinualMultiLabelClassifier(n_jobs=1), on_fail=None, on_skip=None)
    failed = {one["check_name"] for one in found if one["status"] == "failed"}
    assert failed <= WITH_TWO_CLASSES and len(found) > 50

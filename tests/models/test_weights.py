"""Sample weights: an example of weight 3 is learned three times, to the bit, and one of weight 0 not at all."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.model_selection import cross_val_score

from indeependence import ContextualClassifier, ContinualClassifier
from indeependence.errors import InputError
from indeependence.exact import LARGEST
from indeependence.models.inputs import checked_weights
from indeependence.models.sampling import MOST, bootstrap_rows, repeated_rows
from indeependence.moments.ledger import Ledger
from indeependence.moments.repeated import repeated

RNG = np.random.default_rng(1)
X, Y = RNG.normal(size=(24, 3)), np.arange(24) % 3
CODES = RNG.integers(0, 256, (24, 5), np.uint8)
SOME = arrays(np.int64, 24, elements=st.integers(0, 9)).filter(np.any)


def again(weights):
    """The numbers of the rows, each as often as its weight says."""
    return np.repeat(np.arange(24), weights)


@given(SOME, st.sampled_from(["none", "class"]))
def test_weighted_sums_are_those_of_copies(weights, kind):
    nothing = Ledger.empty(kind, "encoder", 5)
    sums = repeated(nothing, weights, lambda rows: [(CODES[rows], Y[rows])])
    copied = nothing.learn([(CODES[again(weights)], Y[again(weights)])])
    assert sums.total.fingerprint == copied.total.fingerprint
    assert {name: part.fingerprint for name, part in sums.parts.items()} == {
        name: part.fingerprint for name, part in copied.parts.items()
    }


def test_weights_of_billions_are_exact_and_cost_a_few_passes():
    passes = []

    def coded(rows):
        passes.append(len(rows))
        return [(CODES[rows], Y[rows])]

    weights = np.zeros(24, np.int64)
    weights[3] = 2**35 + 1
    sums = repeated(Ledger.empty("none", "encoder", 5), weights, coded).total
    products = np.triu(np.outer(*[CODES[3].astype(object)] * 2)) * (2**35 + 1)
    assert np.array_equal(sums.products.astype(object), products) and len(passes) == 36


@given(SOME, st.sampled_from(["none", "task", "class"]), st.sampled_from([ContinualClassifier, ContextualClassifier]))
def test_a_model_of_weights_is_the_model_of_copies(weights, ledger, kind):
    options = {"ledger": ledger} if kind is ContinualClassifier else {"keep_sums": True}
    rows = again(weights)
    made = kind("2", **options, n_jobs=1, batch_size=5).fit(X, Y, sample_weight=weights)
    same = kind("2", **options, n_jobs=1, batch_size=5).fit(X[rows], Y[rows])
    if kind is ContinualClassifier:
        assert made.moments_.fingerprint == same.moments_.fingerprint
        assert made.ledger_.parts.keys() == same.ledger_.parts.keys()
    else:
        assert [one.fingerprint for one in made.moments_.parts] == [one.fingerprint for one in same.moments_.parts]
    assert made.classes_.tolist() == same.classes_.tolist() and made.predict(X).tolist() == same.predict(X).tolist()


@given(SOME, st.sampled_from(["none", "class"]))
def test_what_was_learned_with_weights_is_forgotten_with_them(weights, ledger):
    model = ContinualClassifier("2", ledger=ledger, n_jobs=1).bootstrap(X)
    empty = model.moments_.fingerprint
    model.partial_fit(X, Y, sample_weight=weights)
    assert model.forget(X[again(weights)], Y[again(weights)]).moments_.fingerprint == empty
    model.partial_fit(X[again(weights)], Y[again(weights)])
    assert model.forget(X, Y, sample_weight=weights).moments_.fingerprint == empty


@given(SOME, st.integers(1, 60))
def test_the_sample_for_the_encoder_is_that_of_copies(weights, limit):
    expected = again(weights)[bootstrap_rows(int(weights.sum()), limit, 0)]
    assert repeated_rows(weights, limit, 0).tolist() == expected.tolist()


def test_huge_weights_need_no_huge_memory():
    rows = repeated_rows(np.array([0, 1, 2**40]), 1000, 0)
    assert len(rows) == 1000 and 0 not in rows and set(rows) <= {1, 2} and MOST < 2**40
    model = ContinualClassifier("2", n_jobs=1).fit(X, Y, sample_weight=np.full(24, 2**30))
    assert model.moments_.count == 24 * 2**30 and len(model.predict(X)) == 24


@pytest.mark.parametrize(
    "weights, message",
    [
        (np.full(24, 0.5), "row 0: expected how many times an example counts, .* got 0.5: multiply all"),
        ([1] * 23 + [-1], "row 23: expected how many times"),
        ([1] * 23 + [np.nan], "row 23: NaN or infinity"),
        ([np.inf] + [1] * 23, "row 0: NaN or infinity"),
        (np.zeros(24), "every weight is zero"),
        (np.ones(23), r"one weight for each of 24 examples, got shape \(23,\)"),
        (np.ones((24, 1)), r"got shape \(24, 1\)"),
        (["a"] * 24, "sample_weight: expected numbers"),
        (np.full(24, 2**60), "row 0: "),
        (np.full(24, LARGEST), "expected at most .* examples in one model"),
    ],
)
def test_weights_that_cannot_be_used_are_refused_and_change_nothing(weights, message):
    model = ContinualClassifier("2", n_jobs=1).fit(X, Y)
    before = model.moments_.fingerprint
    for act in (model.partial_fit, model.forget):
        with pytest.raises(InputError, match=message):
            act(X, Y, sample_weight=weights)
    assert model.moments_.fingerprint == before


@pytest.mark.parametrize("weight", [2**53, 2**43])
def test_weights_whose_sum_overflows_are_refused(weight):
    with pytest.raises(InputError, match="expected at most .* examples in one model"):
        checked_weights(np.full(2**12, weight), 2**12)


def test_too_many_copies_are_refused_where_each_is_learned():
    with pytest.raises(InputError, match="expected weights that add up to at most 4,194,304 here, got"):
        ContextualClassifier("2", n_jobs=1).fit(X, Y, sample_weight=np.full(24, 2**30))


@pytest.mark.parametrize(
    "form", [list, pd.Series, lambda w: w.astype(float), lambda w: w.astype(np.uint8), lambda w: w > 0]
)
def test_every_form_of_weights_is_understood(form):
    weights = np.arange(24) % 2
    made = [ContinualClassifier("2", n_jobs=1).fit(X, Y, sample_weight=some) for some in (weights, form(weights))]
    assert made[0].moments_.fingerprint == made[1].moments_.fingerprint


def test_weights_go_with_arrays_and_through_cross_validation():
    with pytest.raises(InputError, match="sample_weight goes with arrays"):
        ContinualClassifier("2").fit(iter([(X, Y)]), sample_weight=[1])
    scores = cross_val_score(ContinualClassifier("2", n_jobs=1), X, Y, cv=2, params={"sample_weight": np.arange(24)})
    assert len(scores) == 2

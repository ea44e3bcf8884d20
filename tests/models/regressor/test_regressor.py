"""Numbers as targets: the same sums as ridge regression needs, exact laws, and clear words for what cannot be held."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from indeependence import ContinualClassifier, ContinualRegressor, models
from indeependence.errors import InputError
from indeependence.models.regressor.scale import Scale
from indeependence.moments.numbers import joined

N = 60
RNG = np.random.default_rng(3)
X = RNG.standard_normal((N, 4))
Y = np.stack([np.round(X @ [3.0, -1.0, 0.5, 0.0] + RNG.standard_normal(N), 2), np.rint(1e6 + 50 * X[:, 1])], 1)
BASE = ContinualRegressor("12", n_jobs=1).bootstrap(X[:40], Y[:40])


def learned(*parts, base=BASE, **changes):
    """A new model with the encoder and steps of `BASE` that learned these rows, one part after another."""
    model = clone(base).set_params(**changes).start(base.encoder_, base.scale_)
    for rows in parts:
        model.partial_fit(X[rows], Y[rows])
    return model


def print_of(model):
    return model.moments_.fingerprint


@pytest.mark.slow
@parametrize_with_checks([ContinualRegressor(n_jobs=1)])
def test_every_check_of_scikit_learn_passes(estimator, check):
    check(estimator)


# The sums


def test_sums_are_those_of_whole_numbers_to_the_last_digit():
    model = learned(range(N))
    codes, wholes = model.encoder_(X).astype(np.int64), model.scale_.whole(Y)
    found, mean = joined(model.moments_, model.encoder_.units), wholes.mean(0)
    assert np.allclose(found.target_mean + model.scale_.lowest, mean, rtol=0, atol=1e-5)
    exact = [[int(sum(int(a) * int(b) for a, b in zip(h, t, strict=True))) for t in wholes.T] for h in codes.T]
    cross = np.array(exact, float) - np.outer(codes.sum(0), mean)
    assert np.allclose(found.cross, cross, rtol=1e-9) and np.allclose(found.target_scatter, N * wholes.var(0))


def test_the_readout_is_ridge_regression_of_the_codes():
    model = learned(range(N), penalty=0.5)
    codes = model.encoder_(X).astype(float)
    scale = joined(model.moments_, model.encoder_.units).scatter.diagonal().mean()
    expected = Ridge(alpha=0.5 * scale).fit(codes, Y).predict(codes)
    assert np.allclose(model.predict(X), expected, rtol=1e-6, atol=1e-4)


def test_several_targets_are_learned_as_each_alone():
    both = learned(range(N)).predict(X)
    for place in (0, 1):
        alone = ContinualRegressor("12", n_jobs=1).fit(X[:40], Y[:40, place])
        alone = alone.partial_fit(X[40:], Y[40:, place])
        assert np.allclose(alone.predict(X), both[:, place], rtol=1e-12)


def test_intervals_hold_as_many_unseen_targets_as_they_say():
    x, y = load_diabetes(return_X_y=True)
    model = ContinualRegressor("20", n_jobs=1).fit(x[:300], y[:300])
    for coverage in (0.5, 0.9):
        low, high = model.interval(x[300:], coverage=coverage)
        assert abs(np.mean((low < y[300:]) & (y[300:] < high)) - coverage) < 0.1
    near, far = (np.subtract(*model.interval(some)[::-1]) for some in (x[:1], x[:1] + 3))
    assert far > near
    with pytest.raises(InputError, match="coverage"):
        model.interval(x, coverage=1)


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
        rest = learned(*parts).forget(X[parts[0]], Y[parts[0]])
        assert print_of(rest) == print_of(learned(*parts[1:]))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=N, max_size=N).filter(any))
def test_weights_are_so_many_copies(weights):
    model = learned().partial_fit(X, Y, sample_weight=weights)
    assert print_of(model) == print_of(learned(np.repeat(np.arange(N), weights)))
    assert print_of(model.forget(X, Y, sample_weight=weights)) == print_of(learned())


def test_a_file_holds_the_same_model_and_goes_on(tmp_path):
    model = learned(range(30), ledger="task")
    model.save(tmp_path / "m")
    again = models.open(tmp_path / "m", n_jobs=1)
    assert again.scale_ == model.scale_ and np.array_equal(again.predict(X), model.predict(X))
    assert np.array_equal(again.rounding_, model.rounding_) and again.facts() == model.facts()
    again.partial_fit(X[30:], Y[30:])
    assert print_of(again) == print_of(learned(range(N)))
    assert print_of(again.forget_task(1)) == print_of(learned(range(30, N)))


def test_a_changed_scale_in_a_file_is_noticed(tmp_path):
    model = learned(range(N))
    model.scale_ = Scale(model.scale_.names, (1.0, 1.0), model.scale_.lowest)
    model.save(tmp_path / "m")
    with pytest.raises(InputError, match="damaged"):
        ContinualRegressor.load(tmp_path / "m")


# The step


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=20), st.integers(-6, 6), st.integers(-4, 4))
def test_decimals_of_seven_digits_come_back_as_they_were(numbers, power, offset):
    targets = np.array([[float(f"{one}e{power}")] for one in numbers])
    scale = Scale.of(targets, ("y",))
    assert np.array_equal(scale.values(scale.whole(targets)), targets) and not scale.rounding(targets).any()
    assert Scale.of_json(scale.to_json()) == scale
    low = np.array(scale.lowest)
    digits = scale.bytes_of(targets).reshape(len(targets), 4).astype(np.int64) @ 256 ** np.arange(4)
    assert np.array_equal(digits[:, None] + low, scale.whole(targets))


def test_targets_far_from_nothing_keep_their_differences():
    targets = 1.7e9 + np.arange(5.0)[:, None]
    scale = Scale.of(targets, ("seconds",))
    assert scale.steps[0] <= 0.1 and np.array_equal(scale.values(scale.whole(targets)), targets)


def test_a_coarse_step_rounds_and_says_by_how_much():
    with pytest.warns(UserWarning, match="target y: numbers are rounded to the step 10, by up to 4.5"):
        model = ContinualRegressor("4", step=10, n_jobs=1).fit(X, np.tile([0.0, 14.5], N // 2))
    assert model.rounding_ == [4.5] and model.facts()["targets"][0]["step"] == 10
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.partial_fit(X, np.full(N, 10.0))


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda y: y * 1e9, "target y1, row 0: expected a number from .* begin a new model with a larger step"),
        (lambda y: np.where(y == y[3], np.nan, y), "NaN or infinity"),
        (lambda y: y[:, 0], r"expected 2 targets \(y1, y2\), got 1"),
        (lambda y: y.astype(str), "expected numbers"),
        (lambda y: None, "the target y is None"),
    ],
)
def test_targets_that_cannot_be_held_are_refused_and_change_nothing(change, words):
    model = learned(range(20))
    before = print_of(model), model.rounding_.copy()
    with pytest.raises(InputError, match=words):
        model.partial_fit(X, change(Y))
    assert print_of(model) == before[0] and np.array_equal(model.rounding_, before[1])


@pytest.mark.parametrize("step", [0, -1, "fine", float("nan"), [1, 2, 3], True, 1e-20])
def test_steps_that_cannot_be_used_are_refused(step):
    with pytest.raises(InputError, match="step"):
        ContinualRegressor("4", step=step).fit(X, Y)


def test_what_was_never_learned_is_not_forgotten():
    model = learned(range(20))
    before = print_of(model)
    with pytest.raises(InputError, match="cannot remove"):
        model.forget(X[20:50], Y[20:50])
    assert print_of(model) == before


def test_models_of_other_targets_are_not_merged():
    other = ContinualRegressor("12", n_jobs=1, step=1).start(BASE.encoder_, Scale.of(Y, ("y1", "y2"), 1))
    with pytest.raises(InputError, match="expected models of the same targets .y1 by"):
        learned(range(9)).merge(other)
    with pytest.raises(InputError, match="to merge, got ContinualClassifier"):
        learned(range(9)).merge(ContinualClassifier("4"))
    with pytest.raises(InputError, match="ledger: expected none or task"):
        ContinualRegressor(ledger="class").fit(X, Y)


def test_names_come_from_a_table():
    frame = pd.DataFrame(Y, columns=["price", "size"])
    model = ContinualRegressor("4", n_jobs=1).fit(pd.DataFrame(X, columns=list("abcd")), frame)
    assert model.scale_.names == ("price", "size") and model.reading.columns == tuple("abcd")

"""Numbers at their worst: the weights stay finite, float64 agrees with exact fractions, and nothing overflows."""

import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence import ContinualClassifier, commands
from indeependence.moments import plausible as possible
from indeependence.moments.centred import centre
from indeependence.moments.moments import Moments
from indeependence.moments.ridge import best_ridge, least_ridge, ridge


def moments_of(codes, labels):
    return Moments.empty("encoder", codes.shape[1]).learn([(codes, np.asarray(labels))])


RNG = np.random.default_rng(3)
HARD = {
    "one example": (np.array([[7, 0, 255]], np.uint8), [0]),
    "one example a class": (RNG.integers(0, 256, (9, 5), np.uint8), range(9)),
    "zeros": (np.zeros((40, 6), np.uint8), np.arange(40) % 2),
    "constant inputs": (np.full((1001, 6), 255, np.uint8), np.arange(1001) % 3),
    "one constant unit": (np.c_[RNG.integers(0, 256, (50, 3), np.uint8), np.full(50, 9, np.uint8)], np.arange(50) % 2),
    "equal units": (np.repeat(RNG.integers(0, 256, (50, 1), np.uint8), 8, axis=1), np.arange(50) % 2),
    "duplicate rows": (np.repeat(RNG.integers(0, 256, (3, 6), np.uint8), 300, axis=0), np.repeat([0, 1, 2], 300)),
    "equal rows of two classes": (np.tile(np.arange(6, dtype=np.uint8), (300, 1)), np.arange(300) % 2),
    "more units than examples": (RNG.integers(0, 256, (20, 300), np.uint8), np.arange(20) % 4),
    "a million equal examples": (np.full((1_000_000, 3), 255, np.uint8), np.zeros(1_000_000, int)),
    "classes of 1 and of 50,000": (
        np.vstack([RNG.integers(0, 50, (50_000, 4), np.uint8), np.full((1, 4), 250, np.uint8)]),
        np.r_[np.zeros(50_000, int), 1],
    ),
}


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("penalty", ["auto", 0.0, 1e-300, 1.0])
def test_weights_and_all_that_is_told_of_them_are_finite(name, penalty):
    centred = centre(moments_of(*HARD[name]))
    weights = best_ridge(centred) if penalty == "auto" else least_ridge(centred, penalty)
    for value in (weights.coefficients, weights.intercept, weights.effective_units, weights.temperature):
        assert np.isfinite(value).all()
    assert np.isfinite(weights.scores(HARD[name][0][:100])).all()
    assert penalty == "auto" or weights.penalty >= penalty


def test_a_class_of_one_example_beside_one_of_fifty_thousand_scores_highest_on_its_own_example():
    codes, labels = HARD["classes of 1 and of 50,000"]
    weights = best_ridge(centre(moments_of(codes, labels)))
    scores = weights.scores(codes)
    assert scores[-1, 1] > 5 * scores[:-1, 1].max()


def test_a_penalty_too_small_for_the_sums_is_raised_and_said():
    x, y = HARD["constant inputs"]
    model = ContinualClassifier("inputs", penalty=0.0).bootstrap(x).partial_fit(x, y)
    x[:500, 0] = 0
    model.partial_fit(x, y)
    with pytest.warns(RuntimeWarning, match=r"penalty raised from 0\.0 to [0-9.e-]+: below, the sums have no solution"):
        raised = model.weights.penalty
    assert 0 < raised < 1e-6


def test_a_penalty_that_does_is_kept_and_nothing_is_said():
    x, y = HARD["more units than examples"]
    assert ContinualClassifier("inputs", penalty=0.25).fit(x, y).weights.penalty == 0.25


def test_the_command_says_on_stderr_that_it_raised_the_penalty(monkeypatch, tmp_path, capsys):
    arguments = ["train", "--layers", "inputs", "--penalty", "0", "--model", str(tmp_path / "m"), "--json"]
    monkeypatch.setattr(sys, "argv", ["indeependence", *arguments])
    monkeypatch.setattr("warnings.showwarning", None)  # put back after the test
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.filters", [])
        commands.main()
    told = capsys.readouterr()
    assert told.err.startswith('{"note": "penalty raised from 0.0 to ') and told.out.startswith("{")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused_and_change_nothing(bad):
    x, y = np.random.default_rng(0).standard_normal((30, 4)), np.arange(30) % 2
    model = ContinualClassifier("4").fit(x, y)
    before = model.moments_.fingerprint
    x[7, 2] = bad
    for act in (lambda: model.partial_fit(x, y), lambda: model.forget(x, y), lambda: model.predict(x)):
        with pytest.raises(ValueError, match="NaN|infinity"):
            act()
    with pytest.raises(ValueError, match="NaN|infinite"):
        model.learn([(x, y)])
    assert model.moments_.fingerprint == before


@given(
    st.integers(1, 3).flatmap(
        lambda units: st.lists(
            st.tuples(st.lists(st.integers(0, 255), min_size=units, max_size=units), st.integers(0, 2)),
            min_size=1,
            max_size=12,
        )
    ),
    st.floats(-7, 1),
)
def test_float64_solving_agrees_with_exact_fractions(rows, exponent):
    codes, labels = np.array([code for code, _ in rows], np.uint8), np.array([label for _, label in rows])
    penalty, units = 10**exponent, codes.shape[1]
    weights = ridge(centre(moments_of(codes, labels)), penalty)
    exact = exact_ridge(codes, labels, weights.labels, Fraction(penalty))
    condition = units / penalty + 1
    error = np.abs(weights.coefficients - exact).max()
    assert error <= 100 * np.finfo(float).eps * condition * max(np.abs(exact).max(), 1e-3)


def exact_ridge(codes, labels, classes, penalty):
    """``(S + penalty · mean variance · I)⁻¹ Q`` by Gaussian elimination in fractions, without any rounding."""
    n, units = codes.shape
    h = [[Fraction(int(value)) for value in row] for row in codes]
    y = [[Fraction(int(label == c)) for c in classes] for label in labels]
    mean_h, mean_y = ([sum(column) / n for column in zip(*rows, strict=True)] for rows in (h, y))
    h = [[value - mean for value, mean in zip(row, mean_h, strict=True)] for row in h]
    y = [[value - mean for value, mean in zip(row, mean_y, strict=True)] for row in y]
    system = [[sum(row[i] * row[j] for row in h) for j in range(units)] for i in range(units)]
    scale = sum(system[i][i] for i in range(units)) / units or Fraction(1)
    for i in range(units):
        system[i][i] += penalty * scale
        system[i] += [sum(hr[i] * yr[c] for hr, yr in zip(h, y, strict=True)) for c in range(len(classes))]
    for i in range(units):
        system[i] = [value / system[i][i] for value in system[i]]
        for j in range(units):
            if j != i:
                system[j] = [a - system[j][i] * b for a, b in zip(system[j], system[i], strict=True)]
    return np.array([[float(value) for value in row[units:]] for row in system])


def test_the_most_examples_allowed_are_a_thousandth_of_what_would_overflow():
    assert possible.LARGEST * possible.TOP**2 <= 2**53  # float64 still holds every sum
    assert possible.LARGEST * possible.TOP**2 * 1000 < np.iinfo(np.int64).max  # and int64 a thousand times as much


def test_sums_near_the_limit_still_add_and_subtract_exactly():
    one = moments_of(np.array([[255, 254]], np.uint8), ["a"])
    half = possible.LARGEST // 2
    many = Moments(one.encoder, one.labels, one.counts * half, one.products * half, one.cross * half)
    assert (many + one - many).fingerprint == one.fingerprint
    assert (many + many).products[0, 1] == 2 * half * 255 * 254

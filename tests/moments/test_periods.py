"""Which periods count is exact: the sums are those of a model that learned only them, and as often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.errors import InputError
from indeependence.moments.centred import centre
from indeependence.moments.moments import Moments
from indeependence.moments.periods import HALVINGS, Period, Periods, Rule, chosen_by_newest
from indeependence.moments.solving import chosen_penalty, solved

NOTHING = Moments.empty("encoder", 3)
rules = st.one_of(
    st.just(Rule("all", 1)),
    st.builds(Rule, st.just("window"), st.integers(1, 5)),
    st.builds(Rule, st.just("half-life"), st.integers(1, 3)),
    st.builds(Rule, st.sampled_from(["auto", "mix"]), st.integers(2, 6)),
)


def rows_of(place, *, flipped=False, count=40):
    """Codes and labels of a period: the label says whether the first unit is large, or small if ``flipped``."""
    rng = np.random.default_rng(place)
    codes = rng.integers(0, 256, (count, 3)).astype(np.uint8)
    return codes, ((codes[:, 0] > 127) ^ flipped).astype(np.int64)


def learned(*parts):
    return NOTHING.learn(parts)


@given(rules, st.lists(st.integers(0, 50), min_size=1, max_size=14))
def test_what_counts_equals_having_learned_only_that_and_as_often(rule, places):
    periods = Periods.empty(rule, NOTHING)
    for place in places:
        periods = periods.closed(learned(rows_of(place, count=5)))
    counted = []
    for period, count in zip(periods.kept, periods.counts, strict=True):
        inside = places[period.first - 1 : period.last]
        assert period.sums.fingerprint == learned(*(rows_of(place, count=5) for place in inside)).fingerprint
        counted += [rows_of(place, count=5) for place in inside] * count
    assert periods.chosen.fingerprint == learned(*counted).fingerprint
    current = learned(rows_of(99))
    assert periods.open(current).count == periods.chosen.count + 40 * (128 if rule.kind == "half-life" else 1)
    numbers = [number for period in periods.kept for number in range(period.first, period.last + 1)]
    assert numbers == list(range(periods.kept[0].first, len(places) + 1))
    if rule.kind in ("auto", "mix"):
        assert len(periods.kept) <= rule.size and numbers[0] == 1


@given(st.integers(1, 4), st.integers(1, 20))
def test_windows_and_half_lives_count_by_age(size, count):
    window, half = Periods.empty(Rule("window", size), NOTHING), Periods.empty(Rule("half-life", size), NOTHING)
    for place in range(count):
        window, half = window.closed(learned(rows_of(place))), half.closed(learned(rows_of(place)))
    assert [period.first for period in window.kept] == list(range(max(count - size, 0) + 1, count + 1))
    ages = [count - period.first for period in half.kept]
    assert list(half.counts) == [2 ** (HALVINGS - 1 - age // size) for age in ages] and max(ages) < size * HALVINGS


def test_a_drift_is_noticed_from_the_newest_sums_and_the_old_is_dropped():
    periods = Periods.empty(Rule("auto"), NOTHING)
    for place in range(12):
        periods = periods.closed(learned(rows_of(place)))
    assert periods.dropped == 0
    assert periods.closed(learned(rows_of(12, flipped=True))).dropped == 12
    for place in range(12, 16):
        periods = periods.closed(learned(rows_of(place, flipped=True)))
    assert periods.dropped in (12, 13)  # of the last 1, 2, 4, … periods
    weights = solved(periods.open(NOTHING), "auto", "ridge")
    codes, labels = rows_of(77, flipped=True)
    assert np.mean(weights.scores(codes).argmax(1) == labels) > 0.9
    for place in range(20, 40):
        periods = periods.closed(learned(rows_of(place)))
    codes, labels = rows_of(78)
    assert np.mean(solved(periods.open(NOTHING), "auto", "ridge").scores(codes).argmax(1) == labels) > 0.9


def test_a_class_that_no_longer_counts_is_no_class_any_more():
    periods = Periods.empty(Rule("auto"), NOTHING)
    for place in range(3):
        periods = periods.closed(learned(rows_of(place)))
    codes, labels = rows_of(3, flipped=True)
    one = periods.closed(learned((codes[labels == 1], labels[labels == 1])))
    assert one.dropped == 0 or one.chosen.labels == (1,)
    alone = Periods(Rule("auto"), NOTHING, one.kept, (0,) * (len(one.kept) - 1) + (1,), 4)
    assert alone.chosen.labels == (1,) and np.isfinite(solved(alone.open(NOTHING), "auto", "lda").scores(codes)).all()


def test_of_what_fits_equally_the_longest_is_taken():
    same = learned(rows_of(1))
    assert chosen_by_newest([Period(k, k, same) for k in range(1, 6)]) == 0
    assert chosen_by_newest([Period(1, 1, same)]) == 0


def test_half_lives_solve_as_the_copies_do():
    periods = Periods.empty(Rule("half-life", 1), NOTHING)
    for place in range(3):
        periods = periods.closed(learned(rows_of(place, flipped=place < 2)))
    codes, labels = rows_of(50)
    current = learned(rows_of(4))
    penalty = chosen_penalty(centre(periods.once(current)), "lda")  # looks at each example once
    assert periods.once(current).count == 4 * 40 and periods.open(current).count > 128 * 40
    assert np.mean(solved(periods.open(current), penalty, "lda").scores(codes).argmax(1) == labels) > 0.85


def test_no_more_periods_are_kept_than_asked_and_the_newest_stay_apart():
    periods = Periods.empty(Rule("auto", 4), NOTHING)
    for place in range(20):
        periods = periods.closed(learned(rows_of(place, count=5)))
        assert len(periods.kept) <= 4 and periods.kept[0].first == 1
    assert periods.kept[-1].first == 20 and sum(period.sums.count for period in periods.kept) == 100


@pytest.mark.parametrize("kind, size", [("week", 1), ("window", 0), ("auto", 1), ("half-life", 0)])
def test_rules_that_mean_nothing_are_refused(kind, size):
    with pytest.raises(InputError, match="expected a"):
        Rule(kind, size)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=14))
def test_windows_are_of_the_last_1_2_4_periods_and_of_all(places):
    periods = Periods.empty(Rule("mix", 32), NOTHING)
    for place in places:
        periods = periods.closed(learned(rows_of(place, count=5)))
    lengths = [length for length in (1, 2, 4, 8) if length < len(places)] + [len(places)]
    expected = [learned(*(rows_of(place, count=5) for place in places[-length:])) for length in lengths]
    assert [one.fingerprint for one in periods.windows] == [one.fingerprint for one in expected]


def test_a_part_of_the_units_has_the_sums_of_a_smaller_encoder():
    codes, labels = rows_of(3)
    part = learned((codes, labels)).part(np.array([0, 2]))
    small = Moments.empty("encoder", 2).learn([(codes[:, [0, 2]], labels)])
    assert part.fingerprint == small.fingerprint

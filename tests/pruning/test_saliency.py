"""Saliency of units, against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.errors import InputError
from indeependence.moments.centred import centre
from indeependence.moments.ridge import ridge
from indeependence.pruning.saliency import activated_values, mean_codes, most_salient, unit_saliency
from indeependence.pruning.surgery import class_saliency
from tests.pruning.small_sums import CODES, LABELS, SUMS


def weights_of(moments, penalty=0.1):
    found = ridge(centre(moments), penalty)
    assert found is not None
    return found


def test_activated_values_are_means_over_the_examples_of_a_class():
    weights = weights_of(SUMS)
    for label in (None, 0, 1, 2):
        rows = CODES if label is None else CODES[LABELS == label]
        expected = np.mean([np.abs(weights.coefficients * row[:, None]) for row in rows.astype(float)], axis=0)
        np.testing.assert_allclose(activated_values(weights, SUMS, label), expected)
    with pytest.raises(InputError, match="no class 7 was learned"):
        activated_values(weights, SUMS, 7)


@given(st.integers(1, 5))
def test_the_saliency_for_a_class_does_not_depend_on_the_size_of_any_class(copies):
    more = CODES[LABELS == 1]
    larger = SUMS.learn([(more, np.ones(len(more), int))] * copies)
    weights = weights_of(SUMS)
    for label in (0, 1, 2):
        np.testing.assert_array_equal(mean_codes(SUMS, label), mean_codes(larger, label))
        np.testing.assert_allclose(class_saliency(weights, SUMS, label), class_saliency(weights, larger, label))


def test_units_are_judged_as_by_plain_loops():
    weights = weights_of(SUMS)
    w, h = weights.coefficients, CODES.astype(float)
    maav = [sum(np.mean(np.abs(w[i, c] * h[:, i])) for c in range(3)) for i in range(7)]
    moment = [sum(np.mean((w[i, c] * h[:, i]) ** 2) for c in range(3)) for i in range(7)]
    np.testing.assert_allclose(unit_saliency(weights, SUMS, "maav"), maav)
    np.testing.assert_allclose(unit_saliency(weights, SUMS, "moment"), moment)
    np.testing.assert_allclose(unit_saliency(weights, SUMS, "magnitude"), np.abs(w).sum(1))
    one, again = (unit_saliency(weights, SUMS, "random", seed=1) for _ in range(2))
    assert (one == again).all() and (one != unit_saliency(weights, SUMS, "random", seed=2)).any()
    with pytest.raises(InputError, match="maav, magnitude, moment, random"):
        unit_saliency(weights, SUMS, "luck")


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.floats(0, 0.99))
def test_the_fraction_goes_and_nothing_that_stays_is_less_salient(values, fraction):
    saliency = np.array(values, float)
    kept = most_salient(saliency, fraction)
    assert kept.any() and (~kept).sum() == min(int(fraction * len(values) + 1e-9), len(values) - 1)
    if not kept.all():
        assert saliency[kept].min() >= saliency[~kept].max()


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30), st.floats(0, 0.99))
def test_units_of_a_group_go_together(groups, fraction):
    groups = np.array(groups)
    kept = most_salient(np.random.default_rng(0).random(len(groups)), fraction, groups)
    assert kept.any() and (~kept).sum() <= fraction * len(groups) + 1e-9
    assert all(len(set(kept[groups == group])) == 1 for group in groups)

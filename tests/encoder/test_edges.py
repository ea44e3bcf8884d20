"""Vectors as codes at several resolutions: thresholds that no extreme value and no later task can spoil."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indeependence.encoder.description import describe
from indeependence.encoder.edges import MANY, Edges, fit_edges
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.storage import restore
from indeependence.errors import InputError

NUMBERS = st.floats(-1e9, 1e9)
SAMPLES = arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=NUMBERS)


def plainly(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return codes by counting, one value at a time."""
    codes = [[[sum(value >= edge for edge in of_one) for of_one, value in zip(of_all, row, strict=True)]
              for of_all in edges] for row in values]  # fmt: skip
    return np.array(codes).reshape(len(values), -1)


@given(SAMPLES, st.data())
def test_a_code_is_the_number_of_edges_that_a_value_reaches(sample, data):
    edges = fit_edges(sample)
    values = data.draw(arrays(np.float64, (3, sample.shape[1]), elements=NUMBERS))
    np.testing.assert_array_equal(edges(values), plainly(edges.edges, values))


@given(SAMPLES)
def test_edges_ascend_and_larger_values_never_have_smaller_codes(sample):
    edges = fit_edges(sample)
    assert (np.diff(edges.edges) >= 0).all() and np.isfinite(edges.edges).all()
    assert (np.diff(edges(np.sort(sample, axis=0)).astype(int), axis=0) >= 0).all()


@given(SAMPLES)
def test_the_order_of_the_sample_does_not_matter(sample):
    np.testing.assert_array_equal(fit_edges(sample).edges, fit_edges(sample[::-1]).edges)


def test_one_wild_value_moves_the_edges_of_the_middle_by_little():
    sample = np.random.default_rng(0).normal(size=(100, 2))
    spoiled = sample.copy()
    spoiled[0] *= 1e9
    codes = [fit_edges(some)(sample[1:]).astype(int) for some in (sample, spoiled)]
    assert np.abs(codes[0] - codes[1]).max() <= 12


@pytest.mark.parametrize("shift", [10, 100, 1000, 100_000])
def test_later_tasks_far_away_are_told_apart(shift):
    rng = np.random.default_rng(0)
    codes = fit_edges(rng.normal(size=(200, 3)))(np.array([[0.0] * 3, [shift] * 3, [2.0 * shift] * 3]))
    assert (np.diff(codes.astype(int).sum(1)) > 0).all()


@pytest.mark.parametrize("value", [0.0, 7.0, -1e-9, 1e12])
def test_a_constant_column_has_a_scale_of_its_own(value):
    edges = fit_edges(np.c_[np.full(20, value), np.linspace(0, 1e6, 20)])
    step = abs(value) / 4 or 0.5
    codes = edges(np.array([[value, 0.0], [value + step, 0.0]]))
    assert codes[0, 0] != codes[1, 0]


def test_missing_values_get_the_middle_and_infinite_ones_are_refused():
    edges = fit_edges(np.random.default_rng(0).normal(size=(50, 2)))
    codes = edges(np.array([[np.nan, 0.0]]))
    assert (codes[0, ::2] == 128).all()
    with pytest.raises(InputError, match="infinite"):
        edges(np.array([[np.inf, 0.0]]))


def test_the_largest_numbers_are_coded_like_any_others():
    sample = np.array([[-1.7e308], [0.0], [1.7e308], [1.0]])
    codes = fit_edges(sample)(sample).astype(int)
    assert codes[0, 0] < codes[1, 0] < codes[2, 0]


def test_far_values_are_counted_by_column():
    sample = np.random.default_rng(0).normal(size=(100, 2))
    for columns in (2, MANY):
        edges = fit_edges(np.tile(sample, (1, columns // 2)))
        rows = np.zeros((4, columns))
        rows[:3, 0] = 1e4
        assert edges.far(rows)[:2].tolist() == [3, 0] and not edges.far(np.tile(sample, (1, columns // 2))).any()


def test_edges_survive_a_file_and_are_part_of_the_fingerprint():
    sample = np.random.default_rng(0).normal(size=(60, 3))
    encoder = bootstrap(sample)
    header, stored = describe(encoder)
    again = restore(json.loads(json.dumps(header)), stored)
    assert again.fingerprint == encoder.fingerprint != bootstrap(sample * 1.1).fingerprint
    np.testing.assert_array_equal(again(sample), encoder(sample))
    stored["edges"] = stored["edges"][..., ::-1]
    with pytest.raises(InputError, match="ascending edges"):
        restore(header, stored)


def test_many_columns_have_one_resolution():
    assert fit_edges(np.zeros((3, MANY - 1))).edges.shape[0] == 3
    assert fit_edges(np.zeros((3, MANY))).edges.shape[0] == 1
    assert Edges(np.zeros((3, 5, 255))).width == 15


def test_many_columns_without_negative_values_have_even_steps_of_their_roots():
    sample = np.tile(np.linspace(0, 1, 50)[:, None] ** 2, MANY)
    sample[0, 1] = -1e-3
    edges, roots = fit_edges(sample), np.linspace(0, 1, 8)
    for column, values in enumerate([roots**2, roots]):
        steps = np.diff(edges(np.tile(values[:, None], MANY))[:, column].astype(int))
        assert steps.min() > 5 and steps.max() - steps.min() <= 1


@given(arrays(np.float64, (3, 5), elements=st.floats(0, 1.7e308)))
def test_edges_of_many_columns_ascend_whatever_their_size(sample):
    edges = fit_edges(np.tile(sample, MANY // 5)).edges
    assert np.isfinite(edges).all() and (np.diff(edges) >= 0).all()


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3, 1e6])
def test_a_column_that_is_zero_at_first_tells_later_values_of_any_size_apart(scale):
    codes = fit_edges(np.zeros((20, 1)))(np.array([[-2.0], [0.0], [2.0], [9.0]]) * scale)[:, 0].astype(int)
    assert (np.diff(codes) >= 4).all()

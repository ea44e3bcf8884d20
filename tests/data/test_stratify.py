"""The test part that is drawn: the same share of every class, decided by the seed alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.data.datasets import load_dataset
from indeependence.data.stratify import stratified_rows
from tests.data.small_files import assert_holds, laws


@laws
@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    test_fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**40),
)
def test_a_drawn_test_part_has_the_same_share_of_every_class(sizes, test_fraction, seed):
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    train, test = stratified_rows(labels, test_fraction=test_fraction, seed=seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(labels)))
    assert (np.diff(train) > 0).all() and (np.diff(test) > 0).all()
    for label, size in enumerate(sizes):
        drawn = int((labels[test] == label).sum())
        assert abs(drawn - test_fraction * size) <= 1 and drawn < size and (drawn > 0 or size == 1)


def test_only_the_seed_decides_which_rows_are_drawn():
    labels = np.repeat([0, 1], 50)
    tests = [stratified_rows(labels, test_fraction=0.2, seed=seed)[1].tolist() for seed in (1, 1, 2)]
    assert tests[0] == tests[1] != tests[2]
    assert np.subtract(tests[0][10:], 50).tolist() != tests[0][:10]  # classes are drawn apart


@pytest.mark.parametrize("suffix", [".npz", ".csv"])
def test_the_test_fraction_splits_data_without_a_test_part(tmp_path, suffix):
    x, y = np.arange(40.0).reshape(20, 2), np.repeat([0, 1], 10)
    path = tmp_path / f"some{suffix}"
    if suffix == ".npz":
        np.savez(path, x=x, y=y)
    else:
        np.savetxt(path, np.column_stack([x, y]), delimiter=",")
    dataset = load_dataset(path, test_fraction=0.3, seed=3)
    train, test = stratified_rows(y, test_fraction=0.3, seed=3)
    assert len(test) == 6
    assert_holds(dataset, {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]})

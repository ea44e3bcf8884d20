"""Sums that grow: exact for small and for large codes, whatever the middle of the first rows was."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indeependence.moments.growing import adding_to, middle_of


@given(seed=st.integers(0, 99), low=st.integers(0, 255), cuts=st.lists(st.integers(0, 400), max_size=3))
def test_sums_are_those_of_whole_numbers_in_any_cut(seed, low, cuts):
    draws = np.random.default_rng(seed)
    codes = draws.integers(low, 256, (400, 7), np.uint8)
    codes[: draws.integers(0, 400)] = draws.integers(0, 256)  # the first rows may tell nothing about the others
    total = np.full((7, 7), 5, np.int64)
    with adding_to(total) as add:
        for rows in np.split(codes, sorted(cuts)):
            add(rows)
    whole = codes.astype(np.int64)
    np.testing.assert_array_equal(np.triu(total), np.triu(5 + whole.T @ whole))
    np.testing.assert_array_equal(np.tril(total, -1), np.tril(np.full((7, 7), 5), -1))


def test_large_codes_are_added_about_their_middle_so_that_blocks_are_large():
    waves = np.round(127.5 + 127.5 * np.cos(np.arange(2048)))[:, None].astype(np.uint8)
    assert middle_of(waves).tolist() in ([127.0], [128.0])  # of the first rows
    assert middle_of(waves // 8) is None
    assert middle_of(waves[:0]) is None

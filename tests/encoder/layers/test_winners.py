"""k-winners against a plain sort."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indeependence.encoder.layers.winners import winners

STRENGTHS = arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=st.integers(0, 4))


@given(STRENGTHS, st.data())
def test_winners_are_the_first_of_a_stable_sort(strengths, data):
    k = data.draw(st.integers(1, strengths.shape[1]))
    order = np.argsort(-strengths, axis=1, kind="stable")[:, :k]
    expected = np.zeros(strengths.shape, bool)
    np.put_along_axis(expected, order, True, axis=1)
    np.testing.assert_array_equal(winners(strengths, k), expected)


@pytest.mark.parametrize("k", [0, 4])
def test_more_winners_than_units_or_none_are_refused(k):
    with pytest.raises(ValueError, match=f"expected 1 to 3 winners, got {k}"):
        winners(np.zeros((2, 3)), k)

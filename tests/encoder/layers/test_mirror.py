"""Laws of the mirror."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from indeependence.encoder.layers.dense import soft_mirror
from indeependence.encoder.layers.mirror import mirror, unmirror

VALUES = arrays(np.int64, array_shapes(max_dims=3, max_side=6), elements=st.integers(-(10**6), 10**6))


@given(VALUES)
def test_unmirror_undoes_mirror_without_residue(values):
    back, residue = unmirror(mirror(values))
    np.testing.assert_array_equal(back, values)
    assert not residue.any()


@given(VALUES)
def test_mirrored_sides_are_never_negative_and_never_both_set(values):
    mirrored = mirror(values)
    assert (mirrored >= 0).all()
    assert (np.minimum(mirrored[..., 0::2], mirrored[..., 1::2]) == 0).all()


@given(VALUES)
def test_mirror_of_the_negative_swaps_the_sides(values):
    swapped = mirror(-values).reshape(*values.shape, 2)[..., ::-1].reshape(mirror(values).shape)
    np.testing.assert_array_equal(swapped, mirror(values))


def test_residue_is_the_square_of_the_smaller_side():
    value, residue = unmirror(np.array([1.0, 3.0]))
    assert value == -3 and residue == 1


def test_an_odd_number_of_sides_is_refused():
    with pytest.raises(ValueError, match="expected an even number of mirrored sides, got 3"):
        unmirror(np.zeros(3))


@given(arrays(np.int64, (5, 4), elements=st.integers(-300, 300)), st.integers(0, 20))
def test_soft_mirror_is_threshold_then_mirror_then_cut(values, threshold):
    shrunk = np.sign(values) * np.maximum(np.abs(values) - threshold, 0)
    expected = np.minimum(mirror(shrunk), 255)
    np.testing.assert_array_equal(soft_mirror(values.astype(np.float32), np.float32(threshold)), expected)

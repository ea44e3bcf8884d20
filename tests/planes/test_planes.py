"""Maps of few planes: sums, products and choices of planes against dense maps."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from indeependence.errors import InputError
from indeependence.planes.convolution import conv2d
from indeependence.planes.planes import (
    add,
    apply,
    concat,
    from_dense,
    from_planes,
    keys,
    multiply,
    strongest,
    to_dense,
    without_zeros,
)
from indeependence.sparse import PlaneWinners
from tests.planes.some_maps import FEW, SEEDS, SHAPES, SHARES, some_kernel, some_maps


@FEW
@given(SHAPES, SHARES, SEEDS)
def test_dense_maps_survive_and_only_planes_with_something_in_them_are_stored(shape, share, seed):
    dense = some_maps(shape, share, seed)
    maps = from_dense(dense)
    np.testing.assert_array_equal(to_dense(maps), dense)
    assert maps.count == (dense != 0).any((1, 2)).sum()
    assert (np.diff(keys(maps).numpy()) > 0).all() and maps.shape == shape


@FEW
@given(SHAPES, SHARES, SHARES, SEEDS)
def test_sums_are_of_the_union_and_products_of_the_intersection(shape, share, other_share, seed):
    one, other = some_maps(shape, share, seed), some_maps(shape, other_share, seed + 1000)
    planes = [set(keys(from_dense(maps)).numpy().tolist()) for maps in (one, other)]
    total, product = add(from_dense(one), from_dense(other)), multiply(from_dense(one), from_dense(other))
    np.testing.assert_array_equal(to_dense(total), one + other)
    np.testing.assert_array_equal(to_dense(product), one * other)
    assert keys(total).numpy().tolist() == sorted(planes[0] | planes[1])
    assert keys(product).numpy().tolist() == sorted(planes[0] & planes[1])


@FEW
@given(SHAPES, SHARES, SEEDS)
def test_new_planes_stand_beside_those_of_before(shape, share, seed):
    parts = [some_maps((*shape[:3], channels), share, seed + channels) for channels in (shape[3], 1, 3)]
    maps = concat([from_dense(part) for part in parts])
    np.testing.assert_array_equal(to_dense(maps), np.concatenate(parts, 3))
    assert (np.diff(keys(maps).numpy()) > 0).all()


@FEW
@given(SHAPES, SHARES, SEEDS)
def test_planes_come_in_any_order_and_those_at_one_place_add_up(shape, share, seed):
    maps = from_dense(some_maps(shape, share, seed))
    order = np.random.default_rng(seed).permutation(maps.count)
    twice = np.concatenate([order, order[::2]])
    values, example, channel = (tf.gather(part, twice) for part in (maps.values, maps.example, maps.channel))
    found = from_planes(values, example, channel, examples=shape[0], channels=shape[3])
    expected = to_dense(maps).numpy()
    for plane in order[::2]:
        expected[maps.example[plane], :, :, maps.channel[plane]] *= 2
    np.testing.assert_array_equal(to_dense(found), expected)


@FEW
@given(SHAPES, SHARES, SEEDS, st.integers(1, 4))
def test_the_strongest_planes_are_those_of_a_stable_sort(shape, share, seed, k):
    dense = some_maps(shape, share, seed)
    strength = np.abs(dense).sum((1, 2))
    order = np.argsort(-strength, axis=1, kind="stable")[:, :k]
    mask = np.zeros(strength.shape, bool)
    np.put_along_axis(mask, order, True, axis=1)
    expected = dense * mask[:, None, None]
    np.testing.assert_array_equal(to_dense(strongest(from_dense(dense), k)), expected)
    np.testing.assert_array_equal(PlaneWinners(min(k, shape[3]))(dense), expected)


def test_functions_that_leave_0_alone_are_applied_to_present_planes_only():
    dense = some_maps((2, 3, 3, 4), 0.5, 0)
    maps = apply(from_dense(dense), tf.nn.relu)
    np.testing.assert_array_equal(to_dense(maps), np.maximum(dense, 0))
    gone = without_zeros(apply(maps, lambda x: x * 0))
    assert gone.count == 0 and gone.shape == maps.shape
    with pytest.raises(InputError, match="leaves 0 at 0"):
        apply(maps, tf.exp)


def test_maps_go_through_compiled_functions():
    dense = some_maps((3, 4, 4, 5), 0.5, 1)
    doubled = tf.function(lambda maps: add(maps, strongest(maps, 5)))(from_dense(dense))
    np.testing.assert_array_equal(to_dense(doubled), 2 * dense)


def test_wrong_shapes_and_places_are_told():
    maps = from_dense(some_maps((2, 3, 3, 4), 1.0, 0))
    with pytest.raises(InputError, match="maps of one shape"):
        add(maps, from_dense(some_maps((2, 3, 3, 5), 1.0, 0)))
    with pytest.raises(InputError, match="channels alone"):
        concat([maps, from_dense(some_maps((2, 3, 4, 4), 1.0, 0))])
    with pytest.raises(InputError, match="each channel from 0 to 3, got 0 to 4"):
        from_planes(np.ones((2, 3, 3)), [0, 0], [0, 4], examples=1, channels=4)
    with pytest.raises(InputError, match="kernel for 4 channels, got one for 3"):
        conv2d(maps, some_kernel(3, 2, 0))
    with pytest.raises(InputError, match=r"maps \[N, H, W, C\]"):
        from_dense(np.ones((2, 3)))

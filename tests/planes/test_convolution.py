"""Convolution and pooling of few planes against those of TensorFlow, gradients too."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from indeependence.errors import InputError
from indeependence.planes.convolution import conv2d, conv2d_sparse, conv2d_transpose, kernel_from_dense, pool
from indeependence.planes.planes import from_dense, from_planes, to_dense
from tests.planes.some_maps import FEW, SEEDS, SHAPES, SHARES, some_kernel, some_maps


def dense_kernel(kernel):
    return tf.transpose(kernel, [1, 2, 0, 3])


@FEW
@given(SHAPES, SHARES, SEEDS, st.sampled_from(["SAME", "VALID"]), st.integers(1, 2))
def test_convolution_and_its_gradients_are_the_dense_ones(shape, share, seed, padding, strides):
    dense, kernel = tf.constant(some_maps(shape, share, seed)), tf.constant(some_kernel(shape[3], 4, seed))
    maps = from_dense(dense)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([dense, kernel, maps.values])
        expected = tf.nn.conv2d(dense, dense_kernel(kernel), strides, padding)
        found = conv2d(maps, kernel, strides=strides, padding=padding)
        losses = tf.reduce_sum(tf.sin(expected)), tf.reduce_sum(tf.sin(found))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    wanted = tape.gradient(losses[0], [dense, kernel])
    values, weights = tape.gradient(losses[1], [maps.values, kernel])
    places = np.stack([maps.example, maps.channel], 1)
    np.testing.assert_allclose(values, tf.gather_nd(tf.transpose(wanted[0], [0, 3, 1, 2]), places), atol=1e-4)
    assert isinstance(weights, tf.IndexedSlices)
    np.testing.assert_allclose(tf.convert_to_tensor(weights), wanted[1], atol=1e-4)


@FEW
@given(SHAPES, SHARES, SHARES, SEEDS, st.sampled_from(["SAME", "VALID"]), st.integers(1, 2))
def test_kernels_of_few_planes_give_what_dense_ones_do(shape, share, present, seed, padding, strides):
    dense = some_maps(shape, share, seed)
    weights = dense_kernel(some_kernel(shape[3], 4, seed, present))
    maps, kernel = from_dense(dense), kernel_from_dense(weights)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([weights, kernel.values])
        expected = tf.nn.conv2d(dense, weights, strides, padding)
        found = conv2d_sparse(maps, kernel, strides=strides, padding=padding)
        losses = tf.reduce_sum(tf.square(expected)), tf.reduce_sum(tf.square(found.values))
    np.testing.assert_allclose(to_dense(found), expected, atol=1e-4)
    reached = {(n, f) for n, c in zip(maps.example.numpy(), maps.channel.numpy(), strict=True)
               for i, f in zip(kernel.channel.numpy(), kernel.filter.numpy(), strict=True) if c == i}  # fmt: skip
    assert set(zip(found.example.numpy(), found.channel.numpy(), strict=True)) == reached
    wanted = tf.transpose(tape.gradient(losses[0], weights), [2, 3, 0, 1])
    places = np.stack([kernel.channel, kernel.filter], 1)
    gradient = tape.gradient(losses[1], kernel.values)
    np.testing.assert_allclose(gradient, tf.gather_nd(wanted, places), rtol=1e-3, atol=1e-3)


@FEW
@given(SHAPES, SHARES, SEEDS, st.sampled_from(["SAME", "VALID"]), st.integers(1, 4))
def test_transposed_convolution_is_the_dense_one(shape, share, seed, padding, strides):
    if padding == "VALID" and strides > 2:
        strides = 2  # TensorFlow adds rows that no kernel reaches
    dense, kernel = tf.constant(some_maps(shape, share, seed)), tf.constant(some_kernel(shape[3], 2, seed))
    n, height, width, _ = shape
    size = (height * strides, width * strides)
    if padding == "VALID":
        size = ((height - 1) * strides + 3, (width - 1) * strides + 2)
    maps = from_dense(dense)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([kernel])
        filters = tf.transpose(kernel, [1, 2, 3, 0])
        expected = tf.nn.conv2d_transpose(dense, filters, (n, *size, 2), strides, padding)
        found = conv2d_transpose(maps, kernel, strides=strides, padding=padding)
        losses = tf.reduce_sum(tf.square(expected)), tf.reduce_sum(tf.square(found))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    wanted, gradient = tape.gradient(losses[0], kernel), tape.gradient(losses[1], kernel)
    np.testing.assert_allclose(tf.convert_to_tensor(gradient), wanted, rtol=1e-3, atol=1e-3)


@FEW
@given(SHAPES, SHARES, SEEDS, st.sampled_from(["SAME", "VALID"]), st.sampled_from(["max", "mean"]))
def test_pooling_is_the_dense_one(shape, share, seed, padding, by):
    dense = some_maps(shape, share, seed)
    kind = {"max": "MAX", "mean": "AVG"}[by]
    expected = tf.nn.pool(dense, [2, 2], kind, strides=[2, 2], padding=padding)
    np.testing.assert_allclose(to_dense(pool(from_dense(dense), 2, padding=padding, by=by)), expected, atol=1e-6)
    with pytest.raises(InputError, match="'max' or 'mean'"):
        pool(from_dense(dense), 2, by="median")


def test_the_work_for_many_maps_is_that_of_the_few_present():
    maps = from_planes(np.ones((3, 4, 4), np.float32), [0, 1, 1], [5, 99_999, 7], examples=2, channels=100_000)
    kernel = tf.Variable(np.ones((100_000, 3, 3, 1), np.float32))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(conv2d(maps, kernel))
    gradient = tape.gradient(loss, kernel)
    assert sorted(gradient.indices.numpy()) == [5, 7, 99_999] and gradient.values.shape == (3, 3, 3, 1)
    assert maps.shape == (2, 4, 4, 100_000) and maps.values.shape == (3, 4, 4)

"""Maps of few planes: every operation against the dense one of TensorFlow and NumPy, gradients too."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from indeependence.errors import InputError
from indeependence.moments.ledger import accumulate_by_class
from indeependence.moments.moments import Moments
from indeependence.planes.class_maps import centred, class_maps, pictures_of, placed
from indeependence.planes.convolution import conv2d, conv2d_sparse, conv2d_transpose, kernel_from_dense, pool
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
from indeependence.sparse import PlaneKL, PlaneL1, PlaneWinners, ShrinkPlanes

# Keras's own, when it saves a model with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
SHAPES = st.tuples(st.integers(1, 4), st.integers(3, 7), st.integers(3, 7), st.integers(1, 6))
SHARES = st.sampled_from([0.0, 0.2, 0.6, 1.0])
SEEDS = st.integers(0, 999)
FEW = settings(max_examples=12)


def some_maps(shape, share, seed):
    """Dense maps of which that share of the planes is present, with small whole numbers."""
    rng = np.random.default_rng(seed)
    present = rng.random((shape[0], 1, 1, shape[3])) < share
    return (rng.integers(-3, 4, shape) * present).astype(np.float32)


def some_kernel(channels, filters, seed, share=1.0):
    rng = np.random.default_rng([seed, 1])
    present = rng.random((channels, 1, 1, filters)) < share
    return (rng.standard_normal((channels, 3, 2, filters)) * present).astype(np.float32)


def dense_kernel(kernel):
    return tf.transpose(kernel, [1, 2, 0, 3])


# The tensor


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


# Convolution and pooling


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


# Penalties


def test_group_lengths_are_those_of_numpy_and_their_gradient_is_finite_at_0():
    kernel = np.random.default_rng(0).standard_normal((3, 3, 4, 5)).astype(np.float32)
    kernel[..., 2, 3] = 0
    assert float(PlaneL1(0.5)(kernel)) == pytest.approx(0.5 * np.sqrt((kernel**2).sum((0, 1))).sum(), rel=1e-5)
    filters = 0.5 * np.sqrt((kernel**2).sum((0, 1, 2))).sum()
    assert float(PlaneL1(0.5, of="filters")(kernel)) == pytest.approx(filters, rel=1e-5)
    maps = 0.5 * np.sqrt((kernel**2).sum((1, 2))).sum() / 3
    assert float(PlaneL1(0.5, of="maps")(kernel)) == pytest.approx(maps, rel=1e-5)
    variable = tf.Variable(kernel)
    with tf.GradientTape() as tape:
        loss = PlaneL1(0.5)(variable)
    gradient = tape.gradient(loss, variable).numpy()
    assert np.isfinite(gradient).all() and not gradient[..., 2, 3].any()
    np.testing.assert_allclose(
        gradient[..., 0, 0], 0.5 * kernel[..., 0, 0] / np.linalg.norm(kernel[..., 0, 0]), rtol=1e-5
    )


@FEW
@given(st.floats(0.01, 0.99), SEEDS)
def test_the_divergence_is_that_of_coins_and_least_at_its_target(target, seed):
    maps = np.random.default_rng(seed).exponential(0.5, (4, 3, 3, 2)).astype(np.float32)
    share = np.mean(1 - np.exp(-maps.mean((1, 2))), axis=0)
    expected = np.sum(target * np.log(target / share) + (1 - target) * np.log((1 - target) / (1 - share)))
    assert float(PlaneKL(3.0, target=target)(maps)) == pytest.approx(3 * expected, rel=1e-3, abs=1e-4)
    assert np.isfinite(float(PlaneKL(3.0, target=target)(np.zeros((2, 2, 2, 1), np.float32))))


def test_shrinking_is_the_proximal_step_of_the_group_lengths():
    kernel = np.random.default_rng(0).standard_normal((3, 3, 2, 2)).astype(np.float32)
    amount = float(np.median(np.linalg.norm(kernel, axis=(0, 1))))
    shrunk = keras.ops.convert_to_numpy(ShrinkPlanes(amount)(kernel))

    def cost(candidate):
        return np.sum((candidate - kernel) ** 2) / 2 + amount * np.sqrt((candidate**2).sum((0, 1))).sum()

    assert 0 < (np.abs(shrunk).sum((0, 1)) == 0).sum() < 4
    rng = np.random.default_rng(1)
    assert all(cost(shrunk) <= cost(shrunk + 0.01 * rng.standard_normal(kernel.shape)) for _ in range(50))


@pytest.mark.parametrize("thing", [PlaneL1(0.1, of="maps"), PlaneKL(0.1, target=0.2), ShrinkPlanes(0.1, of="filters")])
def test_penalties_survive_their_description(thing):
    again = type(thing).from_config(thing.get_config())
    maps = np.random.default_rng(0).random((2, 3, 3, 4)).astype(np.float32)
    np.testing.assert_array_equal(again(maps), thing(maps))


def test_wrong_penalties_are_told():
    for wrong in (lambda: PlaneL1(-1), lambda: ShrinkPlanes(-1), lambda: PlaneKL(-1)):
        with pytest.raises(InputError, match="strength of at least 0"):
            wrong()
    with pytest.raises(InputError, match="between 0 and 1"):
        PlaneKL(1, target=1)
    with pytest.raises(InputError, match="kernel, filters, maps"):
        PlaneL1(1, of="trees")
    with pytest.raises(InputError, match="kernel or filters"):
        ShrinkPlanes(1, of="maps")
    with pytest.raises(InputError, match="at least 1 winner"):
        strongest(from_dense(np.ones((1, 2, 2, 1))), 0)


def test_planes_vanish_in_a_trained_model_that_keras_saves(tmp_path):
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).random((64, 6, 6, 1)).astype(np.float32)
    y = x[:, 1:-1, 1:-1].mean((1, 2, 3))
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.Conv2D(8, 3, activation="relu", kernel_constraint=ShrinkPlanes(0.01)),
            PlaneWinners(6),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(x, y, epochs=25, verbose=0)
    kernel = model.layers[0].kernel.numpy()
    gone = ~kernel.any((0, 1, 2))
    assert 0 < gone.sum() < 8
    assert kernel_from_dense(kernel).values.shape[0] == 8 - gone.sum()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5)


# From class maps to pictures


def blobs(count, seed=0):
    """Pictures 9x9 of two classes: a bar or a block of varying strength, at varying places with room around."""
    rng = np.random.default_rng(seed)
    pictures, labels = np.zeros((count, 9, 9), np.uint8), rng.integers(0, 2, count)
    for picture, label in zip(pictures, labels, strict=True):
        top, left = rng.integers(2, 5, 2)
        picture[top : top + 3, left + label : left + 3 - label] = rng.integers(100, 200)
    return pictures, labels


def kernels_of(variations=0):
    pictures, labels = blobs(80)
    moved = centred(pictures).reshape(80, -1)
    sums = accumulate_by_class(Moments.empty("pictures", 81), [(moved, labels)])
    return class_maps(sums, (9, 9), variations=variations), pictures, labels


def test_kernels_from_sums_are_those_of_least_squares_on_class_maps():
    maps, pictures, labels = kernels_of()
    ones = np.zeros((80, 9, 9, 2), np.float32)
    for index, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        centre = [round(float(np.average(np.arange(9), weights=picture.sum(axis)))) for axis in (1, 0)]
        ones[index, centre[0], centre[1], label] = 1
    # Plain version: every pixel of every picture regressed on the class maps around it.
    padded = np.pad(ones, [(0, 0), (4, 4), (4, 4), (0, 0)])
    seen = np.lib.stride_tricks.sliding_window_view(padded, (9, 9), (1, 2))[..., ::-1, ::-1].reshape(80 * 81, -1)
    used = seen.any(0)
    expected = np.zeros(2 * 81)
    expected[used] = np.linalg.lstsq(seen[:, used], pictures.reshape(-1).astype(float), rcond=None)[0]
    inside = used.reshape(2, 9, 9)
    np.testing.assert_allclose(maps.kernels[..., 0][inside], expected.reshape(2, 9, 9)[inside], atol=1e-3)


def test_a_one_in_the_map_of_a_class_becomes_its_picture_at_that_place():
    maps, _, _ = kernels_of()
    planes = placed(maps, [(0, 4, 5), (1, 4, 15)], (9, 20))
    assert planes.count == 2 and planes.shape == (1, 9, 20, 2)
    (picture,) = pictures_of(maps, planes)
    block, bar = np.round(maps.kernels[..., 0])
    np.testing.assert_array_equal(picture[:, 1:10], block)
    np.testing.assert_array_equal(picture[:, 11:20], bar)
    with pytest.raises(InputError, match="no class 7"):
        placed(maps, [(7, 0, 0)], (9, 9))
    with pytest.raises(InputError, match="within 9x9"):
        placed(maps, [(0, 0, 9)], (9, 9))


def test_drawn_pictures_vary_as_their_class_does():
    maps, pictures, labels = kernels_of(variations=3)
    drawn = np.concatenate(
        [pictures_of(maps, placed(maps, [(0, 4, 4)], (9, 9), spread=1.0, seed=seed)) for seed in range(80)]
    )
    known = centred(pictures)[labels == 0]
    np.testing.assert_allclose(drawn.mean(0), known.mean(0), atol=12)
    np.testing.assert_allclose(drawn.std(0), known.std(0), atol=12)


@FEW
@given(SEEDS, st.booleans())
def test_moved_pictures_keep_their_pixels_and_have_their_mass_in_the_middle(seed, colour):
    pictures, _ = blobs(1, seed)
    if colour:
        pictures = np.stack([pictures, pictures // 2, pictures // 3], -1)
    moved = centred(pictures)
    assert sorted(moved.ravel()) == sorted(pictures.ravel())
    mass = moved.reshape(9, 9, -1).sum(2).astype(float)
    for axis in (0, 1):
        assert abs(mass.sum(axis) @ np.arange(9) / mass.sum() - 4) <= 0.5
    np.testing.assert_array_equal(centred(np.zeros((2, 4, 4), np.uint8)), np.zeros((2, 4, 4)))


def test_the_command_draws_rows_and_one_picture(ask, refuse, tmp_path):
    import cv2

    told = ask("sparse", "planes", "--labels", "3,5", "--count", "3", "--output", "rows.png")
    assert told["pictures"] == 6 and told["maps"] == 10 * 21 and told["examples"] == 1438
    assert cv2.imread(str(tmp_path / "rows.png")).shape[0] == 2 * (56 + 2) + 2
    puts = ("--put", "3@3,3", "--put", "7@3,12", "--size", "8x16", "--variations", "0")
    assert ask("sparse", "planes", *puts, "--output", "one.png")["pictures"] == 1
    assert cv2.imread(str(tmp_path / "one.png"))[..., 0].max() > 100
    for file in tmp_path.glob("*.png"):
        file.unlink()
    assert "got '77'" in refuse("sparse", "planes", "--labels", "77")
    assert "LABEL@ROW,COLUMN" in refuse("sparse", "planes", "--put", "3", code=2)
    assert "rows x columns" in refuse("sparse", "planes", "--put", "3@1,1", "--size", "8", code=2)

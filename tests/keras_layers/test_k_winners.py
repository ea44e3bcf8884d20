"""k-winners and sparse layers in Keras: against NumPy's sort, their gradients, their memory, and life in a model."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from keras.optimizers.schedules import ExponentialDecay, PolynomialDecay

from indeependence.binary_codes.duty import duty_entropy, largest_entropy
from indeependence.encoder.layers.winners import winners
from indeependence.errors import InputError
from indeependence.keras_layers.k_winners import exact_winners
from indeependence.sparse import KWinners, KWinners2D, SoftKWinners, SparseConv2D, SparseDense

# Keras's own, when it saves a model with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
ROWS = arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=st.integers(-4, 4).map(float))


def plain(tensor):
    return tf.convert_to_tensor(tensor).numpy()


def by_sorting(scores, k):
    order = np.argsort(-scores, axis=-1, kind="stable")[..., :k]
    mask = np.zeros(scores.shape, bool)
    np.put_along_axis(mask, order, True, axis=-1)
    return mask


# k-winners


@given(ROWS, st.data())
def test_winners_are_the_first_of_a_stable_sort_in_tensorflow_as_in_numpy(scores, data):
    k = data.draw(st.integers(1, scores.shape[1]))
    mask = plain(exact_winners(scores, k))
    np.testing.assert_array_equal(mask, by_sorting(scores, k))
    np.testing.assert_array_equal(mask, winners(scores, k))


def test_scores_are_boosted_but_winners_keep_their_value():
    layer = KWinners(2, boost=1.5)
    layer.build((None, 5))
    duty = np.array([0.9, 0.0, 0.5, 0.1, 0.4], np.float32)
    layer.duty.assign(duty)
    x = np.random.default_rng(0).random((40, 5)).astype(np.float32)
    mask = by_sorting(x * np.exp(1.5 * (2 / 5 - duty)), 2)
    assert (mask != by_sorting(x, 2)).any()
    np.testing.assert_array_equal(plain(layer(x)), np.where(mask, x, 0))


@pytest.mark.parametrize("layer", [KWinners(3), KWinners2D(3), KWinners2D(7, over="map")], ids=lambda one: one.name)
def test_the_gradient_is_1_at_winners_and_0_elsewhere(layer):
    x = tf.constant(np.random.default_rng(0).standard_normal((4, 2, 3, 6)), tf.float32)
    for training in (True, False):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=training)
        np.testing.assert_array_equal(tape.gradient(y, x).numpy(), y.numpy() != 0)
        assert (y.numpy() != 0).sum() == (4 * 7 if layer.name.endswith("_1") else 4 * 6 * 3)


def test_winners_over_a_map_are_those_of_the_flattened_map():
    x = np.random.default_rng(0).standard_normal((5, 3, 4, 2)).astype(np.float32)
    layer = KWinners2D(0.25, over="map", boost=0.0)
    mask = by_sorting(x.reshape(5, -1), 6).reshape(x.shape)
    np.testing.assert_array_equal(plain(layer(x)), np.where(mask, x, 0))
    np.testing.assert_array_equal(
        plain(KWinners2D(1, boost=0.0)(x)), np.where(by_sorting(x, 1), x, 0)
    )  # at each place, over the channels


def test_the_number_of_winners_at_inference_may_differ():
    x = np.random.default_rng(0).random((6, 20)).astype(np.float32)
    for layer, expected in ((KWinners(4, k_inference=6), 6), (KWinners(4), 4), (KWinners(0.2, k_inference=0.5), 10)):
        assert ((plain(layer(x, training=True)) != 0).sum(1) == 4).all()
        assert ((plain(layer(x)) != 0).sum(1) == expected).all()


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(1, 50), st.integers(0, 99))
def test_duty_stays_a_share_for_any_batches_and_periods(batches, period, seed):
    layer = KWinners(2, period=period)
    rng = np.random.default_rng(seed)
    shares, rows = [], 0
    for batch in batches:
        y = plain(layer(rng.random((batch, 4)).astype(np.float32) + 0.1, training=True))
        shares.append((y != 0).mean(0))
        rows += batch
        duty = plain(layer.duty)
        assert (duty >= 0).all() and (duty <= 1 + 1e-6).all()
        np.testing.assert_allclose(duty.sum(), 2, rtol=1e-5)  # two of four win in each row
    if rows <= period:
        np.testing.assert_allclose(duty, np.average(shares, axis=0, weights=batches), atol=1e-5)


def test_duty_forgets_with_its_period_and_only_training_changes_it():
    layer = KWinners(1, boost=0.0, period=10)
    first, second = np.array([[1.0, 0.0]], np.float32), np.array([[0.0, 1.0]], np.float32)
    for _ in range(50):
        layer(first, training=True)
    np.testing.assert_allclose(plain(layer.duty), [1, 0], atol=1e-6)
    layer(second)
    np.testing.assert_allclose(plain(layer.duty), [1, 0], atol=1e-6)
    layer(second, training=True)
    np.testing.assert_allclose(plain(layer.duty), [0.9, 0.1], atol=1e-6)


def test_boosting_shares_the_work_evenly():
    x = np.random.default_rng(0).random((200, 20)).astype(np.float32) * np.linspace(0.2, 1, 20, dtype=np.float32)
    entropies = {}
    for boost in (0.0, 20.0):
        layer = KWinners(4, boost=boost, period=400)
        for start in range(0, 2000, 10):
            layer(x[start % 200 :][:10], training=True)
        entropies[boost] = duty_entropy(plain(layer.duty))
    assert entropies[0.0] < 0.75 * largest_entropy(20, 4) and entropies[20.0] > 0.9 * largest_entropy(20, 4)


def test_boost_decays_by_its_schedule():
    scheduled, fixed = KWinners(1, boost=ExponentialDecay(8.0, 1, 0.5)), KWinners(1, boost=1.0)
    x = np.random.default_rng(0).random((50, 6)).astype(np.float32)
    for layer in (scheduled, fixed):
        layer.build(x.shape)
        layer.duty.assign(np.linspace(0, 1, 6))
    scheduled.steps.assign(3)  # 8 · 0.5³ = 1
    np.testing.assert_array_equal(plain(scheduled(x)), plain(fixed(x)))
    scheduled.steps.assign(0)
    assert (plain(scheduled(x)) != plain(fixed(x))).any()


def test_wrong_settings_are_told():
    for wrong in (0, 8, 1.5, -0.1):
        with pytest.raises(InputError, match="expected 1 to 7 winners, or a share between 0 and 1, got"):
            KWinners(wrong)(np.zeros((1, 7), np.float32))
    with pytest.raises(InputError, match="winners over 'channels' or 'map', got 'pixels'"):
        KWinners2D(1, over="pixels")
    with pytest.raises(InputError, match="expected a density above 0 and up to 1, got 0"):
        SparseDense(3, 0)
    with pytest.raises(InputError, match="expected fewer winners than the 4 units"):
        SoftKWinners(4)(np.zeros((1, 4), np.float32))


# Soft k-winners


def test_soft_winners_approach_exact_ones_as_they_harden():
    x = np.random.default_rng(0).standard_normal((30, 12)).astype(np.float32)
    exact = by_sorting(x, 3)
    off = [
        np.abs(plain(SoftKWinners(3, hardness=hardness)(x, training=True)) - exact).mean()
        for hardness in (1.0, 10, 1e4)
    ]
    assert off[0] > off[1] > off[2] and off[2] < 0.01
    np.testing.assert_array_equal(plain(SoftKWinners(3)(x)), exact)


def test_fewer_units_win_from_step_to_step_if_the_schedule_says_so_and_k_of_them_in_the_end():
    x = np.random.default_rng(0).standard_normal((30, 12)).astype(np.float32)
    layer = SoftKWinners(2, k_training=PolynomialDecay(8.0, 3, 2.0), hardness=1e4)
    won = [plain(layer(x, training=True)).round().sum(1) for _ in range(5)]
    assert [set(one) for one in won] == [{8}, {6}, {4}, {2}, {2}]
    np.testing.assert_array_equal(plain(layer(x)), by_sorting(x, 2))
    share = SoftKWinners(3, k_training=0.5, hardness=1e4)
    assert set(plain(share(x, training=True)).round().sum(1)) == {6}
    again = SoftKWinners.from_config(layer.get_config())
    assert set(plain(again(x, training=True)).round().sum(1)) == {8}
    with pytest.raises(InputError, match="k_training"):
        SoftKWinners(2, k_training=-1)


def test_soft_winners_have_the_slope_of_their_formula():
    x = tf.constant(np.random.default_rng(0).standard_normal((2, 6)), tf.float32)
    layer = SoftKWinners(2, hardness=1.3)
    theory, numeric = tf.test.compute_gradient(lambda value: layer(value, training=True), [x], delta=1e-3)
    np.testing.assert_allclose(theory[0], numeric[0], atol=2e-3)


# Sparse weights


@pytest.mark.parametrize(
    ("layer", "shape"), [(SparseDense(7, 0.3), (5, 10)), (SparseConv2D(7, 3, 0.3, padding="same"), (5, 6, 6, 2))]
)
def test_a_sparse_layer_is_the_dense_one_with_a_masked_kernel(layer, shape):
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    y = plain(layer(x))
    kernel = plain(layer.kernel) * plain(layer.mask)
    dense = keras.layers.Dense(7) if len(shape) == 2 else keras.layers.Conv2D(7, 3, padding="same")
    dense.build(shape)
    dense.kernel.assign(kernel)
    np.testing.assert_allclose(y, plain(dense(x)), atol=1e-5)
    seen = plain(layer.mask).reshape(-1, 7).sum(0)
    assert (seen == (3 if len(shape) == 2 else 5)).all()
    assert len(np.unique(plain(layer.mask).reshape(-1, 7), axis=1).T) > 1  # each unit has inputs of its own


def test_weights_begin_with_the_variance_of_their_true_fan_in():
    layer = SparseDense(400, 0.1, kernel_initializer=keras.initializers.HeNormal(seed=0))
    layer.build((None, 500))
    kernel, mask = plain(layer.kernel), plain(layer.mask).astype(bool)
    assert not kernel[~mask].any()
    assert kernel[mask].var() == pytest.approx(2 / 50, rel=0.05)


def test_masked_weights_never_take_part_whatever_the_optimiser_does():
    layer = SparseDense(4, 0.5)
    model = keras.Sequential([keras.Input((6,)), layer])
    model.compile(keras.optimizers.AdamW(0.1, weight_decay=0.1), "mse")
    rng = np.random.default_rng(0)
    model.fit(rng.random((64, 6)), rng.random((64, 4)), epochs=2, verbose=0)
    x = rng.random((1, 6)).astype(np.float32)
    for unit, unseen in zip(range(4), (plain(layer.mask) == 0).T, strict=True):
        changed = np.where(unseen, 100.0, x).astype(np.float32)
        assert plain(model(changed))[0, unit] == pytest.approx(plain(model(x))[0, unit], rel=1e-5)


# In models


def small_model():
    inputs = keras.Input((8, 8, 1))
    x = SparseConv2D(6, 3, 0.5, kernel_regularizer=keras.regularizers.L2(1e-4))(inputs)
    x = KWinners2D(2, name="places")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    x = KWinners2D(0.3, over="map", name="map")(x)
    x = SparseDense(30, 0.4, activation="relu")(keras.layers.Flatten()(x))
    x = KWinners(5, k_inference=7, boost=ExponentialDecay(1.5, 10, 0.9), period=100, name="rows")(x)
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))


def test_all_layers_learn_under_fit_and_come_back_from_a_file_with_their_duty(tmp_path):
    keras.utils.set_random_seed(0)
    model = small_model()
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    x = rng.random((300, 8, 8, 1)).astype(np.float32) * 0.3
    x[y == 1, 2:6, 2:6] += 0.7
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=6, batch_size=32, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] > 0.9
    duty = plain(model.get_layer("rows").duty)
    assert duty.sum() > 0.5 and int(model.get_layer("rows").steps.value) == 60
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(plain(again.get_layer("rows").duty), duty)
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    again.fit(x[:32], y[:32], verbose=0)
    assert int(again.get_layer("rows").steps.value) == 61


def test_a_sequential_model_with_soft_winners_comes_back_too(tmp_path):
    hardness = PolynomialDecay(1.0, 10, 20.0)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(10), SoftKWinners(3, hardness=hardness)])
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).random((40, 6)).astype(np.float32)
    model.fit(x, np.zeros((40, 10)), verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert isinstance(again.layers[-1].hardness, PolynomialDecay)


def test_half_precision_keeps_exactly_k(tmp_path):
    layer = KWinners(3, dtype="mixed_float16")
    y = layer(np.random.default_rng(0).random((4, 9)).astype(np.float16), training=True)
    assert y.dtype == "float16" and ((plain(y) != 0).sum(1) == 3).all() and layer.duty.dtype == "float32"

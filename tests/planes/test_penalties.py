"""Penalties on planes, against NumPy and the formulas, and in a trained model."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from indeependence.errors import InputError
from indeependence.planes.convolution import kernel_from_dense
from indeependence.planes.planes import from_dense, strongest
from indeependence.sparse import PlaneKL, PlaneL1, PlaneWinners, ShrinkPlanes
from tests.planes.some_maps import FEW, SEEDS

# Keras's own, when it saves a model with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


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

"""The mirror as a Keras layer: what `mirror` gives, in every kind of model, and from a file."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from indeependence.encoder.layers.mirror import mirror
from indeependence.keras_layers.mirrored_relu import MirroredReLU

pytestmark = pytest.mark.slow  # seconds, or many of them

NORMAL = st.floats(-1e6, 1e6, width=32, allow_subnormal=False)  # TensorFlow takes subnormal numbers for zero
VALUES = arrays(np.float32, array_shapes(min_dims=2, max_dims=4), elements=NORMAL)


@given(VALUES)
def test_the_layer_gives_what_mirror_gives(values):
    layer = MirroredReLU()
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(values)), mirror(values))
    assert layer.compute_output_shape(values.shape) == mirror(values).shape


def sequential():
    """A model of sequences of any length."""
    return keras.Sequential(
        [keras.Input((None, 5)), keras.layers.Dense(4), MirroredReLU(), keras.layers.GlobalAveragePooling1D()]
    )


def functional():
    """A model of two ways."""
    inputs = keras.Input((6, 5))
    mirrored = MirroredReLU(name="mirrored")(inputs)
    return keras.Model(inputs, keras.layers.Flatten()(keras.layers.Concatenate()([mirrored, inputs])))


@pytest.mark.parametrize("make", [sequential, functional])
def test_a_saved_model_answers_the_same(make, tmp_path):
    model, inputs = make(), np.random.default_rng(0).standard_normal((3, 6, 5)).astype(np.float32)
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras", safe_mode=True)
    np.testing.assert_array_equal(again.predict_on_batch(inputs), model.predict_on_batch(inputs))


def test_a_new_process_needs_one_import(tmp_path):
    sequential().save(tmp_path / "m.keras")
    code = (
        "import keras; from indeependence import MirroredReLU\n"
        f"print(keras.saving.load_model({str(tmp_path / 'm.keras')!r}).output_shape)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "(None, 8)\n"


def test_gradients_and_masks_pass_through():
    inputs = np.random.default_rng(0).standard_normal((64, 3)).astype(np.float32)
    model = keras.Sequential([keras.Input((3,)), MirroredReLU(), keras.layers.Dense(1, use_bias=False)])
    model.compile("adam", "mse")
    before = model.evaluate(inputs, np.abs(inputs).sum(1), verbose=0)
    model.fit(inputs, np.abs(inputs).sum(1), epochs=3, verbose=0)
    assert model.evaluate(inputs, np.abs(inputs).sum(1), verbose=0) < before
    assert MirroredReLU().supports_masking

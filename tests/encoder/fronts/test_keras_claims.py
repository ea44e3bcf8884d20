"""What a small .keras file claims is refused before anything of that size is allocated."""

import json
import zipfile

import h5py
import keras
import numpy as np
import pytest

from indeependence.encoder.fronts import keras_claims
from indeependence.encoder.fronts.keras_archive import weights_in
from indeependence.encoder.fronts.pretrained import pretrained, read_network
from indeependence.errors import InputError
from indeependence.keras_layers.sparse import SparseConv2D, SparseDense

pytestmark = pytest.mark.slow  # Keras alone takes seconds
layers = keras.layers


def forged(path, model, *changes, more=None):
    """Return the path of a model's file in whose config each of the texts was changed."""
    model.save(path / "true.keras")
    with zipfile.ZipFile(path / "true.keras") as source, zipfile.ZipFile(path / "f.keras", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                for old, new in changes:
                    assert old.encode() in content
                    content = content.replace(old.encode(), new.encode())
            target.writestr(name, content)
        for name, content in (more or {}).items():
            target.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path / "f.keras"


@pytest.fixture
def unbuilt(monkeypatch):
    """Let nothing be allocated: Keras's own loading is not reached."""
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: pytest.fail("it was loaded"))


BOMBS = {
    "dense": ([keras.Input((8,)), layers.Dense(4)], ('"units": 4', '"units": 12000000')),
    "inside": ([keras.Input((8,)), keras.Sequential([layers.Dense(4)])], ('"units": 4', '"units": 12000000')),
    "recurrent": ([keras.Input((8, 2)), layers.LSTM(7)], ('"units": 7', '"units": 30000')),
    "table": ([keras.Input((8,)), layers.Embedding(7, 4)], ('"input_dim": 7', '"input_dim": 700000000')),
    "sparse": ([keras.Input((8,)), SparseDense(4, 0.5)], ('"units": 4', '"units": 40000000')),
    "copies": ([keras.Input((8,)), layers.RepeatVector(7)], ('"n": 7', '"n": 100000000')),
    "picture": ([keras.Input((8, 8, 1)), layers.UpSampling2D(7)], ("[7, 7]", "[7000, 7000]")),
}


@pytest.mark.usefixtures("unbuilt")
@pytest.mark.parametrize("kind", BOMBS)
def test_a_claim_of_more_than_the_file_holds_is_refused_before_it_is_allocated(tmp_path, kind):
    built, change = BOMBS[kind]
    front = read_network(forged(tmp_path, keras.Sequential(built), change))
    with pytest.raises(InputError, match="bytes of weights, its file holds|GB of 32 inputs, at most 4 are usable"):
        _ = front.model


def test_layers_that_are_used_twice_and_layers_with_states_are_no_claim(tmp_path):
    inputs, twice = keras.Input((8,)), layers.Dense(8)
    model = keras.Model(inputs, layers.Dropout(0.5)(layers.BatchNormalization()(twice(twice(inputs)))))
    x = np.ones((2, 8), np.float32)
    expected = model.predict_on_batch(np.vstack([x, np.zeros((30, 8), np.float32)]))[:2]
    front = pretrained(forged(tmp_path, model))
    np.testing.assert_array_equal(front(x), expected)
    assert front.name == model.name  # the config is as it was


def test_sparse_layers_of_our_own_are_built_from_shapes_alone(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 1)), SparseConv2D(4, 3, 0.3), layers.Flatten(), SparseDense(2, 0.5)])
    x = np.ones((32, 8, 8, 1), np.float32)
    np.testing.assert_array_equal(pretrained(forged(tmp_path, model))(x), model.predict_on_batch(x))


@pytest.mark.usefixtures("unbuilt")
@pytest.mark.parametrize("name", ["StringLookup", "TFSMLayer"])
def test_layers_that_read_other_files_are_refused(tmp_path, name):
    model = keras.Sequential([keras.Input((8,)), layers.Activation("relu")])
    with pytest.raises(InputError, match="reads other files"):
        _ = read_network(forged(tmp_path, model, ('"class_name": "Activation"', f'"class_name": "{name}"'))).model


def test_packed_files_of_any_name_in_the_archive_and_deep_configs_are_refused(tmp_path):
    model = keras.Sequential([keras.Input((8,)), layers.Activation("relu")])
    with pytest.raises(InputError, match="got a packed archive"):
        read_network(forged(tmp_path, model, more={"assets/x": bytes(1 << 20)}))
    deep = json.loads("[" * 900 + "]" * 900)
    with pytest.raises(InputError, match="at most 200 levels"):
        keras_claims.check_config({"config": deep})


def test_weights_in_another_file_are_refused(tmp_path):
    model = keras.Sequential([keras.Input((8,)), layers.Dense(4)])
    model.save_weights(tmp_path / "w.weights.h5")
    with h5py.File(tmp_path / "w.weights.h5", "a") as file:
        file["elsewhere"] = h5py.ExternalLink("/etc/other.h5", "/")
    with pytest.raises(InputError, match="got weights that are elsewhere"):
        list(weights_in((tmp_path / "w.weights.h5").read_bytes()))

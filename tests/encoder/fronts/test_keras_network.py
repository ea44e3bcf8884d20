"""A Keras model as frozen encoder: equal bits however inputs are cut, kept in the model file, no other one taken."""

import copy
import json
import pickle
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from indeependence import ContinualClassifier, MirroredReLU, load_dataset
from indeependence.encoder.fronts.keras_network import BATCH, KerasNetwork
from indeependence.encoder.fronts.pretrained import pretrained, read_network
from indeependence.errors import InputError
from indeependence.export.files import write_keras

pytestmark = pytest.mark.slow  # seconds, or many of them

LAYERS = "+sparse:30"


def network(seed=0, shape=(8, 8, 1)):
    """An untrained network with convolutions, normalisation and our own layer; its weights follow from the seed."""
    keras.utils.set_random_seed(seed)
    keras.backend.clear_session()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(6, 3),
            layers.BatchNormalization(),
            MirroredReLU(),
            layers.AveragePooling2D(2),
            layers.Flatten(),
        ],
        name="small",
    )


@pytest.fixture(scope="module")
def digits():
    data = load_dataset("digits")
    return data.x_train[:200], data.y_train[:200], data.x_test, data.y_test


@pytest.fixture(scope="module")
def front():
    return pretrained(network())


@pytest.fixture(scope="module")
def model(front, digits):
    return ContinualClassifier(LAYERS, encoder=front).fit(*digits[:2])


@settings(max_examples=15)
@given(st.permutations(range(70)), st.integers(1, 70))
def test_an_example_has_one_code_in_every_order_and_batch(model, digits, order, size):
    rows = digits[0][:70]
    whole = model.encoder_(rows)
    parts = [model.encoder_(rows[list(order[start : start + size])]) for start in range(0, 70, size)]
    np.testing.assert_array_equal(np.concatenate(parts), whole[list(order)])


def test_features_are_what_keras_predicts(front, digits):
    expected = network().predict_on_batch(digits[0][:BATCH, ..., None].astype(np.float32))
    np.testing.assert_array_equal(front(digits[0][:BATCH]), expected)
    assert front(digits[0][: BATCH + 1]).shape == (BATCH + 1, expected.shape[1])


def test_it_learns_what_the_layers_learn_from_its_outputs(model, front, digits):
    assert model.score(*digits[2:]) > 0.8  # by chance 0.1
    apart = ContinualClassifier(LAYERS).fit(front(digits[0]), digits[1])
    np.testing.assert_array_equal(apart.moments_.products, model.moments_.products)


def test_halves_learned_apart_merge_to_the_whole(model, digits):
    halves = [clone(model).start(model.encoder_).learn([(digits[0][part], digits[1][part])]) for part in HALVES]
    assert halves[0].merge(halves[1]).moments_.fingerprint == model.moments_.fingerprint


HALVES = (slice(0, 90), slice(90, None))


def test_a_file_brings_its_network_with_it(model, digits, tmp_path):
    model.save(tmp_path / "m")
    again = ContinualClassifier.load(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(digits[2]), model.predict_proba(digits[2]))
    assert again.encoder.fingerprint == model.encoder_.front.fingerprint
    assert clone(again).fit(*digits[:2]).moments_.fingerprint == model.moments_.fingerprint


def test_a_fingerprint_is_of_content_not_of_the_moment_of_saving(front, tmp_path):
    network().save(tmp_path / "one.keras")
    keras.saving.load_model(tmp_path / "one.keras").save(tmp_path / "two.keras")
    prints = {read_network(tmp_path / f"{name}.keras").fingerprint for name in ("one", "two")}
    assert prints == {front.fingerprint}
    assert pretrained(network(seed=1)).fingerprint != front.fingerprint  # other weights
    other = network()
    other.layers[1].strides = (2, 2)  # other architecture, same weights
    assert pretrained(other).fingerprint != front.fingerprint


def test_it_travels_without_its_network(front, digits):
    front(digits[0][:2])
    for other in (pickle.loads(pickle.dumps(front)), copy.deepcopy(front)):
        assert other.fingerprint == front.fingerprint and "model" not in vars(other.network)
        np.testing.assert_array_equal(other(digits[0][:2]), front(digits[0][:2]))
    assert len(repr(front)) < 100


def test_grey_pictures_get_as_many_channels_as_asked_for(digits):
    coloured = pretrained(network(shape=(8, 8, 3)))
    repeated = np.repeat(digits[0][:5, ..., None], 3, axis=-1)
    np.testing.assert_array_equal(coloured(digits[0][:5]), coloured(repeated))


def two_inputs():
    """A model of two inputs."""
    one, other = keras.Input((3,)), keras.Input((3,))
    return keras.Model([one, other], keras.layers.Add()([one, other]))


def hidden_nan():
    """A model with a weight that is no number, which its ReLU makes 0."""
    dense = keras.layers.Dense(2, activation="relu", name="dense")
    model = keras.Sequential([keras.Input((8, 8)), keras.layers.Flatten(), dense])
    dense.set_weights([np.full((64, 2), np.nan), np.zeros(2)])
    return model


@pytest.mark.parametrize(
    "source, message",
    [
        (
            lambda: network(shape=(8, 8, 2)),
            "expected inputs of shape 8x8x2, as the network asks for, got 8x8: take data",
        ),
        (lambda: keras.Sequential([keras.layers.Dense(3)]), "knows its input's shape: give it an Input layer"),
        (two_inputs, "one input and one output, got 2 and 1"),
        (lambda: 3, "expected a Keras model, a .keras or .onnx file or the name of a network, got int"),
        (
            lambda: keras.Sequential([keras.Input((8, 8)), keras.layers.Lambda(lambda x: x)]),
            "Python code .a Lambda layer, say., which is not run",
        ),
        (
            lambda: keras.Sequential([keras.Input((8, 8)), keras.layers.Rescaling(np.inf)]),
            "expected a network of finite outputs",
        ),
        (hidden_nan, "expected a network of numbers, got NaN in .*dense/kernel: train it anew"),
    ],
)
def test_what_cannot_be_an_encoder_is_refused_at_once(source, message, digits):
    with pytest.raises(InputError, match=message):
        ContinualClassifier("inputs", encoder=source()).fit(*digits[:2])


@pytest.fixture
def file(tmp_path):
    network().save(tmp_path / "net.keras")
    return tmp_path / "net.keras"


def test_no_file_that_is_no_model_is_read(file, tmp_path):
    content = {name: zipfile.ZipFile(file).read(name) for name in ("config.json", "model.weights.h5")}

    def archive(name, packed=zipfile.ZIP_STORED, **changed):
        with zipfile.ZipFile(tmp_path / name, "w", packed) as members:
            for member, data in {**content, **changed}.items():
                members.writestr(member, data)
        return tmp_path / name

    bomb = archive("bomb.keras", zipfile.ZIP_DEFLATED, **{"model.weights.h5": bytes(10**6)})
    for path, message in [
        (tmp_path / "none.keras", "No such file"),
        (tmp_path / "net.h5", "expected a .keras or .onnx file: load the network in Keras"),
        (bomb, "got a packed archive"),
        (archive("bad.keras", **{"config.json": b"[1]"}), "got a damaged one"),
        (archive("odd.keras", **{"config.json": b'{"config": {"name": 3}}'}), "got one without a name"),
    ]:
        with pytest.raises(InputError, match=message):
            read_network(path)
    (tmp_path / "text.keras").write_text("no archive")
    with pytest.raises(InputError, match="got something else"):
        read_network(tmp_path / "text.keras")
    with pytest.raises(InputError, match="got damaged weights"):
        read_network(archive("cut.keras", **{"model.weights.h5": content["model.weights.h5"][:3000]}))
    layer = json.dumps(json.loads(content["config.json"])).replace("Rescaling", "Unheard")
    with pytest.raises(InputError, match="cannot load the Keras model: .*Unheard"):
        _ = KerasNetwork(archive("odd.keras", **{"config.json": layer.encode()}).read_bytes()).model
    elsewhere(tmp_path / "far.h5", tmp_path / "secret")
    with pytest.raises(InputError, match="got weights that are elsewhere"):
        read_network(archive("far.keras", **{"model.weights.h5": (tmp_path / "far.h5").read_bytes()}))


def elsewhere(path, secret):
    """A file of HDF5 whose numbers are the bytes of another file."""
    secret.write_bytes(bytes(4000))
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/vars/0", (1000,), "float32", external=[(str(secret), 0, 4000)])


def test_the_command_line_keeps_the_encoder_and_refuses_another(file, ask, refuse):
    told = ask("train", "--layers", LAYERS, "--encoder", file, "--classes", "0,1", "--model", "m")
    assert told["keras_encoder"] == "small" and told["accuracy_on_learned_classes"] > 0.95
    ask("train", "--classes", "2,3", "--load", "--model", "m", "--encoder", file)
    file.rename(file.with_name("moved.keras"))  # next week it is somewhere else
    moved = file.with_name("moved.keras")
    answers = ask("infer", "--model", "m", "--limit", 3)["answers"]
    assert ask("infer", "--model", "m", "--limit", 3, "--encoder", moved)["answers"] == answers
    assert ask("inspect", "m")["keras_encoder_sha256"] == read_network(moved).fingerprint
    network(seed=1).save("other.keras")
    message = refuse("infer", "--model", "m", "--encoder", "other.keras")
    assert message.startswith("--encoder is not the network that m was bootstrapped with (small")
    refuse("train", "--classes", "4", "--load", "--model", "m", "--encoder", "other.keras")
    ask("train", "--layers", "inputs", "--classes", "0,1", "--model", "plain")
    assert "bootstrapped without a network" in refuse("infer", "--model", "plain", "--encoder", moved)
    assert "--encoder goes with --kind classifier" in refuse(
        "train", "--kind", "autoencoder", "--encoder", moved, code=2
    )


def test_a_run_with_an_encoder_is_evaluated_and_exported(file, ask):
    result = ask("evaluate", "--layers", LAYERS, "--encoder", file)
    assert result["average_accuracy"] > 0.85
    ask("train", "--layers", LAYERS, "--encoder", file, "--model", "m")
    ask("export", "m", "--output", "w.safetensors")
    assert Path("w.safetensors").stat().st_size > file.stat().st_size
    both = [ask("infer", "--model", name, "--limit", 9)["answers"] for name in ("m", "w.safetensors")]
    assert [[answer[name] for answer in both[0]] for name in ("label", "probability")] == [
        [answer[name] for answer in both[1]] for name in ("label", "probability")
    ]


def coloured(pictures):
    """Pictures of three different colours."""
    return np.stack([pictures, 255 - pictures, pictures // 3], axis=-1)


def test_pictures_of_another_size_are_resized_said_and_exported(digits, tmp_path, caplog):
    front = pretrained(network(shape=(16, 16, 3)), scale="caffe")
    with caplog.at_level("INFO", logger="indeependence"):
        model = ContinualClassifier(LAYERS, encoder=front).fit(coloured(digits[0]), digits[1])
    assert "pictures of 8x8 are resized to 16x16, as small asks for" in caplog.text
    write_keras(tmp_path / "m.keras", model.predictor.for_export())
    again = keras.saving.load_model(tmp_path / "m.keras").predict_on_batch(coloured(digits[2]).astype(np.float32))
    np.testing.assert_array_equal(again.argmax(1), model.predict(coloured(digits[2])))

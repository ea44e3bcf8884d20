"""A front in double precision: its outputs agree however its sums are taken, and it goes where any front goes."""

import json
import zipfile

import keras
import numpy as np
import pytest

from indeependence import ContinualClassifier, load_dataset
from indeependence.encoder.fronts.double_precision import is_double
from indeependence.encoder.fronts.pretrained import pretrained
from indeependence.errors import InputError
from indeependence.export.keras_model import keras_model

pytestmark = pytest.mark.slow

WIDE = 400


def network(order):
    """A network of sums over 400 units, which are taken in that order."""
    keras.backend.clear_session()  # or layers get other names
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal(shape).astype(np.float32) for shape in ((64, WIDE), (WIDE, 30))]
    layers = keras.layers
    inner = [layers.Dense(units, "relu", use_bias=False) for units in (WIDE, 30)]
    inside = keras.Sequential([keras.Input((64,)), *inner], name="inside")
    inside.set_weights([weights[0][:, order], weights[1][order]])
    return keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), inside], name="sums")


@pytest.fixture(scope="module")
def digits():
    data = load_dataset("digits")
    return data.x_train, data.y_train, data.x_test


def test_outputs_agree_in_double_precision_and_not_in_single(digits):
    orders = np.arange(WIDE), np.arange(WIDE)[::-1]
    single = [pretrained(network(order))(digits[0]) for order in orders]
    double = [pretrained(network(order), double=True)(digits[0]) for order in orders]
    assert (single[0] != single[1]).mean() > 0.1
    np.testing.assert_array_equal(*double)
    np.testing.assert_allclose(double[0], single[0], rtol=1e-4, atol=1e-2)
    assert double[0].dtype == np.float32


def test_it_is_a_front_of_its_own_with_equal_weights(digits, tmp_path):
    front, single = pretrained(network(np.arange(WIDE)), double=True), pretrained(network(np.arange(WIDE)))
    assert is_double(front.network) and not is_double(single.network) and front.fingerprint != single.fingerprint
    assert (
        pretrained(front, double=True).network.archive == front.network.archive
        and pretrained(single, double=True).fingerprint == front.fingerprint
    )
    model = ContinualClassifier("+sparse:30", encoder=front).fit(*digits[:2])
    model.save(tmp_path / "model.safetensors")
    again = ContinualClassifier.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict_proba(digits[2]), model.predict_proba(digits[2]))
    exported = keras_model(model.predictor).predict(digits[2].astype(np.float32), verbose=0)
    np.testing.assert_allclose(exported, model.predict_proba(digits[2]), atol=1e-6)


def test_the_command_line_makes_it_keeps_it_and_refuses_it_without_a_front(ask, refuse):
    network(np.arange(WIDE)).save("front.keras")
    asked = ("train", "--data", "digits", "--layers", "+sparse:20", "--limit", 100)
    front = ("--encoder", "front.keras")
    assert ask(*asked, *front, "--double", "--model", "d")["keras_encoder_precision"] == "double"
    assert ask(*asked, *front, "--load", "--model", "d")["examples"] == 200
    assert "keras_encoder_precision" not in ask(*asked, *front, "--model", "s")
    said = refuse(*asked, *front, "--double", "--load", "--model", "s")
    assert "--encoder is not the network that s was bootstrapped with" in said
    assert "--double goes with --encoder" in refuse(*asked, "--double", "--model", "n")


def test_quantised_layers_and_layers_of_one_precision_are_refused(tmp_path):
    quantised = network(np.arange(WIDE))
    for layer in quantised.layers[-1].layers:
        layer.quantize("int8")
    with pytest.raises(InputError, match="got quantised ones"):
        pretrained(quantised, double=True)
    assert not is_double(pretrained(network(np.arange(WIDE))).network)
    network(np.arange(WIDE)).save(tmp_path / "whole.keras")
    with zipfile.ZipFile(tmp_path / "whole.keras") as members:
        content = {name: members.read(name) for name in members.namelist()}
    config = json.loads(content["config.json"])
    config["config"]["layers"][1]["config"]["dtype"] = None  # Keras then takes its own
    with zipfile.ZipFile(tmp_path / "one.keras", "w") as members:
        for name, data in {**content, "config.json": json.dumps(config).encode()}.items():
            members.writestr(name, data)
    with pytest.raises(InputError, match="computes in float32 alone: expected float64"):
        pretrained(tmp_path / "one.keras", double=True)


def test_an_onnx_file_of_it_is_refused_in_one_line(ask, refuse):
    network(np.arange(WIDE)).save("front.keras")
    ask(
        "train",
        "--data",
        "digits",
        "--limit",
        100,
        "--layers",
        "inputs",
        "--encoder",
        "front.keras",
        "--double",
        "--model",
        "m",
    )
    assert "cannot compute a front in double precision" in refuse("export", "m", "--output", "m.onnx")

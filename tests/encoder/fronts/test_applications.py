"""Networks by name: their size and scale as Keras has them, weights from a file, and a failed download in one line."""

import inspect

import keras
import numpy as np
import pytest

from indeependence import load_dataset
from indeependence.encoder.fronts import applications
from indeependence.encoder.fronts.keras_network import BATCH
from indeependence.encoder.fronts.preparation import prepared
from indeependence.encoder.fronts.pretrained import pretrained
from indeependence.errors import InputError

pytestmark = pytest.mark.slow  # Keras builds networks

SCALES = {
    "VGG16": "caffe",
    "ResNet50": "caffe",
    "ResNet50V2": "signed",
    "DenseNet121": "torch",
    "MobileNetV2": "signed",
    "MobileNetV3Small": "none",
    "EfficientNetB0": "none",
    "EfficientNetV2S": "none",
    "ConvNeXtTiny": "none",
    "NASNetMobile": "signed",
    "Xception": "signed",
}


def tiny(include_top=True, weights="imagenet", input_shape=None, pooling=None):
    """Return a network as the functions of keras.applications do, but a small one."""
    layers = keras.layers
    body = [keras.Input(input_shape or (16, 16, 3)), layers.Conv2D(8, 3, strides=2), layers.GlobalAveragePooling2D()]
    model = keras.Sequential(body + [layers.Dense(1000)] * include_top, name="tiny")
    if weights == "imagenet":
        weights = keras.src.utils.file_utils.get_file("tiny.weights.h5", "somewhere")
    if weights is not None:
        model.load_weights(weights)
    return model


tiny.__module__ = "keras.src.applications.mobilenet_v2"  # of which it has the scale


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Let Keras have the small network, under this name."""
    monkeypatch.setattr(keras.applications, "Tiny", tiny, raising=False)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of weights of the small network, as Keras downloads them: without the last layer."""
    keras.utils.set_random_seed(0)
    path = tmp_path_factory.mktemp("weights") / "tiny.weights.h5"
    tiny(include_top=False, weights=None).save_weights(path)
    return path


@pytest.fixture
def front(weights, known):
    return pretrained("tiny", weights=weights)


@pytest.mark.parametrize("name", SCALES)
def test_the_scale_of_a_network_is_what_keras_does(name):
    assert applications._scale_of(applications._maker(name)) == SCALES[name]


def test_every_network_of_keras_has_a_scale_that_is_known_and_is_built_like_the_small_one():
    asked = inspect.signature(tiny).parameters
    for name in vars(keras.applications):
        if name[0].isupper():
            make = applications._maker(name)
            assert applications._scale_of(make) and asked.keys() <= inspect.signature(make).parameters.keys()


def test_features_are_those_of_keras_with_its_own_preparation(front, weights):
    made = tiny(include_top=False, weights=weights)
    pictures = load_dataset("digits").x_test[:BATCH]
    scaled = keras.applications.mobilenet_v2.preprocess_input(prepared(pictures, (16, 16, 3), "none"))
    np.testing.assert_allclose(front(pictures), made.predict_on_batch(scaled), rtol=1e-4, atol=1e-5)


def test_a_name_is_the_same_network_every_time_and_not_that_of_its_file(front, weights, tmp_path):
    assert pretrained("Tiny", weights=weights).fingerprint == front.fingerprint
    (tmp_path / "net.keras").write_bytes(front.network.archive)
    plain = pretrained(tmp_path / "net.keras")
    assert plain.scale == "none" and plain.fingerprint != front.fingerprint
    assert pretrained(tmp_path / "net.keras", scale="signed").fingerprint == front.fingerprint


def downloads(monkeypatch, act):
    """Let Keras do this where it would download something."""
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", act)


def test_weights_are_downloaded_where_a_name_alone_is_given(monkeypatch, weights, front, capsys):
    def fetched(*names, **_):
        print("Downloading")
        return str(weights)

    downloads(monkeypatch, fetched)
    assert pretrained("Tiny").fingerprint == front.fingerprint
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")  # stdout is for results, and with --json stderr for notes alone


def test_a_failed_download_is_one_line_that_says_what_helps(monkeypatch, refuse):
    def failed(*_, **__):
        raise Exception("URL fetch failure on a server: None\nName or service not known")

    downloads(monkeypatch, failed)
    message = refuse("bootstrap", "--encoder", "Tiny", "--model", "m")
    assert message.startswith("cannot get the weights of tiny: URL fetch failure") and "--weights FILE" in message


def test_wrong_names_and_weights_are_said(tmp_path, weights):
    for source, file, message in [
        (
            "MobilNetV2",
            None,
            "a network of keras.applications such as MobileNetV2, got MobilNetV2; did you mean MobileNet",
        ),
        ("MobileNet", weights, "tiny.weights.h5: no weights of MobileNet without its last layer"),
        ("Tiny", tmp_path / "none.h5", "cannot read .*none.h5: No such file"),
        ("Tiny", __file__, "expected weights in HDF5, as Keras writes them, got damaged"),
        (tmp_path / "net.keras", weights, "--weights goes with the name of a network"),
    ]:
        with pytest.raises(InputError, match=message) as refused:
            pretrained(source, weights=file)
        assert "\n" not in str(refused.value)


def test_a_model_by_name_is_trained_from_the_cache_and_loaded_again(weights, ask, refuse, monkeypatch):
    network = ("--encoder", "Tiny", "--weights", weights)
    small = ("--layers", "+sparse:20", "--limit", 40, "--cache", "features")
    first = ask("train", *network, *small, "--model", "a")
    assert first["keras_encoder"] == "tiny" and first["encoder_scale"] == "signed"
    monkeypatch.setattr("indeependence.encoder.fronts.keras_network.KerasNetwork.predicted", None)  # not needed again
    second = ask("train", *network, *small, "--model", "b", "--batch-size", 7)
    assert second["model_sha256"] == first["model_sha256"]
    third = ask("train", "--load", "--model", "b", "--limit", 40, "--cache", "features")
    assert third["examples"] == 2 * first["examples"]
    assert "--contexts" in refuse("train", *network, "--contexts", "task", "--model", "c")
    ask("train", "--layers", "inputs", "--limit", 40, "--model", "plain")
    for words in (("--load", "--model", "plain"), ("--model", "new")):
        assert refuse("train", *words, "--cache", "f").startswith("--cache keeps what a network makes of inputs")
    for words in (("--weights", weights), ("--encoder-scale", "unit")):
        assert f"{words[0]} goes with --encoder" in refuse("train", *words, "--model", "new")
    assert "--cache goes without --workers" in refuse(
        "train", *network, "--cache", "f", "--workers", 2, "--model", "new", code=2
    )
    for kind in (("train", "--kind", "autoencoder"), ("evaluate", "--kind", "conceptor")):
        assert "goes with --kind classifier" in refuse(*kind, "--cache", "f", code=2)

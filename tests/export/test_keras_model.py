"""Exports for other programs: plain Keras, SavedModel and ONNX answer as the classifier does."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.datasets import load_wine

from indeependence import ContinualClassifier, load_dataset
from indeependence.errors import InputError
from indeependence.export.files import write_keras, write_saved_model
from indeependence.export.keras_model import keras_model

pytestmark = pytest.mark.slow

PATCHES = "patches:8:size=3:pool=2:stride=2"
ENCODERS = [
    "inputs",
    "60,30",
    "+wide:90",
    f"{PATCHES},+sparse:40",
    f"{PATCHES}:winners=3:root=1,sparse:40:winners=5",
    f"{PATCHES}:flip=1:shift=1:pad=2",
    "local:40:size=4:winners=7,20",
    "+sparse:50,norm:300",
    "patches:8:size=3:slopes=3 | patches:8:size=4:slopes=3:root=1:flip=1",
]


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def model(digits):
    return ContinualClassifier(ENCODERS[3]).fit(digits.x_train, digits.y_train)


def check_agreement(model, inputs, probabilities):
    """Equal labels for all but one of a thousand, and probabilities that differ by rounding alone for as many."""
    expected = model.predict_proba(inputs)
    labels = model.classes_[np.asarray(probabilities).argmax(1)]
    assert np.mean(labels == model.predict(inputs)) >= 0.999
    assert np.mean(np.abs(probabilities - expected).max(1) < 1e-6) >= 0.999


@pytest.mark.parametrize("layers", ENCODERS)
def test_every_kind_of_layer_answers_the_same_in_keras(layers, digits):
    model = ContinualClassifier(layers).fit(digits.x_train[:400], digits.y_train[:400])
    answers = keras_model(model.predictor).predict_on_batch(digits.x_test.astype(np.float32))
    check_agreement(model, digits.x_test, answers)


def test_coloured_pictures_and_vectors_of_any_numbers_too():
    rng = np.random.default_rng(0)
    pictures, labels = rng.integers(0, 256, (60, 12, 10, 3)).astype(np.uint8), np.arange(60) % 3
    model = ContinualClassifier("patches:9:size=4:pool=3:stride=3,+sparse:30").fit(pictures, labels)
    check_agreement(model, pictures, keras_model(model.predictor).predict_on_batch(pictures.astype(np.float32)))
    rows, kinds = load_wine(return_X_y=True)
    model = ContinualClassifier().fit(rows[::2], kinds[::2])
    check_agreement(model, rows, keras_model(model.predictor).predict_on_batch(rows))


def test_a_network_in_front_is_exported_with_the_rest(digits):
    network = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Conv2D(5, 3, activation="relu"), keras.layers.GlobalMaxPooling2D()]
    )
    model = ContinualClassifier("+sparse:40", encoder=network).fit(digits.x_train[:400], digits.y_train[:400])
    answers = keras_model(model.predictor).predict(digits.x_test, batch_size=50, verbose=0)
    check_agreement(model, digits.x_test, answers)


def test_plain_keras_loads_the_file_without_this_package(model, digits, tmp_path):
    write_keras(tmp_path / "m.keras", model.predictor)
    np.save(tmp_path / "x.npy", digits.x_test)
    code = (
        "import sys; sys.modules['indeependence'] = None\n"
        "import keras, numpy as np\n"
        "model = keras.saving.load_model('m.keras', safe_mode=True)\n"
        "np.save('answers.npy', model.predict(np.load('x.npy'), verbose=0))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    check_agreement(model, digits.x_test, np.load(tmp_path / "answers.npy"))
    assert (tmp_path / "m.labels.txt").read_text().split() == [str(label) for label in range(10)]


def test_a_saved_model_is_a_folder_that_is_replaced_whole(model, digits, tmp_path):
    import tensorflow as tf

    for _ in range(2):
        write_saved_model(tmp_path / "saved", model.predictor)
    loaded = tf.saved_model.load(tmp_path / "saved")
    answers = loaded.serve(digits.x_test.astype(np.float32)).numpy()
    check_agreement(model, digits.x_test, answers)
    assert (tmp_path / "saved" / "labels.txt").read_text().split() == [str(label) for label in range(10)]
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear diary")
    with pytest.raises(InputError, match="is no SavedModel alone: name another folder"):
        write_saved_model(tmp_path / "mine", model.predictor)


def test_an_onnx_file_answers_the_same(model, digits, tmp_path, ask):
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime runs what tf2onnx converts")
    pytest.importorskip("tf2onnx", reason="pip install 'indeependence[onnx]'")
    model.save(tmp_path / "m")
    ask("export", "m", "--output", "m.onnx")
    session = runtime.InferenceSession("m.onnx")
    (inputs,) = session.get_inputs()
    check_agreement(model, digits.x_test, session.run(None, {inputs.name: digits.x_test.astype(np.float32)})[0])
    assert json.loads(session.get_modelmeta().custom_metadata_map["labels"]) == list(range(10))


def test_without_the_converter_one_line_says_so(model, tmp_path, monkeypatch, refuse):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    model.save(tmp_path / "m")
    assert refuse("export", "m", "--output", "m.onnx").startswith("ONNX files need a converter: pip install")


def test_the_ending_chooses_the_kind(model, tmp_path, ask, refuse):
    model.save(tmp_path / "m")
    assert ask("export", "m", "--output", "k.keras")["file_bytes"] == Path("k.keras").stat().st_size
    assert ask("export", "m", "--output", "new/folder.tf")["labels"] == list(range(10))
    assert Path("new/folder.tf/saved_model.pb").is_file()
    assert "expected a name that ends in .safetensors" in refuse("export", "m", "--output", "m.h5", code=2)


def test_names_of_classes_stay_one_a_line(tmp_path):
    names = np.array(["two\nlines", "grün"])
    model = ContinualClassifier("inputs").fit(np.eye(2, dtype=np.uint8), names)
    write_keras(tmp_path / "m.keras", model.predictor)
    assert (tmp_path / "m.labels.txt").read_text(encoding="utf-8") == "grün\ntwo\\nlines\n"

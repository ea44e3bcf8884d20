"""``export``: the same answers from a smaller file that holds no sums, and that can only answer."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from indeependence import ContinualClassifier, load_dataset
from indeependence.errors import InputError
from indeependence.files.container import KEY
from indeependence.models.weights_file import read_predictor

pytestmark = pytest.mark.slow  # seconds, or many of them

LAYERS = "patches:8:size=3:pool=2:stride=2,+sparse:40"


@pytest.fixture
def exported(ask):
    """A trained model ``m`` and what was exported of it, ``w.safetensors``; gives what the command told."""
    ask("train", "--layers", LAYERS, "--classes", "0,1,2,3", "--model", "m")
    return ask("export", "m", "--output", "w.safetensors")


def test_the_answers_are_the_original_ones_to_the_bit(exported, ask):
    digits = load_dataset("digits")
    model, predictor = ContinualClassifier.load("m"), read_predictor("w.safetensors")
    np.testing.assert_array_equal(predictor.predict(digits.x_test), model.predict(digits.x_test))
    np.testing.assert_array_equal(predictor.probabilities(digits.x_test), model.predict_proba(digits.x_test))
    of_both = [ask("infer", "--model", name, "--limit", 50, "--top", 3)["answers"] for name in ("m", "w.safetensors")]
    for answer in of_both[0]:
        assert answer.pop("unlike") in (False, True)
    for answer in of_both[1]:
        assert answer.pop("unlike") is None  # only the sums show it
    assert of_both[0] == of_both[1] and len(of_both[0][0]["others"]) == 2
    assert ask("inspect", "w.safetensors") == {**exported, "model": "w.safetensors"}
    assert exported["labels"] == [0, 1, 2, 3] and exported["kind"] == "weights"


def test_names_of_classes_and_vectors_are_exported_too(tmp_path, ask):
    rows = np.random.default_rng(0).standard_normal((60, 4))
    model = ContinualClassifier("+sparse:20").fit(rows, np.array(["ant", "bee", "cat"] * 20))
    model.save("m")
    ask("export", "m", "--output", "w.safetensors")
    np.testing.assert_array_equal(read_predictor("w.safetensors").probabilities(rows), model.predict_proba(rows))
    assert ask("export", "w.safetensors", "--output", "again.safetensors")["labels"] == ["ant", "bee", "cat"]
    assert Path("again.safetensors").read_bytes() == Path("w.safetensors").read_bytes()


def test_no_sums_are_in_the_file_and_so_no_digit_can_be_read_off(ask):
    digits = load_dataset("digits")
    model = ContinualClassifier("inputs").bootstrap(digits.x_train[:100])
    rows = np.concatenate([np.flatnonzero(digits.y_train == 0)[:1], np.flatnonzero(digits.y_train == 1)[:20]])
    model.learn([(digits.x_train[rows], digits.y_train[rows])])
    model.save("m")
    np.testing.assert_array_equal(load_file("m")["moments0.cross"][:, 0], digits.x_train[rows[0]].ravel())  # in sight
    ask("export", "m", "--output", "w.safetensors")
    arrays, units = load_file("w.safetensors"), model.encoder_.units
    assert set(arrays) == {"coefficients", "intercept"}
    assert all(array.size <= 2 * units and array.dtype.kind == "f" for array in arrays.values())
    assert Path("w.safetensors").stat().st_size < Path("m").stat().st_size / 2


def test_a_model_of_one_example_exports_nothing_of_it(ask):
    digits = load_dataset("digits")
    model = ContinualClassifier("inputs").bootstrap(digits.x_train[:100])
    model.learn([(digits.x_train[:1], digits.y_train[:1])]).save("m")
    ask("export", "m", "--output", "w.safetensors")
    assert not load_file("w.safetensors")["coefficients"].any()


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--load", "--model", "w.safetensors"],
        ["train", "--resume", "--model", "w.safetensors"],
        ["evaluate", "--load", "--model", "w.safetensors"],
        ["forget", "--model", "w.safetensors", "--class", "1"],
        ["merge", "m", "w.safetensors", "--output", "both"],
        ["generate", "--model", "w.safetensors"],
        ["inspect", "w.safetensors", "--held-out", "m"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_what_needs_sums_is_refused_in_one_line(exported, refuse, arguments):
    assert "got one of kind weights: it has no sums and can only infer" in refuse(*arguments)


def test_bad_exports_are_refused_and_nothing_is_lost(exported, ask, refuse):
    Path("m").rename("m.safetensors")
    before = Path("m.safetensors").read_bytes()
    assert "is the model itself" in refuse("export", "m.safetensors", "--output", "./m.safetensors")
    assert Path("m.safetensors").read_bytes() == before
    assert "expected a name that ends in" in refuse("export", "m.safetensors", "--output", "w.txt", code=2)
    ask("bootstrap", "--layers", "5", "--model", "empty")
    assert "has learned no examples yet" in refuse("export", "empty", "--output", "x.safetensors")
    assert "found none at nowhere" in refuse("export", "nowhere", "--output", "x.safetensors")


def change_coefficients(header, arrays):
    arrays["coefficients"] = arrays["coefficients"] * 2


@pytest.mark.parametrize(
    "change",
    [
        change_coefficients,
        lambda header, arrays: header["labels"].pop(),
        lambda header, arrays: header["labels"].__setitem__(0, 9),
        lambda header, arrays: header["labels"].__setitem__(0, [1]),
        lambda header, arrays: header.pop("encoder"),
        lambda header, arrays: header.update(expected_error="much"),
        lambda header, arrays: header.update(expected_error=0.5),
        lambda header, arrays: arrays.pop("intercept"),
        lambda header, arrays: arrays["intercept"].fill(np.nan),
        lambda header, arrays: arrays.update(coefficients=arrays["coefficients"][:-1]),
        lambda header, arrays: arrays.update(coefficients=arrays["coefficients"].astype(int)),
    ],
)
def test_damaged_weights_are_refused(exported, change):
    from safetensors import safe_open

    with safe_open("w.safetensors", "numpy") as file:
        header = json.loads(file.metadata()[KEY])
    arrays = {name: array.copy() for name, array in load_file("w.safetensors").items()}
    change(header, arrays)
    save_file(arrays, "w.safetensors", {KEY: json.dumps(header)})
    with pytest.raises(InputError, match="^w.safetensors: damaged model"):
        read_predictor("w.safetensors")

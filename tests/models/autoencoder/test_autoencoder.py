"""The tied autoencoder: what it generates, keeps and refuses."""

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from indeependence import Autoencoder
from indeependence.errors import InputError
from tests.models.autoencoder.conftest import ONE_HOT


def test_generated_digits_vary_and_are_recognised(digits, learned):
    labels = np.repeat(np.arange(10), 10)
    drawn = learned.generate(ONE_HOT[labels], spread=0.5)
    assert drawn.min() >= 0 and drawn.max() <= 1
    assert np.mean(learned.infer(drawn).targets.argmax(1) == labels) > 0.9
    assert drawn[:10].std(0).max() > 0.05
    np.testing.assert_array_equal(learned.generate(ONE_HOT[[3, 3]], spread=0).std(0), 0)


def test_the_pattern_of_a_unit_is_how_inputs_differ_where_it_is_higher(digits, learned):
    codes = learned.encode(digits.x_train).astype(float)
    value = codes[:, 6] - codes[:, 7]
    rows = digits.x_train.reshape(-1, 64).astype(float)
    right = ((rows - rows.mean(0)).T @ (value - value.mean())) / len(rows) / value.std() / 255
    np.testing.assert_allclose(learned.unit_pattern(3), right, atol=1e-9)


@pytest.mark.parametrize("coeff", [None, 0.05])
@pytest.mark.parametrize("frozen", [True, False])
def test_a_saved_model_comes_back_whole(digits, tmp_path, coeff, frozen):
    targets = ONE_HOT[digits.y_train]
    model = Autoencoder(64, 10, (20, 10), frozen=frozen).bootstrap(digits.x_train, targets)
    model.learn(digits.x_train[:300], targets[:300], coeff).refit()
    model.save(tmp_path / "m")
    again = Autoencoder.load(tmp_path / "m")
    for one in (model, again):
        one.learn(digits.x_train[300:], targets[300:], coeff)
    assert again.sums.fingerprint == model.sums.fingerprint and again.drift == model.drift
    np.testing.assert_array_equal(again.infer(digits.x_test).targets, model.infer(digits.x_test).targets)


def test_a_damaged_file_and_one_of_another_kind_are_refused(digits, learned, tmp_path):
    from indeependence import ContinualClassifier

    learned.save(tmp_path / "m")
    with pytest.raises(InputError, match="expected a model of kind classifier, got one of kind autoencoder"):
        ContinualClassifier.load(tmp_path / "m")
    ContinualClassifier("4").fit(digits.x_train[:9], digits.y_train[:9]).save(tmp_path / "c")
    with pytest.raises(InputError, match="expected a model of kind autoencoder, got one of kind classifier"):
        Autoencoder.load(tmp_path / "c")
    with safe_open(tmp_path / "m", "numpy") as file:
        metadata = file.metadata()
    arrays = load_file(tmp_path / "m")
    arrays["sums0.cross"][3] += 1
    save_file(arrays, tmp_path / "m", metadata)
    with pytest.raises(InputError, match="damaged model"):
        Autoencoder.load(tmp_path / "m")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("0", "expected 1 to 100000 bases, got '0'"),
        ("abc", "got 'abc'"),
        ("inputs", "expected at least one layer of an autoencoder"),
        ("patches:5", "an autoencoder has dense and local layers"),
        ("5,+6", "an autoencoder has dense and local layers"),
        ((80,), "expected at most 74 bases, as many as entries below, got 80"),
    ],
)
def test_layers_that_cannot_be_tied_are_refused(layers, message):
    with pytest.raises(InputError, match=message):
        Autoencoder(64, 10, layers)


def test_bad_options_and_inputs_are_told_in_one_line(digits, learned):
    x, targets = digits.x_train[:5], ONE_HOT[digits.y_train[:5]]
    for make, message in [
        (lambda: Autoencoder(64, 10, (4,), rate=-1), "rate: expected a number above 0 .*, got -1"),
        (lambda: Autoencoder(64, 10, (4,), solver="svd"), "solver: expected eigh or adam, got 'svd'"),
        (lambda: Autoencoder(64, 10, (4,)).infer(x), "has no bases yet: bootstrap it"),
        (lambda: Autoencoder(64, 10, (4,)).bootstrap(x, targets).infer(x), "has learned no examples yet"),
        (lambda: learned.infer(), "expected inputs, targets or both to infer from, got neither"),
        (lambda: learned.infer(x, method="magic"), "method: expected mean or closed or adam, got 'magic'"),
        (lambda: learned.infer(x[:, 1:]), r"expected inputs of 64 values each, got an array of shape \(5, 7, 8\)"),
        (lambda: learned.infer(x / 2), "bytes or numbers from 0 to 1"),
        (lambda: learned.infer(x, mask=np.ones(3, bool)), "expected a mask of 64 values"),
        (lambda: learned.learn(x, targets[:4]), "expected a target for each input, got 4 for 5"),
        (lambda: learned.learn(x, targets, 1.5), "coeff: expected a number above 0 and up to 1, got 1.5"),
    ]:
        with pytest.raises(InputError, match=message):
            make()

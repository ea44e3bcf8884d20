"""Data sets by name: digits, what Keras downloads, and real pictures."""

import hashlib
import sys
import types

import numpy as np
import pytest
from sklearn.datasets import load_digits

from indeependence.data.datasets import load_dataset
from indeependence.errors import InputError
from tests.data.small_files import assert_holds, idx_bytes, small_data


def test_digits_are_scikit_learns_digits_as_8_bit_pictures():
    digits, raw = load_dataset("digits"), load_digits()
    values = {(picture.tobytes(), int(y)) for picture, y in zip(digits.x_train, digits.y_train, strict=True)}
    values |= {(picture.tobytes(), int(y)) for picture, y in zip(digits.x_test, digits.y_test, strict=True)}
    expected = (raw.images * 255 // 16).astype(np.uint8)
    assert values == {(picture.tobytes(), int(y)) for picture, y in zip(expected, raw.target, strict=True)}
    assert len(digits.x_train) + len(digits.x_test) == 1797
    assert digits.x_train.max() == 255


def test_the_split_of_digits_is_the_same_on_every_machine_and_for_every_seed():
    for seed in (0, 5):
        with pytest.warns(UserWarning, match="test part of its own, 359 examples: --test-fraction is not used"):
            digits = load_dataset("digits", seed=seed, test_fraction=0.5)
        assert hashlib.sha256(digits.x_test.tobytes()).hexdigest()[:16] == "b85a765237f0db82"
    assert np.bincount(digits.y_test).tolist() == [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]


def fake_keras(monkeypatch, load_data):
    module = types.ModuleType("keras.datasets.cifar10")
    module.load_data = load_data
    for name in ("indeependence.quiet_keras", "keras", "keras.datasets"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "keras.datasets.cifar10", module)


def test_keras_data_is_brought_to_our_shapes_and_keeps_stdout_clean(monkeypatch, capsys):
    data = small_data(4, 5, 3)

    def load_data():
        print("Downloading data")
        return (data["x_train"], data["y_train"][:, None].astype(np.uint8)), (data["x_test"], data["y_test"][:, None])

    fake_keras(monkeypatch, load_data)
    assert_holds(load_dataset("cifar10"), data)
    assert capsys.readouterr().out == ""


def test_a_failed_download_is_told_in_one_line(monkeypatch):
    def load_data():
        raise Exception("URL fetch failure on https://example.org: None\nmore")

    fake_keras(monkeypatch, load_data)
    with pytest.raises(InputError, match="cannot download cifar10: URL fetch failure on .*: None; check the network"):
        load_dataset("cifar10")


MD5 = {"mnist": "6bbc9ace898e44ae57da46a324031adb", "fashion-mnist": "f4a8712d7a061bf5bd6d2ca38dc4d50a"}


@pytest.mark.parametrize("name", MD5)
def test_real_pictures_are_read_bit_for_bit(real_data, name):
    dataset = load_dataset(str(real_data / name))
    assert hashlib.md5(idx_bytes(dataset.x_train)).hexdigest() == MD5[name]
    assert dataset.x_test.shape == (10_000, 28, 28) and np.bincount(dataset.y_test).min() >= 892
    assert dataset.name == name

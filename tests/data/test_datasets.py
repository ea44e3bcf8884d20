"""Types of inputs and labels, inputs without labels, and data that cannot be learned from."""

import gzip

import numpy as np
import pytest

from indeependence.data.datasets import load_dataset
from indeependence.data.inputs import load_inputs
from indeependence.errors import InputError
from tests.data.small_files import as_npz, assert_holds, idx_bytes, refused, small_data, write_idx, write_picture


@pytest.mark.parametrize(
    "shape, dtype, scale, expected",
    [
        ((4, 4), np.int64, 1, np.uint8),  # whole numbers in 0…255
        ((4, 4), np.int64, 2, np.float64),
        ((4, 4), np.float32, 1, np.float64),
        ((9,), np.uint8, 1, np.uint8),
        ((9,), np.int32, 1, np.float64),
    ],
)
def test_inputs_become_uint8_or_float64(tmp_path, shape, dtype, scale, expected):
    data = {name: array.astype(dtype) * dtype(scale) for name, array in small_data(*shape).items() if "x" in name}
    dataset = load_dataset(as_npz(tmp_path, **data))
    for part in ("x_train", "x_test"):
        assert getattr(dataset, part).dtype == expected
        np.testing.assert_array_equal(getattr(dataset, part), data[part])


def test_training_and_test_inputs_get_one_type(tmp_path):
    test = small_data(4, 4)["x_test"].astype(np.int64) + 1000
    dataset = load_dataset(as_npz(tmp_path, x_test=test))
    assert dataset.x_train.dtype == dataset.x_test.dtype == np.float64


def test_a_last_axis_of_1_is_dropped(tmp_path):
    data = small_data(4, 4)
    path = as_npz(
        tmp_path, x_train=data["x_train"][..., None], x_test=data["x_test"][..., None], y_test=data["y_test"][:, None]
    )
    assert_holds(load_dataset(path), data)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, bool, "S3", "U3"])
def test_labels_become_int64_or_stay_names(tmp_path, dtype):
    y_train, y_test = np.repeat([0, 1], 4).astype(dtype), np.repeat([0, 1], 2).astype(dtype)
    dataset = load_dataset(as_npz(tmp_path, y_train=y_train, y_test=y_test))
    names = dtype in ("S3", "U3")
    assert dataset.y_train.dtype.kind == ("U" if names else "i")
    assert dataset.y_test.tolist() == (["0", "0", "1", "1"] if names else [0, 0, 1, 1])


def test_inputs_come_from_every_kind_of_source(tmp_path):
    data = small_data(4, 5)
    x = data["x_test"]
    (tmp_path / "images-idx3-ubyte.gz").write_bytes(gzip.compress(idx_bytes(x)))
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", other=x[:1], x=x)
    np.savez(tmp_path / "first.npz", x, x[:1])
    np.savez(tmp_path / "data.npz", **data)
    for index, picture in enumerate(x):
        write_picture(tmp_path / "pictures" / f"{index}.png", picture)
    (tmp_path / "set").mkdir()
    write_idx(tmp_path / "set", data)
    for name in ("images-idx3-ubyte.gz", "x.npy", "x.npz", "first.npz", "data.npz", "pictures", "set"):
        np.testing.assert_array_equal(load_inputs(str(tmp_path / name)), x, err_msg=name)
    np.testing.assert_array_equal(load_inputs(tmp_path / "pictures" / "2.png"), x[2:3])
    np.testing.assert_array_equal(load_inputs("digits"), load_dataset("digits").x_test)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"y_train": np.zeros(7, int)}, "x_train has 8 and y_train has 7"),
        ({"y_test": np.zeros(5, int)}, "x_test has 4 and y_test has 5"),
        ({"x_train": np.full((8, 4, 4), np.nan)}, "x_train, row 0: NaN or infinity"),
        ({"x_test": np.array([0, 1, np.inf, 2]).reshape(4, 1, 1) * np.ones((4, 4))}, "x_test, row 2: NaN or inf"),
        ({"x_test": np.zeros((4, 4, 5), np.uint8)}, "x_train and x_test must .* one shape, got 4x4 and 4x5"),
        ({"x_test": np.zeros((4, 16), np.uint8)}, "x_train and x_test must .* one shape, got 4x4 and 16"),
        ({"x_train": np.zeros((8, 4, 4, 2))}, r"x_train: expected pictures .* shape \(8, 4, 4, 2\)"),
        ({"x_train": np.zeros(8)}, r"x_train: expected pictures .* shape \(8,\)"),
        ({"x_train": np.array(8)}, r"x_train: expected pictures .* shape \(\)"),
        ({"x_train": np.zeros((0, 4, 4))}, r"x_train is empty: its shape is \(0, 4, 4\)"),
        ({"x_train": np.zeros((8, 0, 4))}, r"x_train is empty: its shape is \(8, 0, 4\)"),
        ({"x_train": np.full((8, 4, 4), "a")}, "x_train: expected numbers, got <U1"),
        ({"y_test": np.array([3, 7, 8, 9])}, "the test set has labels that never occur in training: 8, 9$"),
        ({"y_train": np.arange(8.0) / 2}, "y_train, row 1: expected labels that are whole .* got 0.5"),
        ({"y_train": np.full(8, np.nan)}, "y_train: expected labels that are whole .* got NaN or infinity"),
        ({"y_train": np.full(8, 1e300)}, "y_train: expected whole numbers up to 2"),
        ({"y_train": np.full(8, 2**64 - 1, np.uint64)}, "y_train: expected labels that fit in 64 bits"),
        ({"y_train": np.zeros((8, 2), int)}, r"one label for each example, got 2"),
        ({"y_train": np.zeros(8, complex)}, "y_train: expected labels that are whole .* got complex128"),
        ({"y_train": np.repeat(["a", "b"], 4)}, "numbers in both the training and the test part, or names in both"),
    ],
)
def test_data_that_cannot_be_learned_from_is_refused(tmp_path, changes, message):
    refused(as_npz(tmp_path, **changes), message)


def test_data_to_be_split_is_checked_first(tmp_path):
    path = tmp_path / "some.npz"
    np.savez(path, x=np.zeros((4, 2)), y=np.zeros(5, int))
    refused(path, "x has 4 and y has 5")
    np.savez(path, x=np.zeros((4, 2)), y=np.arange(4))
    for test_fraction in (-0.1, 1, float("nan")):
        refused(path, f"test fraction between 0 and 1, got {test_fraction}", test_fraction=test_fraction)
    refused(path, "seed of 0 or more, got -1", seed=-1)


@pytest.mark.parametrize(
    "source, message",
    [
        ("mnits", "no file, folder or data set 'mnits'; did you mean mnist?"),
        ("Fashion_MNIST", "did you mean fashion-mnist?"),
        (
            "nowhere/at/all.npz",
            "no file, folder or data set 'nowhere/at/all.npz'; give a path, or one of digits, mnist",
        ),
        ("", "no file, folder or data set ''; give a path, or one of digits"),
    ],
)
@pytest.mark.parametrize("load", [load_dataset, load_inputs])
def test_unknown_names_and_missing_paths_are_refused_with_a_suggestion(load, source, message):
    with pytest.raises(InputError, match=message):
        load(source)


def test_files_of_other_kinds_are_refused(tmp_path):
    path = tmp_path / "some.xlsx"
    path.write_bytes(b"PK")
    refused(path, "some.xlsx is no data set: expected a folder, an .npz or a table.*; save it as .csv")
    with pytest.raises(InputError, match="some.xlsx holds no inputs: expected pictures, an .npy"):
        load_inputs(path)
    np.savez(tmp_path / "empty.npz")
    with pytest.raises(InputError, match="empty.npz holds no array"):
        load_inputs(tmp_path / "empty.npz")


def test_what_the_system_refuses_is_told_in_one_line():
    refused("x" * 5000, "cannot read x+: File name too long")

"""NumPy files: mapped or read, and refused where they are damaged."""

import mmap
import zipfile

import numpy as np
import pytest

from indeependence.data.datasets import load_dataset
from tests.data.small_files import PARTS, as_npz, assert_holds, refused, small_data, write_idx, write_npy


@pytest.mark.parametrize("write", [write_idx, write_npy])
def test_plain_files_are_mapped_and_not_copied(tmp_path, write):
    write(tmp_path, small_data(5, 6))
    base = load_dataset(tmp_path).x_train
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    assert isinstance(base, mmap.mmap)


@pytest.mark.parametrize("shape", [(5, 6), (5, 6, 3), (9,)])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_and_npy_hold_pictures_grey_or_colour_and_vectors(tmp_path, shape, save):
    data = small_data(*shape)
    save(tmp_path / "some.npz", **data)
    assert_holds(load_dataset(str(tmp_path / "some.npz")), data)
    write_npy(tmp_path, data)
    assert_holds(load_dataset(str(tmp_path)), data)


def test_an_npz_in_fortran_order_comes_back(tmp_path):
    data = {part: np.asfortranarray(array) for part, array in small_data(5, 6).items()}
    np.savez(tmp_path / "some.npz", **data)
    assert_holds(load_dataset(tmp_path / "some.npz"), data)


def test_damaged_npz_and_npy_files_are_refused(tmp_path):
    path = tmp_path / "some.npz"
    np.savez(path, **small_data(40, 40))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, "is no intact .npz .*truncated")
    damaged = bytearray(whole)
    damaged[9000] ^= 1  # a value of the first array: the checksum tells
    path.write_bytes(damaged)
    refused(path, "some.npz:x_train cannot be unpacked .Bad CRC-32")
    with zipfile.ZipFile(path, "w") as archive:
        for part in PARTS:
            archive.writestr(f"{part}.npy", b"hello, this is no array")
    refused(path, "some.npz:x_train is no intact .npy array")
    write_npy(tmp_path, small_data(4, 4))
    (tmp_path / "y_test.npy").write_bytes(b"\x93NUM")
    refused(tmp_path, "y_test.npy is no intact .npy array")
    (tmp_path / "y_test.npy").write_bytes(b"\x93NUMPY\x01\0\x02\0{(")  # a header that never ends
    refused(tmp_path, "y_test.npy is no intact .npy array")
    np.save(tmp_path / "y_test.npy", np.array([{}, {}]), allow_pickle=True)
    refused(tmp_path, "y_test.npy holds Python objects")
    (tmp_path / "x_test.npy").unlink()
    refused(tmp_path, "has no x_test: expected")


def test_python_objects_in_an_npz_are_refused(tmp_path):
    refused(as_npz(tmp_path, y_train=np.array([1, "a"] * 4, dtype=object)), "y_train holds Python objects")


@pytest.mark.parametrize("keys", [["x_train"], ["a"], ["x"], []])
def test_an_npz_with_other_keys_is_refused(tmp_path, keys):
    np.savez(tmp_path / "some.npz", **{key: np.zeros((2, 2)) for key in keys})
    refused(tmp_path / "some.npz", f"expected the arrays x_train, .* or x and y .*; got {', '.join(keys) or 'none'}$")


X, Y = np.arange(40.0).reshape(20, 2), np.repeat(["a", "b"], 10)


@pytest.mark.parametrize(
    "names",
    [
        ("X", "Y"),
        ("embeddings", "labels"),
        ("Features", "Target"),
        ("arr_0", "arr_1"),
        ("x_train", "y_train"),
        ("trainImages", "train-labels"),
    ],
)
def test_arrays_under_other_common_names_are_taken_with_a_word(tmp_path, names):
    np.savez(tmp_path / "e.npz", **dict(zip(names, (X, Y), strict=True)), weights=np.ones(20))
    with pytest.warns(UserWarning, match=f"took {names[0]} as x, {names[1]} as y; passed over: weights"):
        data = load_dataset(tmp_path / "e.npz", test_fraction=0)
    assert data.x_train.tolist() == X.tolist() and data.y_train.tolist() == Y.tolist()


def test_exact_names_come_before_others_and_a_validation_part_before_none(tmp_path):
    np.savez(tmp_path / "e.npz", data=X[:3], label=Y[:3], x=X, y=Y)
    assert len(load_dataset(tmp_path / "e.npz", test_fraction=0).x_train) == 20
    np.savez(tmp_path / "v.npz", Xtrain=X, ytrain=Y, X_valid=X[:7], y_valid=Y[:7])
    with pytest.warns(UserWarning, match="X_valid as x_test"):
        assert len(load_dataset(tmp_path / "v.npz").x_test) == 7
    np.savez(tmp_path / "t.npz", X_train=X, y_train=Y, X_val=X[:7], y_val=Y[:7], X_test=X[:5], y_test=Y[:5])
    with pytest.warns(UserWarning, match="passed over: X_val, y_val"):
        assert len(load_dataset(tmp_path / "t.npz").x_test) == 5


@pytest.mark.parametrize("names", [("x", "y"), ("embeddings", "labels")])
@pytest.mark.filterwarnings("ignore:.*took embeddings")
def test_a_pair_of_npy_files_in_a_folder_is_a_data_set(tmp_path, names):
    for name, array in zip(names, (X.astype(np.float16), Y), strict=True):
        np.save(tmp_path / f"{name}.npy", array)
    data = load_dataset(tmp_path, test_fraction=0)
    assert data.x_train.tolist() == X.tolist() and data.y_train.tolist() == Y.tolist()


def test_labels_that_need_pickle_are_refused_with_how_to_save_them(tmp_path):
    np.savez(tmp_path / "e.npz", x=X, y=Y.astype(object))
    refused(tmp_path / "e.npz", r"e.npz:y holds Python objects; .* save labels as y=np.array\(labels\).astype\(str\)")

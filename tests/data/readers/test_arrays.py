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
    refused(tmp_path, "has no x_test.npy")


def test_python_objects_in_an_npz_are_refused(tmp_path):
    refused(as_npz(tmp_path, y_train=np.array([1, "a"] * 4, dtype=object)), "y_train holds Python objects")


@pytest.mark.parametrize("keys", [["x_train", "y_train"], ["a"], ["x"], []])
def test_an_npz_with_other_keys_is_refused(tmp_path, keys):
    np.savez(tmp_path / "some.npz", **{key: np.zeros((2, 2)) for key in keys})
    refused(tmp_path / "some.npz", f"expected the arrays x_train, .* or x and y .*; got {', '.join(keys) or 'none'}$")

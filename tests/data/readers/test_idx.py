"""IDX files: what is written comes back, and damaged files are refused."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from indeependence.data.datasets import load_dataset
from indeependence.data.readers.idx import read_idx
from tests.data.small_files import assert_holds, idx_bytes, laws, refused, small_data, write_idx


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("mark", ["-", "."])
def test_a_folder_of_idx_files_is_read(tmp_path, mark, packed):
    write_idx(tmp_path, small_data(5, 6), mark, packed)
    assert_holds(load_dataset(str(tmp_path)), small_data(5, 6))
    assert load_dataset(tmp_path).name == tmp_path.name


@laws
@given(array=hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=4)), packed=st.sampled_from(["", ".gz"]))
def test_idx_files_of_any_shape_come_back(tmp_path_factory, array, packed):
    path = tmp_path_factory.mktemp("idx") / f"some-idx3-ubyte{packed}"
    path.write_bytes(gzip.compress(idx_bytes(array)) if packed else idx_bytes(array))
    np.testing.assert_array_equal(read_idx(path, dimensions=(2, 3, 4)), array)


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "truncated: it ends inside its IDX header"),
        (b"\0\0\x08\x03\0\0", "truncated: it ends inside its IDX header"),
        (idx_bytes(np.zeros((8, 4, 4)))[:-1], "truncated: its header claims 128 bytes of values, it has 127"),
        (idx_bytes(np.zeros((8, 4, 4))) + b"x", "goes on after the 128 bytes"),
        (idx_bytes(np.zeros(8)), "wrong IDX magic number: expected 2051 .pictures as bytes., got 2049"),
        (b"\0\0\x0d\x03" + bytes(12), "wrong IDX magic number: expected 2051 .pictures as bytes., got 3331"),
        (b"\x89PNG" + bytes(12), "wrong IDX magic number"),
        (idx_bytes(np.zeros((0, 4, 4))), r"is empty: its IDX header gives the shape \(0, 4, 4\)"),
    ],
)
def test_damaged_idx_files_are_refused(tmp_path, packed, content, message):
    write_idx(tmp_path, small_data(4, 4), packed=packed)
    path = tmp_path / f"train-images-idx3-ubyte{packed}"
    path.write_bytes(gzip.compress(content) if packed else content)
    refused(tmp_path, message)


def test_a_truncated_or_damaged_gzip_stream_is_refused(tmp_path):
    write_idx(tmp_path, small_data(20, 20), packed=".gz")
    path = tmp_path / "train-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(tmp_path, "truncated: the gzip stream breaks off")
    path.write_bytes(whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:])  # the checksum
    refused(tmp_path, "no intact gzip file: CRC check failed")
    path.write_bytes(b"hello, this is no gzip file")
    refused(tmp_path, "no intact gzip file: Not a gzipped file")
    path.write_bytes(whole[:12] + bytes(len(whole) - 12))
    refused(tmp_path, "no intact gzip file|truncated")


def test_labels_in_the_place_of_pictures_are_refused_and_the_other_way_round(tmp_path):
    write_idx(tmp_path, small_data(4, 4))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.zeros((8, 4, 4))))
    refused(tmp_path, "expected 2049 .labels as bytes., got 2051")


@pytest.mark.parametrize("stem", ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"])
def test_a_missing_idx_file_is_named(tmp_path, stem):
    write_idx(tmp_path, small_data(4, 4))
    (tmp_path / f"{stem}-ubyte").unlink()
    refused(tmp_path, f"has no {stem}-ubyte, plain or .gz")

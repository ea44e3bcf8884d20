"""Every format gives the arrays that were written; every kind of bad input is refused in one line."""

import gzip
import hashlib
import io
import mmap
import sys
import tracemalloc
import types
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone
from sklearn.datasets import load_digits

from indeependence import ContinualClassifier
from indeependence.data.datasets import Dataset, load_dataset, load_inputs
from indeependence.data.readers import pictures
from indeependence.data.readers.idx import read_idx
from indeependence.data.readers.tables import read_table
from indeependence.data.stratify import stratified_rows
from indeependence.errors import InputError

laws = settings(derandomize=True, max_examples=25, deadline=None)
PARTS = ("x_train", "y_train", "x_test", "y_test")


def small_data(*shape: int) -> dict[str, np.ndarray]:
    """Eight training and four test examples of two classes, sorted by class."""
    rng = np.random.default_rng(2)
    return {
        "x_train": rng.integers(0, 256, (8, *shape), dtype=np.uint8),
        "y_train": np.repeat(np.array([3, 7]), 4),
        "x_test": rng.integers(0, 256, (4, *shape), dtype=np.uint8),
        "y_test": np.repeat(np.array([3, 7]), 2),
    }


def assert_holds(dataset: Dataset, expected: dict[str, np.ndarray]) -> None:
    for part in PARTS:
        found = getattr(dataset, part)
        np.testing.assert_array_equal(found, expected[part])
        assert found.dtype == expected[part].dtype


# --- writers of small files ---


def idx_bytes(array: np.ndarray) -> bytes:
    sizes = np.array(array.shape, dtype=">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


def write_idx(folder: Path, data: dict[str, np.ndarray], mark: str = "-", packed: str = "") -> None:
    for part, stem in zip(PARTS, ("train-images", "train-labels", "t10k-images", "t10k-labels"), strict=True):
        n = 1 if "labels" in stem else 3
        content = idx_bytes(data[part])
        path = folder / f"{stem}{mark}idx{n}-ubyte{packed}"
        path.write_bytes(gzip.compress(content) if packed else content)


def write_npy(folder: Path, data: dict[str, np.ndarray]) -> None:
    for part, array in data.items():
        np.save(folder / f"{part}.npy", array)


def write_pictures(folder: Path, data: dict[str, np.ndarray], suffix: str = ".png") -> None:
    for part in ("train", "test"):
        for index, (x, y) in enumerate(zip(data[f"x_{part}"], data[f"y_{part}"], strict=True)):
            write_picture(folder / part / str(y) / f"{index:03}{suffix}", x)


def write_picture(path: Path, rgb: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    encoded = cv2.imencode(path.suffix, rgb[..., ::-1] if rgb.ndim == 3 else rgb)[1]
    path.write_bytes(encoded.tobytes())


# --- names ---


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
        digits = load_dataset("digits", seed=seed, test_fraction=0.5)
        assert hashlib.sha256(digits.x_test.tobytes()).hexdigest()[:16] == "b85a765237f0db82"
    assert np.bincount(digits.y_test).tolist() == [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]


def fake_keras(monkeypatch, load_data):
    module = types.ModuleType("keras.datasets.cifar10")
    module.load_data = load_data
    for name in ("keras", "keras.datasets"):
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


# --- formats: what is written comes back ---


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


@pytest.mark.parametrize("shape", [(5, 6), (5, 6, 3)])
@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_a_folder_of_pictures_a_class_is_read(tmp_path, shape, suffix):
    data = small_data(*shape)
    write_pictures(tmp_path, data, suffix)
    (tmp_path / "train" / ".hidden").mkdir()
    (tmp_path / "train" / "3" / "notes.txt").write_text("no picture")
    assert_holds(load_dataset(tmp_path), data)


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3)])
@pytest.mark.parametrize("parts", [True, False])
def test_more_pictures_than_memory_is_meant_for_stay_in_their_files_and_are_the_same(
    tmp_path, monkeypatch, shape, parts
):
    data = small_data(*shape)
    write_pictures(tmp_path, data)
    folder = tmp_path if parts else tmp_path / "train"
    held = load_dataset(folder)
    monkeypatch.setattr(pictures, "IN_MEMORY", 100)
    data = load_dataset(folder)
    for part in ("x_train", "x_test"):
        files, array = getattr(data, part), getattr(held, part)
        assert isinstance(files, pictures.PictureFiles) and isinstance(array, np.ndarray)
        assert (files.shape, files.dtype, files.ndim, files.size) == (array.shape, array.dtype, array.ndim, array.size)
        backwards, some = np.arange(len(array))[::-1], np.arange(len(array)) % 2 == 0
        for rows in (backwards, some, 0, [1, 1]):
            np.testing.assert_array_equal(files[rows], array[rows])
        np.testing.assert_array_equal(files[1:], array[1:])
    np.testing.assert_array_equal(data.y_train, held.y_train)
    model = ContinualClassifier("4", bootstrap_limit=3)
    assert model.fit(data.x_train, data.y_train).moments_.fingerprint == (
        clone(model).fit(held.x_train, held.y_train).moments_.fingerprint
    )
    np.testing.assert_array_equal(model.encoder_(data.x_test), model.encoder_(held.x_test))


def test_a_picture_that_changes_while_it_is_in_use_is_told(tmp_path, monkeypatch):
    write_pictures(tmp_path, small_data(5, 4))
    monkeypatch.setattr(pictures, "IN_MEMORY", 100)
    x = load_dataset(tmp_path).x_train
    for changed in (np.zeros((6, 4), np.uint8), np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8)):
        write_picture(Path(x.paths[2]), changed)
        with pytest.raises(InputError, match=r"\.png has changed while it was in use"):
            _ = x[[0, 2]]


def test_pictures_are_grey_only_if_all_are_grey_however_they_are_stored(tmp_path):
    grey = small_data(4, 4)
    for index, picture in enumerate(grey["x_train"]):
        write_picture(tmp_path / "stored as colour" / f"{index}.png", np.dstack([picture] * 3))
    np.testing.assert_array_equal(load_inputs(tmp_path / "stored as colour"), grey["x_train"])
    colour = np.zeros((4, 4, 3), np.uint8)
    colour[0, 0] = 200, 100, 50
    write_picture(tmp_path / "stored as colour" / "9.png", colour)
    mixed = load_inputs(tmp_path / "stored as colour")
    np.testing.assert_array_equal(mixed[8], colour)
    np.testing.assert_array_equal(mixed[:8], np.repeat(grey["x_train"][..., None], 3, axis=3))


def test_one_level_of_class_folders_is_split(tmp_path):
    for name in ("cat", "dog"):
        for index in range(10):
            write_picture(tmp_path / name / f"{index}.png", np.full((3, 3), index + 100 * (name == "dog"), np.uint8))
    dataset = load_dataset(tmp_path, test_fraction=0.3)
    assert dataset.classes.tolist() == ["cat", "dog"]
    assert sorted(dataset.y_test.tolist()) == ["cat"] * 3 + ["dog"] * 3
    for x, y in ((dataset.x_train, dataset.y_train), (dataset.x_test, dataset.y_test)):
        np.testing.assert_array_equal(x[:, 0, 0] >= 100, y == "dog")


TABLE = "width,kind,height\n1,cat,2.5\n3,cat,-4e1\n5,dog,6\n7,dog,8\n"


def test_a_named_label_column_makes_the_first_row_a_header_even_of_numbers(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text("\ufeff7,0,1\ncat,2,3\ndog,4,5\n", encoding="utf-8")
    arrays = read_table(path, label="7")
    assert arrays["x"].tolist() == [[2, 3], [4, 5]] and arrays["y"].tolist() == ["cat", "dog"]


def test_a_table_is_read_with_its_label_column_by_name(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text(TABLE)
    arrays = read_table(path, label="kind")
    np.testing.assert_array_equal(arrays["x"], [[1, 2.5], [3, -40], [5, 6], [7, 8]])
    assert arrays["y"].tolist() == ["cat", "cat", "dog", "dog"]
    dataset = load_dataset(str(path), label="kind", test_fraction=0.5)
    assert dataset.x_train.dtype == np.float64 and dataset.y_test.tolist() == ["cat", "dog"]


@pytest.mark.parametrize("header", ["", "a,b,c\n"])
@pytest.mark.parametrize("labels, expected", [("12", [1, 2]), (["1.0", "2"], [1, 2]), (["x", "2"], ["x", "2"])])
def test_the_last_column_holds_the_labels_and_a_header_is_noticed(tmp_path, header, labels, expected):
    path = tmp_path / "some.csv"
    path.write_text(header + "".join(f"{i},0.5,{labels[i % 2]}\n\n" for i in range(8)))
    dataset = load_dataset(path)
    assert dataset.classes.tolist() == sorted(expected)
    assert len(dataset.y_train) + len(dataset.y_test) == 8


@laws
@given(
    table=hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.floats(allow_nan=False, allow_infinity=False)
    )
)
def test_numbers_in_a_table_come_back_bit_for_bit(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("csv") / "some.csv"
    path.write_text("".join(",".join(map(repr, [*row, "name"])) + "\n" for row in table.tolist()))
    np.testing.assert_array_equal(read_table(path)["x"], table)
    path.write_text("".join(",".join(map(repr, row)) + "\n" for row in table.tolist()))
    np.testing.assert_array_equal(load_inputs(path), table)


# --- types ---


def as_npz(path: Path, **changes: np.ndarray) -> str:
    np.savez(path / "some.npz", **(small_data(4, 4) | changes))
    return str(path / "some.npz")


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


# --- the test part ---


@laws
@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    test_fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**40),
)
def test_a_drawn_test_part_has_the_same_share_of_every_class(sizes, test_fraction, seed):
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    train, test = stratified_rows(labels, test_fraction=test_fraction, seed=seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(labels)))
    assert (np.diff(train) > 0).all() and (np.diff(test) > 0).all()
    for label, size in enumerate(sizes):
        drawn = int((labels[test] == label).sum())
        assert abs(drawn - test_fraction * size) <= 1 and drawn < size and (drawn > 0 or size == 1)


def test_only_the_seed_decides_which_rows_are_drawn():
    labels = np.repeat([0, 1], 50)
    tests = [stratified_rows(labels, test_fraction=0.2, seed=seed)[1].tolist() for seed in (1, 1, 2)]
    assert tests[0] == tests[1] != tests[2]
    assert np.subtract(tests[0][10:], 50).tolist() != tests[0][:10]  # classes are drawn apart


@pytest.mark.parametrize("suffix", [".npz", ".csv"])
def test_the_test_fraction_splits_data_without_a_test_part(tmp_path, suffix):
    x, y = np.arange(40.0).reshape(20, 2), np.repeat([0, 1], 10)
    path = tmp_path / f"some{suffix}"
    if suffix == ".npz":
        np.savez(path, x=x, y=y)
    else:
        np.savetxt(path, np.column_stack([x, y]), delimiter=",")
    dataset = load_dataset(path, test_fraction=0.3, seed=3)
    train, test = stratified_rows(y, test_fraction=0.3, seed=3)
    assert len(test) == 6
    assert_holds(dataset, {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]})


# --- inputs without labels ---


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


# --- bad input: damaged files ---


def refused(source: object, message: str, **options: object) -> None:
    with pytest.raises(InputError, match=message) as caught:
        load_dataset(source, **options)
    assert "\n" not in str(caught.value)


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


def huge_npy() -> bytes:
    """The header of a .npy that claims 8 TiB, and 16 bytes of values."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (1 << 20, 1 << 20)})
    return stream.getvalue() + bytes(16)


@pytest.mark.parametrize("kind", ["idx", "idx.gz", "npy", "npz"])
def test_a_header_that_lies_costs_no_memory(tmp_path, kind):
    huge_idx = b"\0\0\x08\x03" + b"\xff" * 12 + bytes(100)
    if kind.startswith("idx"):
        write_idx(tmp_path, small_data(4, 4), packed=kind[3:])
        content = gzip.compress(huge_idx) if kind == "idx.gz" else huge_idx
        (tmp_path / f"train-images-idx3-ubyte{kind[3:]}").write_bytes(content)
    else:
        write_npy(tmp_path, small_data(4, 4))
        (tmp_path / "x_train.npy").write_bytes(huge_npy())
    source = tmp_path
    if kind == "npz":
        source = tmp_path / "some.npz"
        with zipfile.ZipFile(source, "w") as archive:
            for part in PARTS:
                archive.write(tmp_path / f"{part}.npy", f"{part}.npy")
    tracemalloc.start()
    try:
        refused(source, "truncated: its header claims")
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()


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


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("share", [0, 0.5])
def test_damaged_pictures_are_refused_and_opencv_keeps_quiet(tmp_path, capfd, suffix, share):
    write_pictures(tmp_path, small_data(30, 30), suffix)
    path = tmp_path / "train" / "7" / f"005{suffix}"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refused(tmp_path, f"005{suffix} is no picture that OpenCV can read; damaged or truncated")
    assert capfd.readouterr() == ("", "")


# --- bad input: data that cannot be learned from ---


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"y_train": np.zeros(7, int)}, "x_train has 8 and y_train has 7"),
        ({"y_test": np.zeros(5, int)}, "x_test has 4 and y_test has 5"),
        ({"x_train": np.full((8, 4, 4), np.nan)}, "x_train, row 0: NaN or infinite"),
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
        ({"y_train": np.full(8, np.nan)}, "y_train, row 0: expected labels that are whole .* got nan"),
        ({"y_train": np.full(8, 1e300)}, "y_train: expected labels that fit in 64 bits"),
        ({"y_train": np.full(8, 2**64 - 1, np.uint64)}, "y_train: expected labels that fit in 64 bits"),
        ({"y_train": np.zeros((8, 2), int)}, r"one label an example, got an array of shape \(8, 2\)"),
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
    refused(path, "x_test is empty")
    for test_fraction in (-0.1, 1, float("nan")):
        refused(path, f"test fraction between 0 and 1, got {test_fraction}", test_fraction=test_fraction)
    refused(path, "seed of 0 or more, got -1", seed=-1)


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "some.csv is empty; expected one example a row"),
        ("a,b,label\n", "is empty below its header"),
        ("1\n2\n", "has one column; expected features and a label"),
        ("1;2;3\n", "has one column; expected features and a label, separated by commas"),
        ("1,2,a\n1,2\n", "row 2: expected 3 cells as in the first row, got 2"),
        ("1,2,a\n\n1,2,3,b\n", "row 3: expected 3 cells as in the first row, got 4"),
        ("1,2,a\n1,zwei,b\n", "row 2, column 2: expected a number, got 'zwei'"),
        ("1,zwei,a\n1,2,b\n", "row 1, column 2: expected a number, got 'zwei'"),
        ("p,q,y\n1,2,a\n1,,b\n", "row 3, column q: expected a number, got ''"),
        ("1,2,a\n1,2, \n", "row 2: expected a label, got an empty cell"),
        ("1,2,a\n1,nan,b\n1,2,a\n1,3,b\n", "x, row 1: NaN or infinite"),
        ("1,2,0.5\n1,2,1\n", "y, row 0: expected labels that are whole numbers or names, got 0.5"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused_with_row_and_column(tmp_path, text, message):
    (tmp_path / "some.csv").write_text(text)
    refused(tmp_path / "some.csv", message)


def test_tables_that_are_no_text_or_lack_the_label_column_are_refused(tmp_path):
    path = tmp_path / "some.csv"
    path.write_bytes(b"1,2,\xff\n")
    refused(path, "is no table of comma-separated UTF-8 text")
    path.write_text(TABLE)
    refused(path, "no column called 'colour'; its first row is width, kind, height", label="colour")
    refused("digits", "a label column .'kind'. can be named only for a .csv, got digits", label="kind")


def test_bad_picture_folders_are_refused(tmp_path):
    refused(tmp_path, "holds no data: expected IDX or .npy files, or one folder of pictures a class")
    (tmp_path / "train").mkdir()
    refused(tmp_path, "has only one of train and test")
    (tmp_path / "train").rmdir()
    for name in ("cat", "dog"):
        write_picture(tmp_path / name / "1.png", np.zeros((3, 4), np.uint8))
    (tmp_path / "eel").mkdir()
    refused(tmp_path, "class 'eel' is empty: .*eel holds no picture")
    write_picture(tmp_path / "eel" / "1.png", np.zeros((4, 4), np.uint8))
    refused(tmp_path, "mixed sizes: .*1.png is 4x3 and .*eel.1.png is 4x4 pixels")


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
    path = tmp_path / "some.parquet"
    path.write_bytes(b"PAR1")
    refused(path, "some.parquet is no data set: expected a folder, an .npz or a .csv")
    with pytest.raises(InputError, match="some.parquet holds no inputs: expected pictures, an .npy"):
        load_inputs(path)
    np.savez(tmp_path / "empty.npz")
    with pytest.raises(InputError, match="empty.npz holds no array"):
        load_inputs(tmp_path / "empty.npz")


def test_what_the_system_refuses_is_told_in_one_line():
    refused("x" * 5000, "cannot read x+: File name too long")


# --- real data ---

MD5 = {"mnist": "6bbc9ace898e44ae57da46a324031adb", "fashion-mnist": "f4a8712d7a061bf5bd6d2ca38dc4d50a"}


@pytest.mark.parametrize("name", MD5)
def test_real_pictures_are_read_bit_for_bit(real_data, name):
    dataset = load_dataset(str(real_data / name))
    assert hashlib.md5(idx_bytes(dataset.x_train)).hexdigest() == MD5[name]
    assert dataset.x_test.shape == (10_000, 28, 28) and np.bincount(dataset.y_test).min() >= 892
    assert dataset.name == name

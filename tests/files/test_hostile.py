"""Hostile files: whatever stands in a file, reading it gives data or one clear error, and costs what it is worth."""

import csv
import gzip
import io
import json
import struct
import subprocess
import sys
import tracemalloc
import warnings
import zipfile
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save, save_file

from indeependence import ContinualClassifier, load_dataset
from indeependence.data.inputs import load_inputs
from indeependence.data.readers import claimed_bytes as bounded
from indeependence.errors import InputError
from indeependence.files.container import KEY
from indeependence.models.classifier.storage import read_model
from indeependence.report.cells import csv_cell
from indeependence.report.pictures.online import write_running_error

X, Y = np.random.default_rng(0).integers(0, 256, (12, 4, 4), np.uint8), np.arange(12) % 3


def npz():
    stream = io.BytesIO()
    np.savez_compressed(stream, x=X, y=Y)
    return stream.getvalue()


def npy():
    stream = io.BytesIO()
    np.save(stream, X)
    return stream.getvalue()


IDX = struct.pack(">IIII", 0x803, *X.shape) + X.tobytes()
CSV = "\n".join(",".join(map(str, [*x.ravel(), y])) for x, y in zip(X, Y, strict=True)).encode()
VALID = {
    "some.npz": npz(),
    "some.npy": npy(),
    "some-idx3-ubyte": IDX,
    "some-idx3-ubyte.gz": gzip.compress(IDX, mtime=0),
    "some.csv": CSV,
    "some.csv.gz": gzip.compress(CSV, mtime=0),
    "text.csv": b"id;when;colour;mass;kind\n7;2024-01-01;red;1,5;a\n8;;blue;?;b\n9;2024-02-01;red;2,5;a\n",
    **{f"some{end}": cv2.imencode(end, X[0])[1].tobytes() for end in (".png", ".bmp", ".jpg", ".tiff", ".webp")},
}


@st.composite
def damaged(draw, whole):
    """Bytes of a file with some cut off, some changed and some put in."""
    data = bytearray(whole[: draw(st.sampled_from([len(whole), draw(st.integers(0, len(whole)))]))])
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        data[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=8))
    return bytes(data)


def read_or_refused(path):
    """Reads a file as inputs and as data; any exception but ours goes through."""
    for load in (load_inputs, load_dataset):
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "1 damaged picture", UserWarning)
                load(path)
        except InputError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("name", VALID)
@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path_factory, name, data):
    path = tmp_path_factory.mktemp("hostile") / name
    path.write_bytes(data.draw(damaged(VALID[name])))
    read_or_refused(path)


@pytest.mark.parametrize(
    "name", ["x.npz", "x.npy", "x.csv", "x.parquet", "x.png", "x-idx3-ubyte", "x-idx3-ubyte.gz", "x"]
)
@given(content=st.binary(max_size=200))
@settings(max_examples=30)
def test_any_bytes_at_all_are_read_or_refused_in_one_line(tmp_path_factory, name, content):
    path = tmp_path_factory.mktemp("hostile") / name
    path.write_bytes(content)
    read_or_refused(path)


@pytest.fixture(scope="module")
def model_bytes(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "m"
    ContinualClassifier("3", ledger="class").fit(X.reshape(12, 16), Y).save(path)
    return path.read_bytes()


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=150)
def test_a_damaged_model_is_the_same_or_refused_in_one_line(tmp_path_factory, model_bytes, data):
    path = tmp_path_factory.mktemp("hostile") / "m"
    path.write_bytes(model_bytes)
    expected = read_model(path).ledger.total.fingerprint
    path.write_bytes(data.draw(damaged(model_bytes)))
    try:
        assert read_model(path).ledger.total.fingerprint == expected
    except InputError as error:
        assert "\n" not in str(error)


JSON = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=3), st.just([]), st.just({})
)


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=200)
def test_a_forged_header_of_a_model_is_refused_in_one_line(tmp_path_factory, model_bytes, data):
    path = tmp_path_factory.mktemp("forged") / "m"
    path.write_bytes(model_bytes)
    expected, arrays = read_model(path).ledger.total.fingerprint, load_file(path)
    header = header_of(path)
    place, keys = header, []
    while isinstance(place, dict | list) and place and (not keys or data.draw(st.booleans())):
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        keys.append((place, key))
        place = place[key]
    parent, key = keys[-1]
    parent[key] = data.draw(JSON)
    save_file(arrays, path, {KEY: json.dumps(header)})
    try:
        assert read_model(path).ledger.total.fingerprint == expected
        ContinualClassifier.load(path)
    except InputError as error:
        assert "\n" not in str(error)


def header_of(path):
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        return json.loads(file.metadata()[KEY])


@pytest.mark.parametrize("text", ["[" * 100_000, '{"format": 1, "encoder": ' + "[" * 50_000, "NaN", '"text"', "[]"])
def test_absurd_headers_of_models_are_refused(tmp_path, text):
    (tmp_path / "m").write_bytes(save({"x": np.zeros(1)}, {KEY: text}))
    with pytest.raises(InputError, match="expected a model file of indeependence"):
        read_model(tmp_path / "m")


def test_sums_that_no_examples_have_are_refused_even_with_a_right_fingerprint(tmp_path):
    model = ContinualClassifier("3").fit(X.reshape(12, 16), Y)
    model.moments_.cross[:, 0] += 10**6
    model.save(tmp_path / "m")
    with pytest.raises(InputError, match="damaged model: no examples have such sums"):
        read_model(tmp_path / "m")


@pytest.mark.parametrize("kind", ["npz", "idx.gz"])
def test_a_zip_bomb_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(bounded, "SMALL", 1 << 20)
    size = 1 << 26
    if kind == "npz":
        path = tmp_path / "bomb.npz"
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (1, size)})
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.npy", header.getvalue() + bytes(size))
    else:
        path = tmp_path / "bomb-idx3-ubyte.gz"
        path.write_bytes(gzip.compress(struct.pack(">IIII", 0x803, 1, 1 << 13, 1 << 13) + bytes(size)))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="grows to more than 100 times its [0-9]+ bytes; unpack it first"):
            load_inputs(path)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_a_picture_of_a_billion_pixels_is_not_unpacked(tmp_path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side, packer = 25_000, zlib.compressobj()
    rows = b"".join([*(packer.compress(bytes(side + 1)) for _ in range(side)), packer.flush()])
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(content)
    code = (
        "import sys\nfrom indeependence.data.inputs import load_inputs\n"
        "try: load_inputs(sys.argv[1])\n"
        "except ValueError as error: print(error)\n"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"  # of this program, not its parent
    )
    command = [sys.executable, "-c", code, str(tmp_path / "bomb.png")]
    message, peak = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "claims 25,000x25,000 pixels; expected at most" in message and len(content) < 1 << 20
    assert int(peak) < 400_000  # kilobytes, most of them imports; the pixels would be 625,000


def test_a_png_chunk_that_lies_about_its_length_is_refused_before_opencv_allocates_it(tmp_path, monkeypatch):
    whole = VALID["some.png"]
    at = whole.index(b"IDAT") - 4
    (tmp_path / "x.png").write_bytes(whole[:at] + struct.pack(">I", 0x7FFFFFFF) + whole[at + 4 :])
    with monkeypatch.context() as patch:
        patch.setattr(cv2, "imdecode", None)  # it must not even be asked
        with pytest.raises(InputError, match="is no picture that OpenCV can read"):
            load_inputs(tmp_path / "x.png")
    np.testing.assert_array_equal(_picture(tmp_path, whole), X[0])


def _picture(folder, content):
    (folder / "x.png").write_bytes(content)
    return load_inputs(folder / "x.png")[0]


def test_names_in_files_bring_no_line_breaks_and_no_escapes_into_messages(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a\nb\x1b[31m.npy", npy())
    with pytest.raises(InputError, match=r"got a\\nb\\x1b\[31m$"):
        load_dataset(tmp_path / "x.npz")


def test_a_folder_of_pictures_is_read_no_further_than_its_own_classes(tmp_path):
    (tmp_path / "secret.png").write_bytes(VALID["some.png"])
    for name in ("cat", "dog"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(2):
            (tmp_path / "data" / name / f"{i}.png").write_bytes(VALID["some.png"])
    with zipfile.ZipFile(tmp_path / "outside.npz", "w") as archive:
        archive.writestr("../x.npy", npy())
        archive.writestr("x.npy", npy())
        archive.writestr("y.npy", npy())
    assert len(load_dataset(tmp_path / "data").x_train) == 2
    with pytest.raises(InputError, match="one label an example"):
        load_dataset(tmp_path / "outside.npz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "outside.npz", "secret.png"]


FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@given(
    st.sampled_from(["", "=", "@"]),  # "+5" and "-5" are numbers
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8),
)
def test_no_class_name_is_a_formula_in_a_table(start, name):
    cell = csv_cell(start + name)
    assert not cell.startswith(FORMULAS) or cell in FORMULAS or cell[0] in "+-" and float(cell)


def test_no_class_name_becomes_a_formula_in_the_table_of_a_running_error(tmp_path):
    write_running_error(tmp_path, [1.0, 0.5], ["+a", "=b"], [None, "@c"])
    with (tmp_path / "error.csv").open(newline="", encoding="utf-8") as file:
        cells = [cell for row in list(csv.reader(file))[1:] for cell in row[1:3]]
    assert len(cells) == 4 and not [cell for cell in cells if cell.startswith(FORMULAS)]

"""The model file: comes back whole, says what is wrong, and is never half written."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from indeependence import ContinualClassifier
from indeependence.errors import InputError
from indeependence.files.container import KEY
from indeependence.files.lock import check_there
from indeependence.models.classifier.storage import read_model


@pytest.fixture
def saved(encoder, pictures, tmp_path):
    labels = np.array(["cat", "dog"] * 20)
    ContinualClassifier(penalty=0.5).start(encoder).partial_fit(pictures, labels).save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def header_of(path):
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        return json.loads(file.metadata()[KEY])


def rewrite(path, change_header=lambda header: None, change_arrays=lambda arrays: None):
    header, arrays = header_of(path), load_file(path)
    change_header(header)
    change_arrays(arrays)
    save_file(arrays, path, {KEY: json.dumps(header)})


def test_a_model_comes_back_whole(saved, encoder, pictures):
    model = read_model(saved)
    assert model.encoder.fingerprint == encoder.fingerprint
    assert model.ledger.total.labels == ("cat", "dog") and model.ledger.total.count == 40
    assert model.options["penalty"] == 0.5


def test_vector_models_with_limits_come_back_whole(tmp_path):
    rows = np.random.default_rng(0).standard_normal((30, 4))
    model = ContinualClassifier("+sparse:20").fit(rows, np.arange(30) % 3)
    model.save(tmp_path / "m.safetensors")
    again = ContinualClassifier.load(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(again.encoder_(rows), model.encoder_(rows))
    assert again.classes_.tolist() == [0, 1, 2]


def test_the_file_holds_no_picture(saved, pictures):
    content = saved.read_bytes()
    assert not any(picture[4:6].tobytes() in content for picture in pictures)


def test_a_missing_file_and_other_files_are_told_apart(tmp_path):
    for name, command in (("codes.sdr", "sparse embed"), ("m.willshaw", "sparse memorise")):
        with pytest.raises(InputError, match=f"found none at .*{name}: make one with the command {command}$"):
            check_there(tmp_path / name)
    with pytest.raises(InputError, match="found none at .*nowhere: make one with the command bootstrap or train"):
        read_model(tmp_path / "nowhere")
    other = tmp_path / "other"
    for content in (b"", b"hello", b"\xff" * 64, (2**63).to_bytes(8, "little") + b"{}"):
        other.write_bytes(content)
        with pytest.raises(InputError, match="expected a model file of indeependence, got something else"):
            read_model(other)
    save_file({"x": np.zeros(3)}, other)
    with pytest.raises(InputError, match="expected a model file of indeependence"):
        read_model(other)


def test_every_truncation_is_refused(saved):
    content = saved.read_bytes()
    for length in range(0, len(content), len(content) // 40):
        saved.write_bytes(content[:length])
        with pytest.raises(InputError, match="expected a model file"):
            read_model(saved)


@pytest.mark.parametrize("name", ["moments0.products", "moments0.cross", "moments0.counts", "encoder.layer0.bases"])
def test_a_changed_array_is_noticed_by_its_fingerprint(saved, name):
    def change(arrays):
        arrays[name] = arrays[name].copy()
        arrays[name].flat[0] += 1

    rewrite(saved, change_arrays=change)
    with pytest.raises(InputError, match="damaged model"):
        read_model(saved)


def test_another_format_asks_for_an_update(saved):
    rewrite(saved, lambda header: header.update(format=99))
    with pytest.raises(InputError, match="expected model format 1, got 99: update indeependence"):
        read_model(saved)


@pytest.mark.parametrize("part", ["encoder", "moments", "options", "sha256"])
def test_a_header_that_lacks_a_part_is_refused(saved, part):
    rewrite(saved, lambda header: header.pop(part))
    with pytest.raises(InputError, match="damaged model"):
        read_model(saved)


def test_a_forged_size_allocates_nothing(saved):
    rewrite(saved, lambda header: header["moments"][0].update(units=10**9))
    with pytest.raises(InputError, match="expected whole-number sums 'products' of shape"):
        read_model(saved)


def test_a_failed_write_leaves_the_old_model(saved, encoder, monkeypatch):
    before = saved.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        ContinualClassifier().start(encoder).save(saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]

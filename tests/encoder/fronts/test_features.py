"""Features on disk: what was made once is not made again, and nothing that is damaged is believed."""

import logging
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from indeependence.encoder.fronts import features
from indeependence.encoder.fronts.features import feature_cache
from indeependence.errors import InputError

INPUTS = np.random.default_rng(0).integers(0, 256, (40, 6, 5)).astype(np.uint8)
KEY = "a" * 64


class Counted:
    """A network that counts what it is shown."""

    def __init__(self):
        self.seen = 0

    def __call__(self, inputs):
        self.seen += len(inputs)
        return inputs.reshape(-1, 30)[:, :7].astype(np.float32) / 3


@pytest.fixture
def made():
    return Counted()


def test_a_second_run_costs_nothing_in_any_order_and_batch(tmp_path, made):
    cache = feature_cache(tmp_path / "c")
    first = cache.rows(KEY, INPUTS, made)
    np.testing.assert_array_equal(cache.rows(KEY, INPUTS, made), first)
    assert made.seen == 40
    np.testing.assert_array_equal(first, made(INPUTS))
    seen, again = made.seen, feature_cache(tmp_path / "c")
    order = np.random.default_rng(1).permutation(40)
    parts = [again.rows(KEY, INPUTS[order[start : start + 7]], made) for start in range(0, 40, 7)]
    np.testing.assert_array_equal(np.concatenate(parts), first[order])
    assert made.seen == seen


def test_another_network_type_shape_or_input_is_made_anew(tmp_path, made):
    cache = feature_cache(tmp_path)
    for key, inputs in [
        (KEY, INPUTS),
        ("b" * 64, INPUTS),
        (KEY, INPUTS.astype(np.int8)),
        (KEY, INPUTS.reshape(40, 5, 6)),
        (KEY, INPUTS[::-1] + 1),
    ]:
        before = made.seen
        np.testing.assert_array_equal(cache.rows(key, inputs, made), inputs.reshape(40, -1)[:, :7].astype("f4") / 3)
        assert made.seen == before + 40


def test_no_inputs_are_no_rows(tmp_path, made):
    assert feature_cache(tmp_path).rows(KEY, INPUTS[:0], made).shape == (0, 7)


def turned(path, place):
    """Turn one bit of a file."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))


DAMAGES = {
    "feature": lambda path: turned(path, -60),
    "input": lambda path: turned(path, -90),
    "check": lambda path: turned(path, -1),
    "header": lambda path: turned(path, 20),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "empty": lambda path: path.write_bytes(b""),
    "other": lambda path: np.save(path, np.arange(3.0)),
    "pickle": lambda path: np.save(path, np.array([{}, None]), allow_pickle=True),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_again_with_a_word(tmp_path, made, damage, caplog):
    first = feature_cache(tmp_path).rows(KEY, INPUTS, made)
    (path,) = tmp_path.rglob("*.npy")
    DAMAGES[damage](path)
    seen = made.seen
    with caplog.at_level(logging.WARNING, logger="indeependence"):
        np.testing.assert_array_equal(feature_cache(tmp_path).rows(KEY, INPUTS, made), first)
    assert made.seen == seen + 40 and f"{path} is damaged" in caplog.text
    seen = made.seen
    np.testing.assert_array_equal(feature_cache(tmp_path).rows(KEY, INPUTS, made), first)
    assert made.seen == seen  # it is whole again


def test_many_files_are_not_kept_open(tmp_path, made):
    def opened():
        return [path for path in map(os.path.realpath, listed.iterdir()) if path.endswith(".npy")]

    listed = Path("/proc/self/fd")
    if not listed.is_dir():
        pytest.skip("open files are counted in /proc")
    for cache in (feature_cache(tmp_path), feature_cache(tmp_path)):
        rows = [cache.rows(KEY, INPUTS[start : start + 2], made) for start in range(0, 40, 2)]
        assert len(rows) == 20 and made.seen == 40 and not opened()


def test_a_file_that_cannot_be_read_is_not_damaged(tmp_path, made, monkeypatch, caplog):
    """As when a process has too many open files, or a share does not answer."""
    first = feature_cache(tmp_path).rows(KEY, INPUTS, made)
    (path,) = tmp_path.rglob("*.npy")
    cache = feature_cache(tmp_path)
    cache.rows(KEY, INPUTS, made)
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING, logger="indeependence"):
        patched.setattr(np, "load", out_of_files)
        patched.setattr(features, "write_atomically", full)
        for one in (cache, feature_cache(tmp_path)):
            np.testing.assert_array_equal(one.rows(KEY, INPUTS, made), first)
    assert made.seen == 120 and path.exists() and "cannot read" in caplog.text and "damaged" not in caplog.text
    np.testing.assert_array_equal(feature_cache(tmp_path).rows(KEY, INPUTS, made), first)
    assert made.seen == 120


def out_of_files(*_, **__):
    """Fail as opening one file too many does."""
    raise OSError(24, "Too many open files")


def full(*_):
    """Fail as a full disk does."""
    raise InputError("cannot write it: no space")


def test_a_full_disk_is_said_once_and_loses_nothing(tmp_path, made, monkeypatch, caplog):
    monkeypatch.setattr(features, "AT_ONCE", 8)
    monkeypatch.setattr(features, "write_atomically", full)
    with caplog.at_level(logging.WARNING, logger="indeependence"):
        assert feature_cache(tmp_path).rows(KEY, INPUTS, made).shape == (40, 7)
    assert caplog.text.count("going on without keeping features") == 1


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "c").touch()
    with pytest.raises(InputError, match="cannot write .*c: File exists"):
        feature_cache(tmp_path / "c")


def test_threads_share_a_cache(tmp_path, made):
    cache, found = feature_cache(tmp_path), {}
    work = [threading.Thread(target=lambda i=i: found.update({i: cache.rows(KEY, INPUTS[i:], made)})) for i in range(6)]
    for one in work:
        one.start()
    for one in work:
        one.join()
    for i, rows in found.items():
        np.testing.assert_array_equal(rows, INPUTS[i:].reshape(40 - i, -1)[:, :7].astype("f4") / 3)
    assert isinstance(cache.folder, Path)

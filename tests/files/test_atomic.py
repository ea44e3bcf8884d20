"""Files that are either the old one or the whole new one."""

import errno
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from indeependence.errors import InputError
from indeependence.files import atomic
from indeependence.files.atomic import atomic_path, write_atomically

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX modes and links")


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def no_space(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_bytes_replace_the_file_and_leave_nothing_beside_it(tmp_path):
    target = tmp_path / "model.bin"
    target.write_bytes(b"a longer old content")
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["model.bin"]


def test_a_function_writes_to_the_open_file(tmp_path):
    write_atomically(str(tmp_path / "numbers.npy"), lambda file: np.save(file, np.arange(3)))
    np.testing.assert_array_equal(np.load(tmp_path / "numbers.npy"), [0, 1, 2])


def test_the_temporary_path_is_in_the_same_folder_with_the_same_ending_and_another_name(tmp_path):
    with atomic_path(tmp_path / "model.safetensors") as temporary:
        assert (temporary.parent, temporary.suffix) == (tmp_path.resolve(), ".safetensors")
        assert temporary.name != "model.safetensors"
        temporary.write_bytes(b"x")
        assert not (tmp_path / "model.safetensors").exists()
    assert names(tmp_path) == ["model.safetensors"]


def test_writers_that_take_a_file_name_work(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    with atomic_path(tmp_path / "model.safetensors") as temporary:
        safetensors.save_file({"sum": np.arange(4)}, temporary)
    np.testing.assert_array_equal(safetensors.load_file(tmp_path / "model.safetensors")["sum"], np.arange(4))
    assert names(tmp_path) == ["model.safetensors"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_in_the_block_keeps_the_old_file_and_removes_the_temporary_one(tmp_path, error):
    target = tmp_path / "model.bin"
    target.write_bytes(b"old")
    with pytest.raises(error, match="in the middle"), atomic_path(target) as temporary:
        temporary.write_bytes(b"half")
        raise error("in the middle")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["model.bin"]


def test_a_disk_that_fills_up_while_writing_is_told_in_one_line(tmp_path):
    target = tmp_path / "model.bin"
    target.write_bytes(b"old")
    with pytest.raises(
        InputError, match=r"^cannot write .*model\.bin: No space left on device; free some space .*$"
    ) as e:
        write_atomically(target, no_space)
    assert "\n" not in str(e.value)
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["model.bin"]


def test_a_disk_that_fills_up_at_the_flush_keeps_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "model.bin"
    target.write_bytes(b"old")
    monkeypatch.setattr(atomic.os, "fsync", no_space)
    with pytest.raises(InputError, match="No space left on device"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["model.bin"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /dev/full")
def test_a_truly_full_device_is_told_in_one_line(tmp_path):
    with pytest.raises(InputError, match="No space left on device"), atomic_path(tmp_path / "file"):
        with Path("/dev/full").open("wb") as file:
            file.write(b"x" * 100_000)
    assert names(tmp_path) == []


def test_a_missing_folder_is_noticed_before_the_block_runs(tmp_path):
    ran = []
    with pytest.raises(InputError, match="cannot write .*No such file or directory"):
        with atomic_path(tmp_path / "nowhere" / "model.bin"):
            ran.append(True)
    assert not ran


@posix
def test_a_file_is_flushed_before_and_its_folder_after_the_rename(tmp_path, monkeypatch):
    events = []
    flush, replace = atomic._flush, Path.replace
    monkeypatch.setattr(atomic, "_flush", lambda path, of: (events.append(path.is_dir()), flush(path, of)))
    monkeypatch.setattr(Path, "replace", lambda path, to: (events.append("renamed"), replace(path, to))[1])
    write_atomically(tmp_path / "model.bin", b"new")
    assert events == [False, "renamed", True]


def test_a_folder_is_not_replaced(tmp_path):
    with pytest.raises(InputError, match="expected a file there, found a folder or device"):
        write_atomically(tmp_path, b"new")


@posix
def test_a_device_is_not_replaced():
    with pytest.raises(InputError, match="cannot write /dev/null: expected a file"):
        write_atomically("/dev/null", b"new")


@posix
def test_a_new_file_follows_the_umask_and_a_replaced_one_keeps_its_mode(tmp_path):
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    write_atomically(tmp_path / "new", b"new")
    assert (tmp_path / "new").stat().st_mode == plain.stat().st_mode
    for mode in (0o600, 0o666):  # the second is more than the usual umask allows
        plain.chmod(mode)
        write_atomically(plain, b"new")
        assert stat.S_IMODE(plain.stat().st_mode) == mode


@posix
def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "model.bin")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "disk" / "model.bin").read_bytes() == b"new"

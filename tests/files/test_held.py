"""Leftovers of killed processes go, those of living ones stay; file systems that cannot do all do what they can."""

import errno
import os
import subprocess
import sys

import pytest

from indeependence.errors import InputError
from indeependence.files import atomic
from indeependence.files.atomic import atomic_path, write_atomically
from indeependence.files.held import remove_litter
from indeependence.files.lock import sole_writer
from indeependence.files.ours import check_ours

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has none of these locks")
LEFT = ".m-0123456789abcdef.tmp.csv"


def without(number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    return refuse


def test_the_next_writer_removes_what_a_killed_one_left(tmp_path):
    mine = [tmp_path / name for name in (".m-0123.tmp.csv", ".n-0123456789abcdef.tmp.csv", "m.tmp.csv")]
    for path in (tmp_path / LEFT, *mine):
        path.write_bytes(b"half")
    with sole_writer(tmp_path / "m.csv"):
        assert not (tmp_path / LEFT).exists() and all(path.exists() for path in mine)
    (tmp_path / LEFT).write_bytes(b"half")
    check_ours(tmp_path / "m.csv")  # tables and pictures have no lock of their own
    assert not (tmp_path / LEFT).exists()


def test_a_killed_process_leaves_a_file_that_goes_and_a_living_one_keeps_its_own(tmp_path):
    code = (
        "import os, sys\nfrom indeependence.files.atomic import atomic_path\n"
        "with atomic_path(sys.argv[1]) as path:\n    path.write_bytes(b'half')\n    os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "m.csv")], check=False)
    assert len(list(tmp_path.glob(".m-*.tmp.csv"))) == 1
    with atomic_path(tmp_path / "m.csv") as living:
        remove_litter(tmp_path / "m.csv")
        assert [path.name for path in tmp_path.iterdir()] == [living.name]


def test_a_link_with_the_name_of_a_leftover_is_not_followed(tmp_path):
    (tmp_path / "thesis").write_text("years of work")
    (tmp_path / LEFT).symlink_to(tmp_path / "thesis")
    remove_litter(tmp_path / "m.csv")
    assert (tmp_path / "thesis").read_text() == "years of work" and (tmp_path / LEFT).is_symlink()


@pytest.mark.parametrize("number", [errno.ENOTSUP, errno.ENOLCK, errno.EINVAL, errno.ENOSYS])
def test_without_locks_a_warning_says_so_and_the_work_is_done(tmp_path, monkeypatch, number):
    monkeypatch.setattr("fcntl.flock", without(number))
    with pytest.warns(UserWarning, match="m: this file system has no locks: let no other process write to it"):
        with sole_writer(tmp_path / "m"):
            write_atomically(tmp_path / "m", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_without_permissions_a_warning_says_so_and_the_work_is_done(tmp_path, monkeypatch):
    (tmp_path / "m").write_bytes(b"old")
    monkeypatch.setattr("pathlib.Path.chmod", without(errno.EPERM))
    with pytest.warns(UserWarning, match="keeps no permissions: look who may read it"):
        write_atomically(tmp_path / "m", b"new")
    assert (tmp_path / "m").read_bytes() == b"new"


def test_without_flushing_a_warning_says_so_and_the_work_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr("os.fsync", without(errno.EINVAL))
    with pytest.warns(UserWarning, match="does not say when a file is on disk"):
        write_atomically(tmp_path / "m", b"new")
    assert (tmp_path / "m").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EROFS, "choose a folder and a file you may write to"),
        (errno.EIO, "choose another folder"),
    ],
)
def test_other_errors_are_errors_with_an_advice_of_their_own(tmp_path, monkeypatch, number, advice):
    monkeypatch.setattr("os.fsync", without(number))
    with pytest.raises(InputError, match=advice):
        write_atomically(tmp_path / "m", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_may_only_be_read_is_not_replaced(tmp_path, monkeypatch):
    (tmp_path / "m").write_bytes(b"old")
    monkeypatch.setattr(atomic.os, "access", lambda path, mode: False)  # root may write everywhere
    with pytest.raises(InputError, match="it may only be read; choose a folder and a file you may write to"):
        write_atomically(tmp_path / "m", b"new")
    assert (tmp_path / "m").read_bytes() == b"old"


def test_links_in_a_circle_are_no_place_to_write_to(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    for write in (lambda: write_atomically(tmp_path / "a", b"new"), lambda: check_ours(tmp_path / "a")):
        with pytest.raises(InputError, match="its links lead in a circle"):
            write()
    assert (tmp_path / "a").is_symlink()

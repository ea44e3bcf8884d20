"""The lock beside a model: one writer at a time, and no other file is ever written to."""

import os
import sys
from pathlib import Path

import pytest

from indeependence.errors import InputError
from indeependence.files.lock import sole_writer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no locks on Windows")
REFUSED = r"\.m\.lock is no lock file of ours, and nothing was written to it"


def link(folder: Path, lock: Path) -> None:
    lock.symlink_to(folder / "precious")


def other_name(folder: Path, lock: Path) -> None:
    os.link(folder / "precious", lock)


def own_content(folder: Path, lock: Path) -> None:
    lock.write_text("years of work")


def folder_there(folder: Path, lock: Path) -> None:
    lock.mkdir()


def pipe(folder: Path, lock: Path) -> None:
    os.mkfifo(lock)


@pytest.mark.parametrize("put", [link, other_name, own_content, folder_there, pipe])
def test_what_is_no_lock_of_ours_is_refused_and_left_as_it_is(tmp_path, put):
    (tmp_path / "precious").write_text("years of work")
    put(tmp_path, tmp_path / ".m.lock")
    with pytest.raises(InputError, match=REFUSED), sole_writer(tmp_path / "m"):
        pytest.fail("the block ran")
    assert (tmp_path / "precious").read_text() == "years of work"
    assert os.path.lexists(tmp_path / ".m.lock")
    if put is own_content:
        assert (tmp_path / ".m.lock").read_text() == "years of work"


def test_a_link_to_nothing_makes_no_file(tmp_path):
    link(tmp_path, tmp_path / ".m.lock")
    with pytest.raises(InputError, match=REFUSED), sole_writer(tmp_path / "m"):
        pytest.fail("the block ran")
    assert not (tmp_path / "precious").exists()


@pytest.mark.parametrize("left", ["", "4194304"])
def test_what_a_killed_process_left_holds_up_nobody(tmp_path, left):
    (tmp_path / ".m.lock").write_text(left)
    with sole_writer(tmp_path / "m"):
        assert (tmp_path / ".m.lock").read_text() == str(os.getpid())
    assert not (tmp_path / ".m.lock").exists()

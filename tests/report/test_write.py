"""The files of a report: all of them or the old ones."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from indeependence.errors import InputError
from indeependence.files import atomic
from indeependence.report import write_report
from indeependence.report.page.evaluation import evaluation_page
from tests import ROOT
from tests.report.results_made_up import a_result, names

PLOTS = [f"{name}.{kind}" for name in ("accuracy_matrix", "learning_curve") for kind in ("pdf", "png", "svg")]
FILES = [*PLOTS, "report.html", "results.json"]


def test_a_report_is_a_page_its_numbers_and_plots_in_a_new_folder(tmp_path):
    result = a_result()
    path = write_report(result, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "report.html"
    assert names(path.parent) == FILES
    assert path.read_text(encoding="utf-8") == evaluation_page(result)
    assert json.loads(path.with_name("results.json").read_text()) == result.to_json()
    for plot in PLOTS:
        content = path.with_name(plot).read_bytes()
        assert content.startswith({"pdf": b"%PDF", "png": b"\x89PNG", "svg": b"<?xml"}[plot[-3:]])
    linked = re.findall(r'href="([^"#:]+)" download', path.read_text(encoding="utf-8"))
    assert sorted(linked) == sorted(set(FILES) - {"report.html"})


def test_writing_again_gives_the_same_bytes_and_leaves_other_files_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    contents = []
    for _ in range(2):
        write_report(a_result(), tmp_path)
        contents.append([(tmp_path / name).read_bytes() for name in FILES])
    assert contents[0] == contents[1]
    assert names(tmp_path) == sorted([*FILES, "notes.txt"])


def test_a_full_disk_at_any_file_leaves_the_old_report_and_no_temporary_file(tmp_path, monkeypatch):
    write_report(a_result(), tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    write = Path.write_bytes
    for failing in range(len(FILES)):
        calls = iter(range(len(FILES)))

        def write_bytes(path, content, calls=calls, failing=failing):
            if next(calls) == failing:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(path, content)

        monkeypatch.setattr(Path, "write_bytes", write_bytes)
        with pytest.raises(InputError, match=r"^cannot write .*: No space left on device; free some space or .*$"):
            write_report(a_result(seed=1), tmp_path)
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_disk_that_fails_to_flush_leaves_no_temporary_file(tmp_path, monkeypatch):
    def fsync(descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    with pytest.raises(InputError, match="cannot write .*Input/output error"):
        write_report(a_result(), tmp_path)
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot make the folder .*file.*; name another one"):
        write_report(a_result(), tmp_path / "file")
    with pytest.raises(InputError, match="cannot make the folder .*Not a directory; name another one"):
        write_report(a_result(), tmp_path / "file" / "folder")


def test_importing_the_report_loads_neither_plots_nor_tensorflow():
    code = (
        "import sys, indeependence.report, indeependence.report.page.evaluation\n"
        "sys.exit(any(name in sys.modules for name in ('matplotlib', 'tensorflow', 'cv2', 'sklearn', 'rich')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0

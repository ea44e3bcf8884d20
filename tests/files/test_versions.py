"""Older versions of a file: kept in order, no more than asked for, and gone back to."""

import os

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from indeependence import ContinualClassifier, InputError
from indeependence.commands import cli
from indeependence.files.versions import keep_older, older, roll_back
from indeependence.history.checking import Claims, check


@given(st.integers(1, 5), st.integers(0, 9))
def test_the_newest_versions_are_kept_in_order(tmp_path_factory, count, writings):
    path = tmp_path_factory.mktemp("kept") / "model"
    for number in range(writings + 1):
        keep_older(path, count)
        (path.parent / "new").write_text(str(number))
        (path.parent / "new").replace(path)
    expected = [str(number) for number in range(writings - 1, -1, -1)][:count]
    assert [version.read_text() for version in older(path)] == expected and path.read_text() == str(writings)


def test_a_stop_before_the_file_is_replaced_keeps_no_version_twice(tmp_path):
    path = tmp_path / "model"
    path.write_text("a")
    keep_older(path, 3)
    keep_older(path, 3)
    assert [version.read_text() for version in older(path)] == ["a"]


def test_where_there_are_no_links_versions_are_copies(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(1, "not permitted")

    monkeypatch.setattr(os, "link", refused)
    path = tmp_path / "model"
    path.write_text("a")
    keep_older(path, 1)
    path.write_text("b")
    assert older(path)[0].read_text() == "a"


def test_going_back_is_undone_by_going_back(tmp_path):
    path = tmp_path / "model"
    for text in "abcd":
        keep_older(path, 3)
        (tmp_path / "new").write_text(text)
        (tmp_path / "new").replace(path)

    def states():
        return path.read_text() + "".join(version.read_text() for version in older(path))

    assert states() == "dcba"
    roll_back(path, 2)
    assert states() == "bdca"
    roll_back(path, 1)
    assert states() == "dbca"
    for number in (0, 4):
        with pytest.raises(InputError, match="expected 1 to 3"):
            roll_back(path, number)


def test_the_command_goes_back_and_the_log_says_so(tmp_path):
    path, log = tmp_path / "m.safetensors", tmp_path / "log"
    words = ["--model", str(path), "--layers", "5", "--audit", str(log), "--output", str(tmp_path / "out")]
    train = ["train", "--data", "digits", "--limit", "30", *words]
    assert CliRunner().invoke(cli, train).exit_code == 0
    before = ContinualClassifier.load(path).moments_.fingerprint
    keep_older(path, 2)
    assert (
        CliRunner().invoke(cli, [*train[:-6], "--audit", str(log), "--output", str(tmp_path / "o"), "--load"]).exit_code
        == 0
    )
    listed = CliRunner().invoke(cli, ["rollback", "--model", str(path), "--list"]).stdout
    assert before[:12] in listed and listed.count("\n") == 1
    done = CliRunner().invoke(cli, ["rollback", "--model", str(path), "--audit", str(log)], catch_exceptions=False)
    assert done.exit_code == 0 and before in done.stdout
    assert ContinualClassifier.load(path).moments_.fingerprint == before
    check(Claims(log, path, None, None, None))
    refused = CliRunner().invoke(cli, ["rollback", "--model", str(path), "--version", "7"])
    assert isinstance(refused.exception, InputError) and "no older version 7" in str(refused.exception)

"""What an export may replace: its own kind, and never more than it wrote; a killed one loses nothing."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from indeependence import ContinualClassifier
from indeependence.errors import InputError
from indeependence.export import files
from indeependence.export.export import Export, export
from indeependence.export.places import check_export


@pytest.fixture
def saved(tmp_path):
    """A folder as `export` writes it, without TensorFlow."""
    for name in ("saved_model.pb", "fingerprint.pb", "labels.txt", "variables/variables.index"):
        (tmp_path / "s.tf" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "s.tf" / name).write_bytes(b"old")
    return tmp_path / "s.tf"


@pytest.fixture
def quick(monkeypatch):
    """Let a SavedModel be a single file, so that no test waits for TensorFlow."""

    class Model:
        def export(self, path, **_):
            path.mkdir()
            (path / "saved_model.pb").write_bytes(b"new")

    monkeypatch.setattr(files, "keras_model", lambda predictor: Model())
    return ContinualClassifier("inputs").fit(np.eye(4, dtype=np.uint8), [0, 1, 0, 1]).predictor


@pytest.mark.parametrize("name", ["variables/thesis.tex", "assets/notes.txt", "thesis.tex", "variables/deep/x"])
def test_a_file_of_others_anywhere_in_the_folder_keeps_it(saved, quick, name):
    check_export(saved)
    (saved / name).parent.mkdir(exist_ok=True)
    (saved / name).write_text("years of work")
    with pytest.raises(InputError, match="not ours to replace"):
        check_export(saved)
    with pytest.raises(InputError, match="is no SavedModel alone"):  # --overwrite deletes no more than a SavedModel
        files.write_saved_model(saved, quick)
    assert (saved / name).read_text() == "years of work"


def test_a_saved_model_of_others_is_replaced_only_when_that_is_said(saved, quick):
    (saved / "labels.txt").unlink()
    with pytest.raises(InputError, match="not ours to replace"):
        check_export(saved)
    check_export(saved, overwrite=True)
    files.write_saved_model(saved, quick)
    assert (saved / "saved_model.pb").read_bytes() == b"new"


def test_a_second_export_replaces_the_folder_of_the_first(saved, quick, tmp_path):
    ContinualClassifier("inputs").fit(np.eye(4, dtype=np.uint8), [0, 1, 0, 1]).save(tmp_path / "model")
    export(Export(tmp_path / "model", saved))
    assert (saved / "saved_model.pb").read_bytes() == b"new"


@pytest.mark.parametrize("place", ["/", "/.."])
def test_the_root_is_no_place_for_an_export(place, quick, tmp_path):
    ContinualClassifier("inputs").fit(np.eye(4, dtype=np.uint8), [0, 1, 0, 1]).save(tmp_path / "model")
    with pytest.raises(InputError, match="expected a name in a folder"):
        export(Export(tmp_path / "model", Path(place)))


def test_a_large_folder_of_others_is_not_searched_to_its_end(tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").touch()
    monkeypatch.setattr(Path, "rglob", lambda *_: pytest.fail("the whole folder was searched"))
    with pytest.raises(InputError, match="not ours to replace"):
        check_export(tmp_path / "home")


def test_a_failed_exchange_puts_the_old_folder_back(saved, quick, monkeypatch):
    replace = Path.replace

    def fail_at_the_second(path, to):
        if path.name == "made":
            raise OSError(5, "Input/output error")
        return replace(path, to)

    monkeypatch.setattr(Path, "replace", fail_at_the_second)
    with pytest.raises(InputError, match="Input/output error"):
        files.write_saved_model(saved, quick)
    assert (saved / "saved_model.pb").read_bytes() == b"old"


def test_the_next_export_takes_back_what_a_killed_one_had_moved_and_removes_the_rest(saved, quick):
    left, others = saved.parent / ".s.tf-abcd1234", saved.parent / ".s.tf-mynotes1"
    (left / "made").mkdir(parents=True)
    saved.replace(left / "old")
    others.mkdir()
    (others / "thesis.tex").write_text("years of work")
    files._take_back(saved)
    assert (saved / "saved_model.pb").read_bytes() == b"old" and not left.exists()
    assert (others / "thesis.tex").exists()


def test_a_keras_file_is_known_as_ours_by_its_name_inside(tmp_path):
    for name, ours in (("indeependence", True), ("sequential", False)):
        with zipfile.ZipFile(tmp_path / "k.keras", "w") as archive:
            archive.writestr("config.json", json.dumps({"config": {"name": name}}))
        if ours:
            check_export(tmp_path / "k.keras")
        else:
            with pytest.raises(InputError, match="not ours to replace"):
                check_export(tmp_path / "k.keras")
    (tmp_path / "k.keras").unlink()
    (tmp_path / "k.labels.txt").write_text("a list of mine")
    with pytest.raises(InputError, match="labels.txt is there already and not ours"):
        check_export(tmp_path / "k.keras")


def test_a_folder_is_no_file_to_replace(tmp_path):
    (tmp_path / "k.keras").mkdir()
    for overwrite in (False, True):
        with pytest.raises(InputError, match="expected a file there, found a folder"):
            check_export(tmp_path / "k.keras", overwrite=overwrite)

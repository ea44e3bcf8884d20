"""Where exported files stand, and which of them a new export may replace without a word."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from indeependence.encoder.fronts.keras_archive import DAMAGED
from indeependence.errors import InputError
from indeependence.files.container import WEIGHTS
from indeependence.files.lock import check_replaces
from indeependence.files.ours import SIGN, check_file

LABELLED = (".keras", ".onnx")  # files with their labels next to them
FILES = (*LABELLED, ".safetensors")
SAVED = "saved_model.pb"  # every SavedModel has it
LABELS = "labels.txt"
NAME = b'"name": "indeependence"'  # in the config of a Keras model of ours
MOST = 1 << 26  # bytes of a config
OURS = {SAVED, LABELS, "variables", "assets", "fingerprint.pb", "keras_metadata.pb"}  # in a SavedModel's folder


def labels_path(path: Path) -> Path:
    """Return the path of the labels of the model ``path``: one on each line, in the order of its outputs.

    >>> print(labels_path(Path("models/digits.keras")))
    models/digits.labels.txt
    """
    return path.with_name(f"{path.stem}.{LABELS}")


def check_export(path: Path, *, overwrite: bool = False) -> None:
    """Raise `InputError` for what can be no export, and if what is at ``path``, or labels next to it, would be lost.

    With ``overwrite``, files may be lost, and never a folder with anything but a SavedModel in it.
    """
    if path.suffix in FILES:
        check_file(path)
    if overwrite:
        return
    if path.suffix == ".safetensors":
        check_replaces(path, WEIGHTS)
        return
    if not path.exists():
        _check_labels_are_new(path)
    elif not _is_export(path):
        raise InputError(f"{path} is there already and not ours to replace: name another file, or say --overwrite")


def _check_labels_are_new(path: Path) -> None:
    if path.suffix in LABELLED and os.path.lexists(labels_path(path)):
        others = [path.with_suffix(end) for end in LABELLED if end != path.suffix]
        if not any(_is_export(other) for other in others):
            raise InputError(
                f"{labels_path(path)} is there already and not ours to replace: name another file, or say --overwrite"
            )


def _is_export(path: Path) -> bool:
    """Return whether this is a file, or a folder, as `export` writes them."""
    if path.is_dir():
        return holds_a_saved_model_alone(path) and (path / LABELS).is_file() or not any(path.iterdir())
    if not path.is_file() or path.suffix not in LABELLED:
        return False
    try:
        return _is_named_by_us(path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; name another file") from error


def _is_named_by_us(path: Path) -> bool:
    if path.suffix == ".onnx":
        return SIGN in path.read_bytes()
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.getinfo("config.json").file_size < MOST and NAME in archive.read("config.json")
    except DAMAGED:
        return not path.stat().st_size


def holds_a_saved_model_alone(path: Path) -> bool:
    """Return whether a folder is empty, or a SavedModel with nothing in it that TensorFlow and we do not write."""
    if not path.is_dir():
        return False
    if not {entry.name for entry in path.iterdir()} <= OURS:
        return False  # before all that is below it is searched
    names = {str(entry.relative_to(path)) for entry in path.rglob("*")}
    inside = {name for name in names if not name.startswith(f"variables{os.sep}variables.")}
    return not names or (SAVED in names and inside <= OURS)

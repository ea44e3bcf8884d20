"""Files for other programs: Keras, TensorFlow's SavedModel and ONNX, each with a file of labels."""

from __future__ import annotations

import contextlib
import json
import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from indeependence.errors import InputError, shown
from indeependence.export.keras_model import keras_model
from indeependence.files.atomic import atomic_path, one_line_errors, write_atomically
from indeependence.models.predictor import Predictor
from indeependence.moments.moments import Label

SAVED = "saved_model.pb"  # every SavedModel has it
LABELS = "labels.txt"
OURS = {SAVED, LABELS, "variables", "assets", "fingerprint.pb", "keras_metadata.pb"}  # in a SavedModel's folder


def write_keras(path: Path, predictor: Predictor) -> None:
    """Write ``predictor`` as the Keras model ``path``, and its labels to ``NAME.labels.txt`` next to it."""
    model = keras_model(predictor)
    with atomic_path(path) as temporary:
        model.save(temporary)
    _write_labels(labels_path(path), predictor.labels)


def write_onnx(path: Path, predictor: Predictor) -> None:
    """Write ``predictor`` as the ONNX model ``path``, and its labels next to it and as metadata in it.

    Raise `InputError` if the converter is not installed.
    """
    from indeependence import quiet_keras  # noqa: F401 (before the converter loads TensorFlow)

    try:
        with _quiet_converter():
            import onnx
            import tf2onnx  # noqa: F401 (Keras calls it)
    except ImportError as error:
        raise InputError("ONNX files need a converter: pip install 'indeependence[onnx]'") from error
    model = keras_model(predictor)
    model.predict_on_batch(np.zeros((1, *predictor.encoder.shape)))  # Keras exports only what was called once
    with atomic_path(path) as temporary:
        with _quiet_converter():
            model.export(temporary, format="onnx", verbose=False)
        written = onnx.load(temporary)
        onnx.helper.set_model_props(written, {"labels": json.dumps(list(predictor.labels))})
        onnx.save(written, temporary)
    _write_labels(labels_path(path), predictor.labels)


def write_saved_model(path: Path, predictor: Predictor) -> None:
    """Write ``predictor`` as the folder ``path``, a SavedModel with its labels in it.

    An existing SavedModel is replaced; raise `InputError` for any other file, or a folder with anything else in it.
    """
    if path.exists() and not _may_be_replaced(path):
        raise InputError(
            f"{path} is there and is no SavedModel alone: name another folder, or a file that ends in .keras"
        )
    model = keras_model(predictor)
    with one_line_errors(path), tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        made = Path(folder) / "made"
        model.export(made, format="tf_saved_model", verbose=False)
        _write_labels(made / LABELS, predictor.labels)
        if path.exists():
            path.replace(Path(folder) / "old")
        made.replace(path)


def labels_path(path: Path) -> Path:
    """Return the path of the labels of the model ``path``: one on each line, in the order of its outputs.

    >>> print(labels_path(Path("models/digits.keras")))
    models/digits.labels.txt
    """
    return path.with_name(f"{path.stem}.{LABELS}")


@contextlib.contextmanager
def _quiet_converter() -> Iterator[None]:
    """Silence the converter's warnings and log lines, which are about its own internals."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _may_be_replaced(path: Path) -> bool:
    if not path.is_dir():
        return False
    names = {entry.name for entry in path.iterdir()}
    return not names or (SAVED in names and names <= OURS)


def _write_labels(path: Path, labels: Sequence[Label]) -> None:
    write_atomically(path, "".join(f"{shown(label)}\n" for label in labels).encode())

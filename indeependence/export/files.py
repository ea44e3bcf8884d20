"""Files for other programs: Keras, TensorFlow's SavedModel and ONNX, each with a file of labels, if there are any."""

from __future__ import annotations

import contextlib
import glob
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from indeependence.encoder.fronts.double_precision import is_double
from indeependence.errors import InputError, shown
from indeependence.export.keras_model import keras_model
from indeependence.export.places import LABELS, holds_a_saved_model_alone, labels_path
from indeependence.files.atomic import atomic_path, one_line_errors, write_atomically
from indeependence.files.ours import SIGN
from indeependence.models.autoencoder.side_inference import SideInference
from indeependence.models.predictor import Predictor
from indeependence.moments.moments import Label

OLD = "old"  # where a folder stands until the new one has its place


def write_keras(path: Path, predictor: Predictor | SideInference) -> None:
    """Write ``predictor`` as the Keras model ``path``, and its labels to ``NAME.labels.txt`` next to it."""
    model = keras_model(predictor)
    with atomic_path(path) as temporary:
        model.save(temporary)
    _write_labels(labels_path(path), predictor.labels)


def write_onnx(path: Path, predictor: Predictor | SideInference) -> None:
    """Write ``predictor`` as the ONNX model ``path``, and its labels next to it and as metadata in it.

    Raise `InputError` if the converter is not installed, and for a front in double precision: what runs ONNX files has
    no convolution that computes so.
    """
    front = predictor.encoder.front
    if front is not None and is_double(front.network):
        raise InputError(f"{path}: an ONNX file cannot compute a front in double precision: export .keras or a folder")
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
        onnx.helper.set_model_props(written, {"labels": json.dumps(list(predictor.labels)), "made_by": SIGN.decode()})
        onnx.save(written, temporary)
    _write_labels(labels_path(path), predictor.labels)


def write_saved_model(path: Path, predictor: Predictor | SideInference) -> None:
    """Write ``predictor`` as the folder ``path``, a SavedModel with its labels in it.

    An existing SavedModel is replaced; raise `InputError` for any other file, or a folder with anything else in it.
    """
    path = Path(os.path.realpath(path))
    _take_back(path)
    if path.exists() and not holds_a_saved_model_alone(path):
        raise InputError(
            f"{path} is there and is no SavedModel alone: name another folder, or a file that ends in .keras"
        )
    model = keras_model(predictor)
    with one_line_errors(path), tempfile.TemporaryDirectory(dir=path.parent, prefix=_prefix(path)) as folder:
        made, old = Path(folder) / "made", Path(folder) / OLD
        model.export(made, format="tf_saved_model", verbose=False)
        _write_labels(made / LABELS, predictor.labels)
        if path.exists():
            path.replace(old)
        try:
            made.replace(path)
        except OSError:
            if old.exists():
                old.replace(path)
            raise


def _prefix(path: Path) -> str:
    return f".{path.name}-"


def _take_back(path: Path) -> None:
    """Remove the unfinished folders of killed exports to ``path``, and put back what one had moved out of its place.

    The caller holds the lock of ``path``, so no other export to it is running.
    """
    for left in path.parent.glob(f"{glob.escape(_prefix(path))}????????"):
        if left.is_symlink() or not left.is_dir() or not {one.name for one in left.iterdir()} <= {"made", OLD}:
            continue
        if (left / OLD).exists() and not path.exists():
            (left / OLD).replace(path)
        shutil.rmtree(left, ignore_errors=True)


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


def _write_labels(path: Path, labels: Sequence[Label]) -> None:
    if not labels:  # of pairs; those of what stood here before are not theirs
        path.unlink(missing_ok=True)
        return
    write_atomically(path, "".join(f"{shown(label)}\n" for label in labels).encode())

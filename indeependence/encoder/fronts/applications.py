"""Networks of `keras.applications`, by name: built without their answers, with weights, size and scale as trained."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.encoder.fronts.keras_archive import weights_in
from indeependence.encoder.fronts.keras_network import KerasNetwork, network_of
from indeependence.encoder.fronts.preparation import SCALES
from indeependence.errors import InputError, did_you_mean

log = logging.getLogger(__name__)
USUAL = 224  # pixels, of networks that take any size
HINT = "; a file of them, without the last layer, may be given by --weights FILE"


def application(name: str, weights: Path | None = None) -> tuple[KerasNetwork, str]:
    """Return the network of this name in `keras.applications`, and the scale of its inputs.

    Keras downloads its ImageNet weights, unless it has them already or the file ``weights`` has them. Raise
    `InputError` for an unknown name, and for weights that cannot be had or do not fit.
    """
    make = _maker(name)
    if weights is None:
        log.info("%s: Keras fetches its ImageNet weights, unless it has them already", make.__name__)
    else:
        _check_weights(weights)
    # Keras numbers its layers in each thread anew: their names are then the same every time.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(_built, make, weights).result(), _scale_of(make)


def _maker(name: str) -> Callable[..., Any]:
    from indeependence.quiet_keras import keras

    makers = {one.lower(): make for one, make in vars(keras.applications).items() if one[:1].isupper()}
    if name.lower() not in makers:
        near = did_you_mean(name, (make.__name__ for make in makers.values()))
        raise InputError(
            f"--encoder: expected a .keras or .onnx file, or a network of keras.applications such as MobileNetV2, got "
            f"{name}{near}"
        )
    return makers[name.lower()]


def _built(make: Callable[..., Any], weights: Path | None) -> KerasNetwork:
    import keras

    with keras.StatelessScope(initialize_variables=False):  # its usual size, without memory for its weights
        size = make(weights=None).inputs[0].shape[1] or USUAL
    given: dict[str, Any] = {"include_top": False, "pooling": "avg", "input_shape": (size, size, 3)}
    try:
        # Keras tells how far a download is on stdout, which is for results; a program is told nothing.
        with contextlib.redirect_stdout(sys.stderr if sys.stderr.isatty() else io.StringIO()):
            model = make(weights="imagenet" if weights is None else str(weights), **given)
    except Exception as error:  # of any kind: a network fails in many ways, and so do files
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        if weights is None:
            raise InputError(f"cannot get the weights of {make.__name__}: {reason}{HINT}") from error
        raise InputError(f"{weights}: no weights of {make.__name__} without its last layer ({reason})") from error
    return network_of(model)


def _scale_of(make: Callable[..., Any]) -> str:
    """Return the scale that does what the network's own module does to pictures."""
    asked = np.array([[[[10.0, 20.0, 30.0], [250.0, 130.0, 5.0]]]], np.float32)
    expected = np.asarray(sys.modules[make.__module__].preprocess_input(asked.copy()))
    for name, scale in SCALES.items():
        if np.allclose(scale(asked), expected, atol=1e-4):
            return name
    raise InputError(f"{make.__name__} scales its inputs in a way that is not known here: save it as a .keras file")


def _check_weights(path: Path) -> None:
    """Raise `InputError` unless a file holds all its weights itself."""
    try:
        for _ in weights_in(path.read_bytes()):
            pass
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error

"""Data sets known by name: `digits` comes with scikit-learn, the others are downloaded by Keras when asked for."""

import importlib
import sys
from contextlib import redirect_stdout

import numpy as np

from indeependence.data.stratify import stratified_rows
from indeependence.errors import InputError

_KERAS = {"mnist": "mnist", "fashion-mnist": "fashion_mnist", "cifar10": "cifar10", "cifar100": "cifar100"}
NAMES = ("digits", *_KERAS)

# The split of digits is part of what the name means: results on it are compared between machines and releases.
_DIGITS_TEST_FRACTION = 0.2
_DIGITS_SEED = 0


def load_named(name: str) -> dict[str, np.ndarray]:
    """Return the arrays x_train, y_train, x_test and y_test of one of NAMES; raise `InputError` if a download fails.

    >>> {part: array.shape for part, array in load_named("digits").items()}
    {'x_train': (1438, 8, 8), 'y_train': (1438,), 'x_test': (359, 8, 8), 'y_test': (359,)}
    """
    return _digits() if name == "digits" else _from_keras(name)


def _digits() -> dict[str, np.ndarray]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = (digits.images.astype(np.int64) * 255 // 16).astype(np.uint8)
    train, test = stratified_rows(digits.target, test_fraction=_DIGITS_TEST_FRACTION, seed=_DIGITS_SEED)
    y = digits.target
    return {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}


def _from_keras(name: str) -> dict[str, np.ndarray]:
    from indeependence import quiet_keras  # noqa: F401 (before Keras)

    module = importlib.import_module(f"keras.datasets.{_KERAS[name]}")
    try:
        with redirect_stdout(sys.stderr):  # Keras announces a download on stdout, which is for results
            (x_train, y_train), (x_test, y_test) = module.load_data()
    except Exception as error:  # Keras raises a bare Exception when a download fails
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"cannot download {name}: {reason}; check the network, or give the path of a folder that has the data"
        ) from error
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}

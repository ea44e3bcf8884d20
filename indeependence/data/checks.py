"""Checks of whether the parts of a data set fit together."""

import numpy as np

from indeependence.errors import InputError

_SHOWN = 5  # labels named in a message


def check_same_length(x_name: str, x: np.ndarray, y_name: str, y: np.ndarray) -> None:
    """Raise `InputError` if the numbers of inputs and of labels differ."""
    if len(x) != len(y):
        raise InputError(f"different numbers of inputs and labels: {x_name} has {len(x)} and {y_name} has {len(y)}")


def check_classes(y_train: np.ndarray, y_test: np.ndarray) -> None:
    """Raise `InputError` for test labels of another kind, or that no training example has."""
    if y_train.dtype.kind != y_test.dtype.kind:
        raise InputError(
            "labels must be numbers in both the training and the test part, or names in both; got one of each"
        )
    learned = np.unique(y_train)
    unknown = np.setdiff1d(y_test, learned)
    if len(unknown):
        shown = ", ".join(map(str, unknown[:_SHOWN])) + (", …" if len(unknown) > _SHOWN else "")
        raise InputError(f"the test set has labels that never occur in training: {shown}")


def check_measurable(y_train: np.ndarray, y_test: np.ndarray) -> None:
    """Raise `InputError` unless there are at least two classes, and examples to test on."""
    learned = np.unique(y_train)
    if len(learned) < 2:
        raise InputError(f"expected at least two classes to tell apart, got one: {learned[0]!s}; train learns one, too")
    if not len(y_test):
        raise InputError(
            "expected a test part to measure on, got none: give a test fraction above 0, 0.2 say, and at least two "
            "examples of a class"
        )

"""What inputs and labels must be like, whatever they were read from."""

import numpy as np

from indeependence.errors import InputError

_SHOWN = 5  # labels named in a message


def usable_inputs(parts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same parts as pictures [N, H, W] or [N, H, W, 3] or vectors [N, D], all uint8 or all float64.

    A last axis of 1 is dropped from pictures. Whole-number pictures with values in 0…255 become uint8; other inputs
    that are not uint8 become float64. Raises InputError for other shapes and types, for parts of different
    shapes, for no examples, and for NaN or infinite values.

    >>> usable_inputs({"x": np.array([[[0, 255]]])})["x"]
    array([[[  0, 255]]], dtype=uint8)
    """
    shaped = {name: _shaped(name, part) for name, part in parts.items()}
    (first, *others) = shaped.items()
    for name, part in others:
        if part.shape[1:] != first[1].shape[1:]:
            raise InputError(
                f"{first[0]} and {name} must hold examples of one shape, got {_times(first[1].shape[1:])} "
                f"and {_times(part.shape[1:])}; bring them to one"
            )
    if all(part.dtype == np.uint8 for part in shaped.values()):
        return shaped
    if all(part.ndim > 2 and _is_8_bit(part) for part in shaped.values()):
        return {name: part.astype(np.uint8, copy=False) for name, part in shaped.items()}
    return {name: _finite(name, part).astype(np.float64, copy=False) for name, part in shaped.items()}


def usable_labels(name: str, labels: np.ndarray) -> np.ndarray:
    """Labels [N] as int64 or as text; a second axis of 1 is dropped, whole floats become int64.

    Raises InputError for other shapes, for numbers that are not whole, and for other types.

    >>> usable_labels("y", np.array([[3.0], [1.0]]))
    array([3, 1])
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise InputError(f"{name}: expected one label an example, got an array of shape {labels.shape}")
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8", "replace")
    if labels.dtype.kind == "f":
        whole = np.isfinite(labels) & (labels == np.rint(labels))
        if not whole.all():
            row = int(np.argmin(whole))
            raise InputError(f"{name}, row {row}: expected labels that are whole numbers or names, got {labels[row]}")
    elif labels.dtype.kind not in "biuU":
        raise InputError(f"{name}: expected labels that are whole numbers or names, got {labels.dtype}")
    if labels.dtype.kind == "U":
        return labels
    if len(labels) and not -(2.0**63) <= float(labels.min()) <= float(labels.max()) < 2.0**63:
        raise InputError(f"{name}: expected labels that fit in 64 bits, got {labels.min()} to {labels.max()}")
    return labels.astype(np.int64, copy=False)


def check_same_length(x_name: str, x: np.ndarray, y_name: str, y: np.ndarray) -> None:
    """Nothing; InputError if the numbers of inputs and of labels differ."""
    if len(x) != len(y):
        raise InputError(f"different numbers of inputs and labels: {x_name} has {len(x)} and {y_name} has {len(y)}")


def check_classes(y_train: np.ndarray, y_test: np.ndarray) -> None:
    """Raise InputError for test labels of another kind, or that no training example has."""
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
    """Raise InputError unless there are two classes to tell apart, and examples to test on."""
    learned = np.unique(y_train)
    if len(learned) < 2:
        raise InputError(f"expected at least two classes to tell apart, got one: {learned[0]!s}; train learns one, too")
    if not len(y_test):
        raise InputError("expected a test part to measure on, got none: give a test fraction above 0, 0.2 say")


def _shaped(name: str, part: np.ndarray) -> np.ndarray:
    if part.ndim == 4 and part.shape[3] == 1:
        part = part[..., 0]
    if part.ndim not in (2, 3, 4) or (part.ndim == 4 and part.shape[3] != 3):
        raise InputError(
            f"{name}: expected pictures [N, H, W] or [N, H, W, 3] or vectors [N, D], got an array of shape {part.shape}"
        )
    if part.size == 0:
        raise InputError(f"{name} is empty: its shape is {part.shape}")
    if part.dtype.kind not in "buif":
        raise InputError(f"{name}: expected numbers, got {part.dtype}")
    return part


def _is_8_bit(part: np.ndarray) -> bool:
    return part.dtype.kind in "bui" and int(part.min()) >= 0 and int(part.max()) <= 255


def _finite(name: str, part: np.ndarray) -> np.ndarray:
    # min and max carry NaN and infinity to the outside without an array as large as the data.
    if part.dtype.kind == "f" and not (np.isfinite(part.min()) and np.isfinite(part.max())):
        rows = np.isfinite(part).reshape(len(part), -1).all(axis=1)
        raise InputError(f"{name}, row {int(np.argmin(rows))}: NaN or infinite value; expected finite numbers")
    return part


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))

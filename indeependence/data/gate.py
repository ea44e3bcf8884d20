"""The one gate: checks of inputs and labels, from a file, from the command line or from Python."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np

from indeependence.errors import InputError, is_utf_8

WHOLE = 2**53  # float64 holds every whole number up to here
BEYOND = "a whole number beyond 2**53, which no float64 holds: leave such columns out"
NUL = "\0"  # NumPy's text drops it at the end, so that two names would become one


class MayMiss(np.ndarray):
    """Inputs of a table, in which NaN is a missing value and no mistake; rows and columns of it are such, too."""


def check_values(name: str, values: Any) -> None:
    """Raise `InputError` for masked values, for fields, and for objects that are no numbers or no float64 holds.

    >>> check_values("x", np.ma.array([1, 2], mask=[False, True]))
    Traceback (most recent call last):
    indeependence.errors.InputError: x: 1 value is masked; expected none: fill it, or leave its row out
    """
    parts = values if isinstance(values, list | tuple) else [values]
    masked = sum(int(np.ma.count_masked(part)) for part in parts if isinstance(part, np.ma.MaskedArray))
    if masked:
        what = (
            "value is masked; expected none: fill it, or leave its row"
            if masked == 1
            else ("values are masked; expected none: fill them, or leave their rows")
        )
        raise InputError(f"{name}: {masked:,} {what} out")
    if not isinstance(values, np.ndarray):
        return
    if values.dtype.names:
        raise InputError(
            f"{name}: expected numbers, got the fields {', '.join(values.dtype.names)}: make a table of it"
        )
    if values.dtype == object:
        for place, value in np.ndenumerate(values):
            where = f"{name}, {_where(place)}"
            if isinstance(value, str | bytes | list | tuple | complex):
                raise InputError(f"{where}: expected a number, got {value!r}: leave such columns out")
            if isinstance(value, int) and abs(value) > WHOLE:
                raise InputError(f"{where}: {BEYOND}")


def usable_inputs(parts: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the same parts as pictures [N, H, W] or [N, H, W, 3] or vectors [N, D], all uint8 or all float64.

    A last axis of 1 is dropped from pictures. Whole-number pictures with values in 0…255 become uint8; other inputs
    that are not uint8 become float64. Raise `InputError` for other shapes and types, for parts of different
    shapes, for no examples, and for NaN or infinite values; NaN stays in parts of `MayMiss`.

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
    return {name: finite(name, part) for name, part in shaped.items()}


def finite(name: str, part: np.ndarray) -> np.ndarray:
    """Return ``part`` as float64; raise `InputError` for what is not a number, for NaN and for infinite values.

    NaN stays in a part of `MayMiss`.

    >>> finite("x", np.array([[1, 2]]))
    array([[1., 2.]])
    """
    values = _as_floats(name, part)
    # min and max carry NaN and infinity to the outside without an array as large as the data.
    if values.size and not (np.isfinite(values.min()) and np.isfinite(values.max())):
        usable = np.isfinite(values) | (np.isnan(values) & isinstance(part, MayMiss))
        if usable.all():
            return values
        raise InputError(
            f"{name}, {_place(~usable)}: NaN or infinity; expected finite numbers: remove or fill them first"
        )
    return values


def _as_floats(name: str, part: np.ndarray) -> np.ndarray:
    """Return ``part`` as float64; raise `InputError` for what is no number, and for whole numbers beyond 2**53."""
    if part.dtype.kind in "iu" and part.size and max(int(part.max()), -int(part.min())) > WHOLE:
        place = _place((part > WHOLE) | (part < -WHOLE))
        raise InputError(f"{name}, {place}: {BEYOND}")
    try:
        with np.errstate(over="ignore"):  # what a longer float holds may become infinite, and is then refused
            return part.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: expected numbers, got {part.dtype} ({error}): leave text out") from error


def _place(wrong: np.ndarray) -> str:
    """Return the place of the first True in ``wrong [N, ...]`` in words, with its column in a table.

    >>> _place(np.array([[False, False], [False, True]]))
    'row 1, column 1'
    """
    row, *others = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    return _where((row, *others))


def _where(place: tuple[Any, ...]) -> str:
    return f"row {place[0]}, column {place[1]}" if len(place) == 2 else f"row {place[0]}"


def usable_labels(name: str, labels: Any) -> np.ndarray:
    """Return labels [N] in their one form, int64 or text, whatever they came as; a second axis of 1 is dropped.

    ``True``, 1 and 1.0 are one label; bytes are text in UTF-8; names that look alike, with accents in one character or
    in two, are one name, in Unicode's form NFC. Raise `InputError` for other shapes, for numbers that are not whole or
    do not fit into 64 bits, for what is neither number nor name, and for numbers and names together.

    >>> usable_labels("y", np.array([[3.0], [1.0]])), usable_labels("y", [b"a", "b"])
    (array([3, 1]), array(['a', 'b'], dtype='<U1'))
    """
    check_values(name, labels if isinstance(labels, np.ma.MaskedArray) else None)
    array = _as_array(labels)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2:
        raise InputError(
            f"{name}: expected one label for each example, got {array.shape[1]}: of one-hot rows take "
            "argmax(1); for several labels at once, ContinualMultiLabelClassifier"
        )
    if array.ndim != 1:
        raise InputError(f"{name}: expected one label an example, got an array of shape {array.shape}")
    if array.dtype.kind in "OST":
        array = _of_objects(name, array.tolist())
    if array.dtype.kind == "U":
        return _of_names(name, array)
    return _of_numbers(name, array)


def _as_array(labels: Any) -> np.ndarray:
    """Return labels as an array in which no name has lost its end."""
    if isinstance(labels, list | tuple) and any(isinstance(label, str | bytes) for label in labels):
        return np.array([*labels, None], object)[:-1]
    return np.asarray(labels)


def _of_objects(name: str, values: list) -> np.ndarray:
    """Return the labels of a list as text or numbers; whole numbers of Python may be larger than any of NumPy's."""
    try:
        plain = [value.decode() if isinstance(value, bytes) else value for value in values]
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: expected names in UTF-8, got {error.object!r}") from error
    if all(isinstance(value, str) for value in plain):
        return _of_names(name, np.array([*plain, None], object)[:-1])
    numbers = (bool, int, float, np.integer, np.floating, np.bool_)
    odd = [value for value in plain if not isinstance(value, numbers)]
    if odd:
        missing = [row for row, value in enumerate(plain) if _is_missing(value)]
        if missing:
            kind = type(plain[missing[0]]).__name__
            raise InputError(f"{name}, row {missing[0]}: expected a label, got {kind} among them: leave such rows out")
        kind = "names and numbers" if isinstance(odd[0], str) else type(odd[0]).__name__
        raise InputError(f"{name}: expected labels that are whole numbers or names, got {kind} among them")
    return np.array(plain)


def _is_missing(value: Any) -> bool:
    """Return whether a value stands for none: None, NaN, or one of pandas's own."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (value != value) is True


def _of_names(name: str, labels: np.ndarray) -> np.ndarray:
    """Return names as text of NumPy, each in its one form; raise `InputError` for one that no file can keep."""
    written = dict.fromkeys(labels.tolist())
    one_form = {label: _one_form(name, label) for label in written}
    if labels.dtype.kind == "U" and all(label == form for label, form in one_form.items()):
        return labels
    return np.array([one_form[label] for label in labels.tolist()], str)


def _one_form(name: str, label: str) -> str:
    if NUL in label:
        raise InputError(f"{name}: expected names without the character NUL, got {label!r}")
    if not is_utf_8(label):
        raise InputError(f"{name}: expected names in UTF-8, got {label!r}: rename that class")
    return unicodedata.normalize("NFC", label)


def _of_numbers(name: str, labels: np.ndarray) -> np.ndarray:
    if labels.dtype.kind == "f":
        if not np.isfinite(labels).all():
            raise InputError(
                f"{name}: expected labels that are whole numbers or names, got NaN or infinity: leave those out"
            )
        whole = labels == np.rint(labels)
        if not whole.all():
            row = int(np.argmin(whole))
            raise InputError(
                f"{name}, row {row}: expected labels that are whole numbers or names, got {labels[row]} "
                "(continuous values): this is a classifier"
            )
        if len(labels) and float(np.abs(labels).max()) > 2.0**53:
            raise InputError(
                f"{name}: expected whole numbers up to 2**53, which a float holds exactly: give them as int"
            )
    elif labels.dtype.kind not in "biu":
        raise InputError(f"{name}: expected labels that are whole numbers or names, got {labels.dtype}")
    elif labels.dtype.kind == "u" and len(labels) and int(labels.max()) >= 2**63:
        raise InputError(f"{name}: expected labels that fit in 64 bits, got {labels.max()}")
    return labels.astype(np.int64, copy=False)


def _shaped(name: str, part: np.ndarray) -> np.ndarray:
    check_values(name, part)
    if part.ndim == 4 and part.shape[3] == 1:
        part = part[..., 0]
    if part.ndim not in (2, 3, 4) or (part.ndim == 4 and part.shape[3] != 3):
        raise InputError(
            f"{name}: expected pictures [N, H, W] or [N, H, W, 3] or vectors [N, D], got an array of shape {part.shape}"
        )
    if part.size == 0:
        raise InputError(f"{name} is empty: its shape is {part.shape}")
    if part.dtype.kind == "O":
        return _as_floats(name, part)
    if part.dtype.kind not in "buif":
        hint = ": give days or seconds as numbers" if part.dtype.kind in "mM" else ""
        raise InputError(f"{name}: expected numbers, got {part.dtype}{hint}")
    return part


def _is_8_bit(part: np.ndarray) -> bool:
    return part.dtype.kind in "bui" and int(part.min()) >= 0 and int(part.max()) <= 255


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))

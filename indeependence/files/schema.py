"""What a value that was read from a file may be: small questions, and one error where the answer is no.

A file that fits together may still be false: its fingerprints can be computed by whoever changes it. So every value is
asked for its type and range when it is read, next to what it means.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any
from unicodedata import normalize

import numpy as np

from indeependence.errors import InputError

LONGEST = 10_000  # characters of a name or of a text of options


def expect(holds: bool, what: str) -> None:
    """Raise `InputError` that says ``what`` was expected unless it ``holds``."""
    if not holds:
        raise InputError(f"damaged model: expected {what}; use a copy of the file")


def is_whole(value: Any, least: int, most: int) -> bool:
    """Return whether this is a whole number in a range; a truth value is none.

    >>> is_whole(3, 0, 3), is_whole(3.0, 0, 3), is_whole(True, 0, 3)
    (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_number(value: Any, least: float, most: float) -> bool:
    """Return whether this is a number in a range, which NaN never is.

    >>> is_number(0.5, 0, 1), is_number(float("nan"), 0, 1), is_number("0.5", 0, 1)
    (True, False, False)
    """
    number = isinstance(value, float | int | np.floating) and not isinstance(value, bool)
    return bool(number and least <= value <= most)


def is_text(value: Any, longest: int = LONGEST) -> bool:
    """Return whether this is a text that is not too long."""
    return isinstance(value, str) and len(value) <= longest


def are_texts(values: Any, *, unique: bool = False) -> bool:
    """Return whether this is a list of texts, each of them once if they are to be ``unique``."""
    return isinstance(values, list | tuple) and all(map(is_text, values)) and not (unique and _repeat(values))


def is_mapping(value: Any, names: Collection[str]) -> bool:
    """Return whether this is a mapping with some of these ``names`` and no others."""
    return isinstance(value, Mapping) and value.keys() <= set(names)


def by_name(values: Any) -> dict[str, Any]:
    """Return a copy of a mapping by names; raise `InputError` for anything else, pairs too.

    >>> by_name({"penalty": 1})
    {'penalty': 1}
    """
    expect(isinstance(values, dict) and all(map(is_text, values)), "values by name")
    return dict(values)


def are_labels(labels: Any) -> bool:
    """Return whether this is a list of labels as they are learned: whole numbers or names, in order, each once.

    >>> are_labels([2, 10]), are_labels(["a", "b"]), are_labels([1, 1]), are_labels([1, "a"]), are_labels([True])
    (True, True, False, False, False)
    """
    if not isinstance(labels, list | tuple):
        return False
    numbers = all(is_whole(label, -(2**63), 2**63 - 1) for label in labels)
    names = all(isinstance(label, str) and normalize("NFC", label) == label and "\0" not in label for label in labels)
    return (numbers or names) and not _repeat(labels) and list(labels) == sorted(labels)


def wholes(array: Any, shape: tuple[int, ...], kinds: str = "iu") -> bool:
    """Return whether this is an array of whole numbers of that ``shape``."""
    return isinstance(array, np.ndarray) and array.dtype.kind in kinds and array.shape == shape


def floats(array: Any, shape: tuple[int, ...], *, least: float = -math.inf, most: float = math.inf) -> bool:
    """Return whether this is an array of finite float32 or float64 of that ``shape``, all of them in a range."""
    real = isinstance(array, np.ndarray) and array.dtype in (np.float32, np.float64) and array.shape == shape
    return bool(real and np.isfinite(array).all() and (array >= least).all() and (array <= most).all())


def _repeat(values: Collection[Any]) -> bool:
    return len(set(values)) < len(values)

"""The column of labels of a table."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from unicodedata import normalize

import numpy as np
import pandas as pd

from indeependence.data.readers.table_roles import Roles
from indeependence.data.table_kinds import Where, is_text
from indeependence.data.table_schema import MANY
from indeependence.data.table_values import NOT_A_LABEL, labels_of
from indeependence.errors import InputError

USUAL = ("label", "labels", "class", "target", "y", "species", "kind", "type", "category", "outcome", "diagnosis")


def labels_in(series: pd.Series, where: Where, *, names: bool = False, needed: bool = True) -> np.ndarray | None:
    """Return labels [N]: numbers if every text prints back the same, else text, as always if they are ``names``.

    Raise `InputError`, which names the row, for a missing label; return None where labels are not ``needed``.
    """
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object)
    missing = _missing(series)
    if missing.any():
        if not needed:
            return None
        row = int(np.argmax(missing))
        text = "" if pd.isna(series.iloc[row]) else str(series.iloc[row]).strip()
        raise InputError(f"{where(row)}: expected a label, got {repr(text) if text else 'an empty cell'}")
    if not is_text(series):
        typed = series.infer_objects().to_numpy()
        typed = typed.astype(np.int64) if typed.dtype == bool else typed
        return np.array([_text(value) for value in typed.tolist()]) if names or typed.dtype == object else typed
    codes, uniques = pd.factorize(series.to_numpy(object))
    texts = [normalize("NFC", str(text).strip()) for text in uniques]
    lost = [text for text in texts if "\0" in text]
    if lost:
        raise InputError(f"expected labels without the character NUL, got {lost[0]!r}")
    numbers = None if names else labels_of(texts)
    return np.array(texts)[codes] if numbers is None else _whole(np.array(numbers))[codes]


def _whole(numbers: np.ndarray) -> np.ndarray:
    """Return numbers as int64 if all of them are whole; others stay, for the gate to refuse."""
    whole = numbers.dtype.kind == "f" and (numbers == np.rint(numbers)).all() and np.abs(numbers).max() <= 2.0**53
    return numbers.astype(np.int64) if whole else numbers


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else normalize("NFC", str(value).strip())


def _missing(series: pd.Series) -> np.ndarray:
    if not is_text(series):
        return series.isna().to_numpy(bool)
    codes, uniques = pd.factorize(series.to_numpy(object))
    return np.array([str(text).strip().lower() in NOT_A_LABEL for text in uniques] + [True])[codes]


def check_first_labels(y: np.ndarray, roles: Roles, *, is_named: bool) -> None:
    """Raise `InputError` if labels are nearly all different, or fractions, and another column looks more like labels.

    For a column that was named for it a warning does.
    """
    label, classes = roles.schema.label, len(np.unique(y))
    _warn_of_case(f"{label}", y)
    measured = y.dtype.kind == "f" and not (y == np.rint(y)).all()
    if not measured and (classes < MANY or 2 * classes <= len(y)):
        return
    what = f"column {label}: {classes} different labels in {len(y)} rows"
    if is_named and not measured:
        warnings.warn(f"{what}: is it meant to be the label?", UserWarning, stacklevel=2)
        return
    hint = _suggestion(roles)
    if not measured or (hint and not is_named):
        raise InputError(
            f"{what} are {'measured values' if measured else 'no classes'}{hint or '; name a column with --label'}"
        )


def _warn_of_case(label: str, y: np.ndarray) -> None:
    """Warn of two labels that differ only in capital letters."""
    found: dict[str, str] = {}
    for name in np.unique(y).tolist() if y.dtype.kind == "U" else []:
        other = found.setdefault(name.casefold(), name)
        if other != name:
            text = f"column {label}: {other!r} and {name!r} are two classes; write them alike if they are one"
            warnings.warn(text, UserWarning, stacklevel=2)
            return


def _suggestion(roles: Roles) -> str:
    """Return ``; did you mean --label NAME?`` for the column that looks most like labels; nothing if none does."""
    label, rows = roles.schema.label, len(roles.frame)
    names = [name for name in roles.frame if name not in (label, roles.schema.id, *roles.schema.ignore)]
    likely = [name for name in names if 2 <= (few := _classes(roles.frame[name])) and few * 5 <= max(rows, 10)]
    best = min(likely, key=lambda name: _rank(name, likely, roles.frame[name]), default=None)
    return f"; did you mean --label {best}?" if best is not None else ""


def _rank(name: str, names: Sequence[str], series: pd.Series) -> tuple:
    """Return how early a column is suggested: usual names, then names of classes rather than numbers, then the last."""
    numbers = labels_of([str(value).strip() for value in pd.unique(series.dropna()).tolist()]) is not None
    return name.lower() not in USUAL, numbers, -names.index(name)


def _classes(series: pd.Series) -> int:
    """Return the number of different labels in a column; 0 if it holds measured numbers."""
    values = [str(value).strip() for value in pd.unique(series.dropna()).tolist()]
    numbers = labels_of(values)
    measured = numbers is not None and any(float(number) != int(number) for number in numbers)
    return 0 if measured else len(values)

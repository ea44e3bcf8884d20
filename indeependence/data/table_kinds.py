"""From a column of a data frame to its kind and its values: found in the first data, and as known in later data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from indeependence.data.table_column import Column
from indeependence.data.table_values import (
    are_padded,
    date_orders,
    days,
    has_decimal_comma,
    is_beyond,
    is_missing,
    number,
    numbers,
    truths,
)
from indeependence.errors import InputError

Where = Callable[[int], str]  # how a message names a row
FEW = 10  # as many different numbers may be names of categories
HINT = "correct it, leave the cell empty if the value is missing, or leave the column out with --ignore"


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of texts: each different one once, and which of them stands in each row; -1 where it is missing."""

    name: str
    found: list[str]
    codes: np.ndarray  # [N]
    decimal_comma: bool = False

    @classmethod
    def of(cls, name: str, series: pd.Series, *, decimal_comma: bool = False, known: Sequence[str] = ()) -> Texts:
        """Return the texts of a column, without blanks around them; ``known`` categories are no missing values."""
        codes, uniques = pd.factorize(series.to_numpy(object))
        stripped = [str(text).strip() for text in uniques]
        known = ("-",) if "+" in stripped else known  # next to +, - is no missing value
        gone = [is_missing(text) and text not in known for text in stripped]
        found = list(dict.fromkeys(text for text, missing in zip(stripped, gone, strict=True) if not missing))
        place = {text: at for at, text in enumerate(found)}
        places = np.array([-1 if m else place[text] for text, m in zip(stripped, gone, strict=True)] + [-1])
        return cls(name, found, places[codes], decimal_comma)

    @cached_property
    def numbers(self) -> list[float | None]:
        """The number that each text says, None for one that says none."""
        return numbers(self.found, decimal_comma=self.decimal_comma)

    @property
    def count(self) -> int:
        """The number of cells with a value."""
        return int((self.codes >= 0).sum())

    def row(self, text: str) -> int:
        """Return the first row that has this text."""
        return int(np.argmax(self.codes == self.found.index(text)))

    def floats(self, values: list[float | None]) -> np.ndarray:
        """Return the values of the texts, one for each row; NaN where there is none."""
        return np.array([np.nan if value is None else value for value in values] + [np.nan])[self.codes]

    def names(self) -> np.ndarray:
        """Return the text of each row, None where it is missing."""
        return np.array([*self.found, None], object)[self.codes]


def is_text(series: pd.Series) -> bool:
    """Return whether all values of a column that are there are text."""
    values = series.cat.categories if isinstance(series.dtype, pd.CategoricalDtype) else series
    text = values.dtype == object or isinstance(values.dtype, pd.StringDtype)
    return text and pd.api.types.infer_dtype(values, skipna=True) in ("string", "empty")


def first_column(
    name: str, series: pd.Series, where: Where, *, decimal_comma: bool = False
) -> tuple[Column, np.ndarray]:
    """Return a column of the first data, and its values, float64 or text.

    Raise `InputError` for infinite values, and for a column in which numbers and other texts are mixed.
    """
    if is_text(series):
        texts = Texts.of(name, series, decimal_comma=decimal_comma)
        kind, order = _kind(texts, where)
        column = Column(name, kind, bool((texts.codes < 0).any()), order=order)
        values = _read(column, texts, where)
    else:
        series = _typed(series)
        values = _values(series)
        column = Column(name, _typed_kind(series), missing=bool(pd.isna(values).any()))
    if column.kind == "category":
        known = tuple(sorted({value for value in values.tolist() if value is not None}))
        return Column(name, "category", column.missing, known), values
    return column, _finite(name, values, where)


def later_values(column: Column, series: pd.Series, where: Where, *, decimal_comma: bool = False) -> np.ndarray:
    """Return the values of a known column; raise `InputError`, which names row and value, for those of another kind."""
    if is_text(series):
        texts = Texts.of(column.name, series, decimal_comma=decimal_comma, known=column.categories)
        return _finite(column.name, _read(column, texts, where), where)
    values = _values(_typed(series))
    if column.kind == "category":
        return _names(values)
    if values.dtype == object:
        row = next(row for row, value in enumerate(values) if value is not None)
        raise _odd(column, values[row], where(row))
    return _finite(column.name, values, where)


def comma_is_decimal(frame: pd.DataFrame, *, likely: bool) -> bool:
    """Return whether the numbers in the columns of a table, all of them texts, have decimal commas."""
    found: list[str] = []
    for series in (frame[name] for name in frame):
        texts = pd.unique(series).tolist()
        if "," in "".join(texts):
            texts = [text for text in map(str.strip, texts) if not is_missing(text)]
            if all(number(text) is not None or number(text, decimal_comma=True) is not None for text in texts):
                found += texts
        else:
            found += [text.strip() for text in texts if "." in text][:FEW]
    return has_decimal_comma(found, likely=likely)


def _kind(texts: Texts, where: Where) -> tuple[str, str | None]:
    """Return the kind of a column of texts, and the order of its dates.

    Raise `InputError` where numbers are mixed with a few other texts.
    """
    if are_padded(texts.found) and all(text.lstrip("+-").isdigit() for text in texts.found):
        return "category", None  # post codes, 007
    odd = [text for text, value in zip(texts.found, texts.numbers, strict=True) if value is None]
    signs = [text for text in texts.found if text.endswith("%")]
    if not odd and 0 < len(signs) < len(texts.found):
        raise _odd(Column(texts.name), signs[0], where(texts.row(signs[0])))
    if not odd:
        return "number", None
    if None not in truths(texts.found):
        return "boolean", None
    if len(orders := date_orders(texts.found)) == 1:
        return "date", orders[0]
    if orders:
        text = texts.found[0]
        raise InputError(
            f"{where(texts.row(text))}, column {texts.name}: day and month of {text!r} can be told apart in no row: "
            "write dates as 2024-12-31, or leave the column out with --ignore"
        )
    _check_mixed(texts, set(odd), where)
    return "category", None


def _check_mixed(texts: Texts, odd: set[str], where: Where) -> None:
    """Raise `InputError` if most cells are measured numbers, so that the ``odd`` texts can be no categories."""
    is_odd = np.array([text in odd for text in texts.found] + [True])[texts.codes] & (texts.codes >= 0)
    measured = len(texts.found) - len(odd)
    count = texts.count - int(is_odd.sum())
    if measured and 2 * count >= texts.count and (measured > FEW or measured > 0.8 * count):
        row = int(np.argmax(is_odd))
        rest = f" (and {len(odd) - 1} other texts)" if len(odd) > 1 else ""
        raise InputError(
            f"{where(row)}, column {texts.name}: expected a number, got {texts.found[texts.codes[row]]!r}{rest}: {HINT}"
        )


def _read(column: Column, texts: Texts, where: Where) -> np.ndarray:
    """Return texts as values of the column's kind."""
    if column.kind == "category":
        return texts.names()
    if column.kind == "date":
        orders = [column.order] if column.order else date_orders(texts.found)
        values = days(texts.found, orders[0] if len(orders) == 1 else "ymd")
    else:
        values = texts.numbers
        if column.kind == "boolean":
            values = [
                number if truth is None else truth for number, truth in zip(values, truths(texts.found), strict=True)
            ]
    for text, value in zip(texts.found, values, strict=True):
        if value is None:
            raise _odd(column, text, where(texts.row(text)))
        if len(text) > 15 and "." not in text and is_beyond(text):
            raise InputError(
                f"{where(texts.row(text))}, column {column.name}: no float64 holds {text}, and so large a whole number "
                "is rather a name: leave the column out with --ignore"
            )
    return texts.floats(values)


def _odd(column: Column, value: Any, where: str) -> InputError:
    kind = "true or false" if column.kind == "boolean" else f"a {column.kind}"
    return InputError(f"{where}, column {column.name}: expected {kind}, got {value!r}: {HINT}")


def _finite(name: str, values: np.ndarray, where: Where) -> np.ndarray:
    if values.dtype != object and np.isinf(values).any():
        row = int(np.argmax(np.isinf(values)))
        raise InputError(f"{where(row)}, column {name}: expected a finite number, got {values[row]}: {HINT}")
    return values


def _typed_kind(series: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(series.dtype):
        return "boolean"
    if pd.api.types.is_datetime64_any_dtype(series.dtype) or isinstance(series.dtype, pd.PeriodDtype):
        return "date"
    counts = pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.is_timedelta64_dtype(series.dtype)
    return "number" if counts else "category"


def _typed(series: pd.Series) -> pd.Series:
    """Return a column of Python's own numbers, truths or dates as one of Pandas's types; others stay."""
    kind = pd.api.types.infer_dtype(series, skipna=True) if series.dtype == object else ""
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        return series.astype(np.float64)
    if kind == "boolean":
        return series.astype("boolean")
    return pd.to_datetime(series) if kind in ("date", "datetime", "datetime64") else series


def _values(series: pd.Series) -> np.ndarray:
    """Return a typed column as float64, or as texts and None where its values are neither numbers nor times."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _names(series.to_numpy(object))
    if isinstance(series.dtype, pd.PeriodDtype):
        series = series.dt.to_timestamp()
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        times = series.dt.tz_convert(None) if getattr(series.dtype, "tz", None) is not None else series
        return ((times - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)).to_numpy(np.float64, na_value=np.nan)
    if pd.api.types.is_timedelta64_dtype(series.dtype):
        return (series / pd.Timedelta(days=1)).to_numpy(np.float64, na_value=np.nan)
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_complex_dtype(series.dtype):
        return series.to_numpy(np.float64, na_value=np.nan)
    return _names(series.to_numpy(object))


def _names(values: np.ndarray) -> np.ndarray:
    """Return any values as texts, None where one is missing; 1.0 is the category 1."""
    plain = [None if pd.api.types.is_scalar(value) and pd.isna(value) else value for value in values.tolist()]
    whole = (int(value) if isinstance(value, float) and value.is_integer() else value for value in plain)
    return np.array([None if value is None else str(value).strip() for value in whole] + [None], object)[:-1]

"""A column of a table, as a model's first data had it, and the columns of numbers that it becomes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

KINDS = {"number": "numbers", "category": "categories", "date": "dates", "boolean": "booleans"}
SPARE = 4  # slots for categories that come later


@dataclass(frozen=True)
class Column:
    """Name and kind of a column: number, boolean, date or category.

    A number is one column, and one more that says "missing" if values were missing in the first data. A category is
    one-hot: a slot for each of its known values, spare slots for values that come later, and one for missing values.
    """

    name: str
    kind: str = "number"
    missing: bool = False  # whether values were missing in the first data
    categories: tuple[str, ...] = ()
    order: str | None = None  # of day, month and year in a text: "ymd", "dmy" or "mdy"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that this one becomes.

        >>> Column("mass", missing=True).names
        ('mass', 'mass missing')
        >>> Column("sex", "category", categories=("f", "m")).names
        ('sex=f', 'sex=m', 'sex new 1', 'sex new 2', 'sex new 3', 'sex new 4', 'sex missing')
        """
        absent = f"{self.name} missing"
        if self.kind != "category":
            return (self.name, absent) if self.missing else (self.name,)
        known = (f"{self.name}={value}" for value in self.categories)
        return (*known, *(f"{self.name} new {slot + 1}" for slot in range(SPARE)), absent)

    def slot(self, value: str | None) -> int:
        """Return the slot of a category; that of a new one follows from its name alone, whatever came before."""
        if value is None:
            return len(self.categories) + SPARE
        if value in self.categories:
            return self.categories.index(value)
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()
        return len(self.categories) + int.from_bytes(digest[:8], "big") % SPARE

    def matrix(self, values: np.ndarray) -> np.ndarray:
        """Return values [N], float64 or text, as float64 [N, D]; a missing number stays NaN, a missing text is None.

        >>> Column("mass", missing=True).matrix(np.array([2.5, np.nan]))
        array([[2.5, 0. ],
               [nan, 1. ]])
        """
        if self.kind != "category":
            parts = [values, np.isnan(values)] if self.missing else [values]
            return np.stack(parts, axis=1).astype(np.float64)
        slots = {value: self.slot(value) for value in dict.fromkeys(values.tolist())}
        found = np.array([slots[value] for value in values.tolist()], int)
        return (found[:, None] == np.arange(len(self.names))).astype(np.float64)

    def new(self, values: np.ndarray) -> list[str]:
        """Return the categories among ``values [N]`` that are not known."""
        if self.kind != "category":
            return []
        return sorted(set(values.tolist()) - {None} - set(self.categories))

    def to_json(self) -> dict[str, Any]:
        """Return the column in plain JSON values, without what is as usual."""
        return {name: value for name, value in asdict(self).items() if value or name == "name"}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Column:
        """Return the column that `to_json` wrote."""
        return cls(**{**kept, "categories": tuple(kept.get("categories", ()))})

"""Whether a table's first row has the names of its columns: a rule, the same for everyone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from indeependence.data.table_values import is_missing, number

LOOKED_AT = 1000  # rows below the first


def has_header(cells: pd.DataFrame, known: Collection[str] = ()) -> bool:
    """Return whether the first row of a table's ``cells``, all of them text, is a header.

    It is if a model that is to read it knows its names. Else a header has texts, above numbers or such as occur
    nowhere below them; numbers in it count on (0, 1, 2, …), as names of a data frame's columns do, are fewer than
    the texts above numbers, or are different whole numbers where all below them have fractions.

    >>> rows = pd.DataFrame([["0", "1", "label"], ["0.5", "2", "u"], ["1.5", "2", "v"], ["2.5", "7", "u"]])
    >>> has_header(rows), has_header(rows[1:])
    (True, False)
    """
    first = [str(cell).strip() for cell in cells.iloc[0]]
    texts = [cell for cell in first if not is_missing(cell) and _number(cell) is None]
    if known and (any(cell in known for cell in texts) or set(first) <= set(known)):
        return True
    below = cells.iloc[1 : LOOKED_AT + 1]
    if below.empty:
        return not known and bool(texts) and all(_number(cell) is None for cell in first)
    kinds = [_evidence(cell, [str(text).strip() for text in below[at]]) for at, cell in zip(below, first, strict=True)]
    numerals = [cell for cell in first if _number(cell) is not None]
    above_numbers, new, old = (kinds.count(kind) for kind in ("above numbers", "new", "old"))
    rare = kinds.count("rare")
    if not numerals:
        alike = len(set(texts)) < len(texts)
        return bool(above_numbers) or (bool(new or rare) and not old and not alike)
    counts = _counts_on(numerals) and "counting" not in kinds
    if not texts and _is_missing_above_an_index(first, below) and _counts_on(numerals) and numerals[0] == "0":
        return True
    if not texts:
        least = 3 if _has_fractions(below) else 5
        if counts and _stand_out(first, below):
            return True
        if not counts or numerals[0] != "0" or _goes_on(first, below):
            return False
        return len(numerals) >= least or (len(numerals) > 2 and _is_strange(first, below))
    if old:
        return False
    if above_numbers or new:
        return counts or above_numbers > len(numerals) or _stand_out(first, below)
    return False


def _number(cell: str) -> float | None:
    found = number(cell)
    return number(cell, decimal_comma=True) if found is None else found


def _evidence(cell: str, below: list[str]) -> str:
    """Return what a cell of the first row is, seen from the column below it."""
    there = [text for text in below if not is_missing(text)]
    if _number(cell) is not None:
        counted = [cell, *below[:2]]
        return "counting" if len(counted) == 3 and _steps(counted) == {1} else "number"
    if is_missing(cell) or not there:
        return "nothing"
    some = there[:100]
    if 2 * sum(_number(text) is not None for text in some) > len(some):
        return "above numbers"
    if cell in there:
        return "old"
    return "new" if len(set(there)) < len(there) else "rare"  # where all are different, one more is no wonder


def _steps(cells: Sequence[str]) -> set[int]:
    """Return the steps from one to the next of whole numbers; none at all for other texts."""
    if not all(cell.isascii() and cell.isdigit() and len(cell) < 19 and str(int(cell)) == cell for cell in cells):
        return set()
    numbers = [int(cell) for cell in cells]
    return {later - earlier for earlier, later in zip(numbers, numbers[1:], strict=False)} or {1}


def _counts_on(numerals: Sequence[str]) -> bool:
    """Return whether numbers are 0, 1, 2, …, or at least three in even steps, such as years."""
    steps = _steps(numerals)
    return len(steps) == 1 and min(steps) > 0 and (len(numerals) > 2 or (numerals[0] == "0" and steps == {1}))


def _stand_out(first: list[str], below: pd.DataFrame) -> bool:
    """Return whether numbers are whole, all different, and above columns of at least five fractions, or of texts."""
    columns = [at for at, cell in zip(below, first, strict=True) if _number(cell) is not None]
    cells = [first[list(below).index(at)] for at in columns]
    if len(set(cells)) < len(cells) or not all(cell.isascii() and cell.isdigit() for cell in cells):
        return False
    there = [[text for text in map(str, below[at]) if not is_missing(text)] for at in columns]
    numbers = [some for some in there if any(_number(text) is not None for text in some)]
    return bool(numbers) and all(
        len(some) >= 5 and all("." in text or "," in text for text in some) for some in numbers
    )


def _is_missing_above_an_index(first: list[str], below: pd.DataFrame) -> bool:
    """Return whether the first cell is empty, above the numbers of rows from 0, as a data frame writes its index."""
    index = [str(cell).strip() for cell in below.iloc[:3, 0]]
    return is_missing(first[0]) and index[0] == "0" and _steps(index) == {1}


def _is_strange(first: list[str], below: pd.DataFrame) -> bool:
    """Return whether a cell of the first row is above a column of few values, as of classes, and none of them."""
    columns = ([str(text).strip() for text in below[at]] for at in below)
    return any(
        cell not in texts and len(texts) >= 10 and len(set(texts)) * 3 <= len(texts)
        for cell, texts in zip(first, columns, strict=True)
    )


def _has_fractions(below: pd.DataFrame) -> bool:
    return any("." in str(cell) or "," in str(cell) for cell in below.iloc[:20].to_numpy().ravel())


def _goes_on(first: list[str], below: pd.DataFrame) -> bool:
    """Return whether the second row goes on counting where the first one ends."""
    return _steps([*first, str(below.iloc[0, 0]).strip()]) == {1}

"""Cells of tables that are written for other programs."""

from __future__ import annotations

from typing import Any

from indeependence.errors import shown

# What begins so is computed by spreadsheets, which may run programs or fetch addresses.
_FORMULAS = ("=", "+", "-", "@")


def csv_cell(value: Any) -> Any:
    """Return a value as a cell: text as it is `shown`, with an apostrophe in front where it might be a formula.

    True and false are written as other programs write them; what is not known is empty.

    >>> [csv_cell(value) for value in (3, -0.5, True, None, "ant", "=1+1", "-7", "+", "two\\nlines")]
    [3, -0.5, 'true', '', 'ant', "'=1+1", '-7', '+', 'two\\\\nlines']
    """
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return "" if value is None else value
    text = shown(value)
    return f"'{text}" if text.startswith(_FORMULAS) and len(text) > 1 and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

"""The check of how files become inputs, where that was read from a model's file; it needs no pandas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from indeependence.data.picture_form import PictureForm
from indeependence.data.sound_form import SoundForm
from indeependence.data.table_column import KINDS, Column
from indeependence.data.table_values import ORDERS
from indeependence.files.schema import are_texts, expect, is_mapping, is_text

TRUTHS = ("names_as_labels", "header", "decimal_comma")
NAMES = ("label", "id")  # of columns, or none
TABLE = {"columns", "order", "ignore", *TRUTHS, *NAMES}
COLUMN = {"name", "kind", "missing", "categories", "order"}


def check_reading(columns: Any, table: Any, pictures: Any, sounds: Any = None) -> None:
    """Raise `InputError` unless these are names of columns, a table's schema, forms of pictures and sounds, or none."""
    expect(are_texts(columns), "names of columns")
    if table is not None:
        _check_table(table)
    if pictures is not None:
        PictureForm.of_json(pictures)
    if sounds is not None:
        SoundForm.of_json(sounds)


def check_fits(columns: tuple[str, ...], table: Any, pictures: Any, sounds: Any, shape: tuple[int, ...]) -> None:
    """Raise `InputError` unless a reading that `check_reading` passed makes inputs of that ``shape``."""
    expect(len(columns) in (0, math.prod(shape)), f"names of {math.prod(shape)} columns")
    if table is not None:
        made = sum(len(Column.of_json(one).names) for one in table["columns"])
        expect(shape == (made,), f"a table that becomes {math.prod(shape)} columns")
    if pictures is not None:
        expect(PictureForm.of_json(pictures).shape == shape, "pictures in the shape of an input")
    if sounds is not None:
        expect(SoundForm.of_json(sounds).shape == shape, "spectrograms in the shape of an input")


def _check_table(table: Any) -> None:
    expect(is_mapping(table, TABLE), "the columns of a table, and what they are for")
    expect(all(isinstance(table.get(name, False), bool) for name in TRUTHS), f"truth values for {', '.join(TRUTHS)}")
    expect(all(table.get(name) is None or is_text(table[name]) for name in NAMES), "names of columns")
    expect(are_texts(table.get("order"), unique=True) and are_texts(table.get("ignore")), "names of columns")
    expect(isinstance(table.get("columns"), list) and len(table["columns"]) > 0, "columns of a table")
    for column in table["columns"]:
        _check_column(column)
    names = [column["name"] for column in table["columns"]]
    expect(len(set(names)) == len(names) and set(names) <= set(table["order"]), "columns of the table, each once")


def _check_column(column: Mapping[str, Any]) -> None:
    expect(is_mapping(column, COLUMN) and is_text(column.get("name")), "a column with a name")
    expect(column.get("kind", "number") in tuple(KINDS), f"a column of {', '.join(KINDS.values())}")
    expect(isinstance(column.get("missing", False), bool), "whether values of a column were missing")
    expect(are_texts(column.get("categories", ()), unique=True), "categories, each once")
    expect(column.get("order") in (None, *ORDERS), "an order of day, month and year")

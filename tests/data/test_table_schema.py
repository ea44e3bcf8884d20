"""A schema: any later table becomes the same matrix, whatever comes first, and survives its own JSON."""

import datetime
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.data.reading import Reading
from indeependence.data.table_column import SPARE, Column
from indeependence.data.table_schema import TableSchema
from indeependence.errors import InputError

NAMES = st.text("abcdeé ,;", min_size=1, max_size=4).map(lambda text: f"x{text}x")
FRAME = pd.DataFrame(
    {
        "mass": [1.5, np.nan, 3.0],
        "sex": ["f", None, "m"],
        "born": pd.to_datetime(["1970-01-02 00:00", "1970-01-01 12:00", None]),
        "alive": [True, False, True],
        "zip": ["01234", "02138", "90210"],
    }
)


def slots(row, schema):
    """Return the names of the columns that are 1 in a row."""
    return {name for name, value in zip(schema.names, row, strict=True) if value == 1}


def test_each_kind_of_column_becomes_numbers():
    schema = TableSchema.of(FRAME)
    assert [column.kind for column in schema.columns] == ["number", "category", "date", "boolean", "category"]
    x = schema.matrix(FRAME)
    assert x.shape == (3, len(schema.names)) and x.dtype == np.float64
    of = {name: x[:, at] for at, name in enumerate(schema.names)}
    np.testing.assert_array_equal(of["mass"], [1.5, np.nan, 3])
    np.testing.assert_array_equal(of["mass missing"], [0, 1, 0])
    np.testing.assert_array_equal([of["sex=f"], of["sex=m"], of["sex missing"]], [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
    np.testing.assert_array_equal(of["born"], [1, 0.5, np.nan])
    np.testing.assert_array_equal(of["alive"], [1, 0, 1])
    np.testing.assert_array_equal(of["zip=01234"], [1, 0, 0])


def test_numbers_without_missing_values_keep_their_names_and_values():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(5, 3)), columns=["p", "q", "r"])
    schema = TableSchema.of(frame)
    assert schema.names == ("p", "q", "r")
    np.testing.assert_array_equal(schema.matrix(frame[["r", "p", "q"]]), frame)


@given(st.lists(st.sampled_from(["f", "m", None, "new", "other", "third"]), min_size=1, max_size=12), st.randoms())
def test_a_category_has_one_slot_whatever_comes_before_it(values, order):
    column = Column("sex", "category", categories=("f", "m"))
    shuffled = sorted(values, key=lambda _: order.random())
    alone = {value: column.matrix(np.array([value, None], object))[0] for value in values}
    for some in (values, shuffled):
        for value, row in zip(some, column.matrix(np.array([*some, None], object)), strict=False):
            np.testing.assert_array_equal(row, alone[value])
            assert row.sum() == 1
    assert alone.get("f", [1])[0] == 1 and alone.get(None, [1])[-1] == 1


def test_new_categories_take_spare_slots_that_are_the_same_for_ever():
    column = Column("sex", "category", categories=("f", "m"))
    assert [column.slot(name) for name in ("new", "other", "é")] == [3, 2, 5]  # files of today are read tomorrow
    assert {column.slot(f"name {i}") for i in range(50)} == set(range(2, 2 + SPARE))
    assert column.new(np.array(["m", "new", None], object)) == ["new"]


@given(
    st.dictionaries(NAMES, st.sampled_from(["number", "category", "date", "boolean"]), min_size=1, max_size=4),
    st.data(),
)
def test_a_schema_survives_json(kinds, data):
    columns = tuple(
        Column(
            name,
            kind,
            data.draw(st.booleans()),
            tuple(data.draw(st.lists(NAMES, unique=True, max_size=3))) if kind == "category" else (),
            "dmy" if kind == "date" else None,
        )
        for name, kind in kinds.items()
    )
    schema = TableSchema(columns, (*kinds, "label"), "label", True, "label", ("more",), False, True)
    assert TableSchema.of_json(json.loads(json.dumps(schema.to_json()))) == schema
    header = json.loads(json.dumps(Reading(schema.names, schema.to_json()).header()))
    assert TableSchema.of_json(Reading.of(header).table) == schema


def test_missing_and_unknown_columns_are_named():
    schema = TableSchema.of(FRAME)
    with pytest.raises(
        InputError, match="expected the 5 columns .*: missing mass, zip, unknown mas; did you mean mas?"
    ):
        schema.matrix(FRAME.drop(columns="zip").rename(columns={"mass": "mas"}))


@pytest.mark.parametrize(
    "values, message",
    [
        (["1", "a"], "row 1, column mass: expected a number, got 'a'"),
        ([1.0, np.inf], "row 1, column mass: expected a finite number, got inf"),
        ([1, [2]], "row 0, column mass: expected a number, got '1'"),
    ],
)
def test_values_of_another_kind_are_named_with_row_and_column(values, message):
    with pytest.raises(InputError, match=message):
        TableSchema.of(FRAME[["mass"]]).matrix(pd.DataFrame({"mass": pd.Series(values, dtype=object)}))


def test_texts_that_are_nearly_all_different_are_no_categories():
    frame = pd.DataFrame({"name": [f"n {i}" for i in range(40)], "note": [f"{i} b" for i in range(40)], "x": range(40)})
    with pytest.raises(
        InputError, match="column name: 40 different texts in 40 rows .*try --ignore name,note, or --id"
    ):
        TableSchema.of(frame)
    assert len(TableSchema.of(frame[:10]).names) == 2 * (10 + SPARE + 1) + 1  # in a small table they may be


def test_types_of_pandas_are_read_as_what_they_are():
    frame = pd.DataFrame(
        {
            "nullable": pd.array([1, None], "Int64"),
            "truth": pd.array([True, None], "boolean"),
            "kind": pd.Categorical(["b", "a"]),
            "code": pd.Categorical([7, 8]),
            "object": pd.Series([1, 2.5], dtype=object),
            "maybe": pd.Series([True, None], dtype=object),
            "day": pd.Series([datetime.date(1970, 1, 2), None], dtype=object),
            "zone": pd.to_datetime(["1970-01-02T01:00+01:00", None], utc=True),
            "span": pd.to_timedelta(["1 days", "12:00:00"]),
            "period": pd.PeriodIndex(["1970-01-02", "1970-01-03"], freq="D"),
        }
    )
    schema = TableSchema.of(frame)
    x = dict(zip(schema.names, schema.matrix(frame).T.tolist(), strict=True))
    assert x["nullable missing"] == x["truth missing"] == x["zone missing"] == x["maybe missing"] == [0, 1]
    assert x["maybe"][0] == x["day"][0] == 1
    assert x["nullable"][0] == x["truth"][0] == x["zone"][0] == 1
    assert x["kind=b"] == x["code=7"] == [1, 0] and x["object"] == [1, 2.5]
    assert x["span"] == [1, 0.5] and x["period"] == [1, 2]

"""Tables: labels by name or last, numbers bit for bit, and messages with row and column."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from indeependence.data.datasets import load_dataset
from indeependence.data.inputs import load_inputs
from indeependence.data.readers.tables import TableOptions, read_table
from tests.data.small_files import laws, refused

TABLE = "width,kind,height\n1,cat,2.5\n3,cat,-4e1\n5,dog,6\n7,dog,8\n"


def test_a_named_label_column_makes_the_first_row_a_header_even_of_numbers(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text("\ufeff7,0,1\ncat,2,3\ndog,4,5\n", encoding="utf-8")
    table = read_table(path, TableOptions(label="7"))
    assert table.x.tolist() == [[2, 3], [4, 5]] and table.y.tolist() == ["cat", "dog"]


def test_a_table_is_read_with_its_label_column_by_name(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text(TABLE)
    table = read_table(path, TableOptions(label="kind"))
    np.testing.assert_array_equal(table.x, [[1, 2.5], [3, -40], [5, 6], [7, 8]])
    assert table.y.tolist() == ["cat", "cat", "dog", "dog"]
    dataset = load_dataset(str(path), label="kind", test_fraction=0.5)
    assert dataset.x_train.dtype == np.float64 and dataset.y_test.tolist() == ["cat", "dog"]


@pytest.mark.parametrize("header", ["", "a,b,c\n"])
@pytest.mark.parametrize("labels, expected", [("12", [1, 2]), (["1.0", "2"], [1, 2]), (["x", "2"], ["x", "2"])])
def test_the_last_column_holds_the_labels_and_a_header_is_noticed(tmp_path, header, labels, expected):
    path = tmp_path / "some.csv"
    path.write_text(header + "".join(f"{i},0.5,{labels[i % 2]}\n\n" for i in range(8)))
    dataset = load_dataset(path)
    assert dataset.classes.tolist() == sorted(expected)
    assert len(dataset.y_train) + len(dataset.y_test) == 8


@laws
@given(
    table=hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.floats(allow_nan=False, allow_infinity=False)
    )
)
def test_numbers_in_a_table_come_back_bit_for_bit(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("csv") / "some.csv"
    path.write_text("".join(",".join(map(repr, [*row, "name"])) + "\n" for row in table.tolist()))
    np.testing.assert_array_equal(read_table(path).x, table)
    path.write_text("".join(",".join(map(repr, row)) + "\n" for row in table.tolist()))
    np.testing.assert_array_equal(load_inputs(path), table)


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "some.csv is empty; expected one example a row"),
        ("a,b,label\n", "is empty below its header"),
        ("1\n2\n", "has one column; expected features and a label"),
        ("1:2:3\n1:2:4\n", "has one column; expected features and a label, separated by commas"),
        ("1,2,a\n1,2\n", "row 2: expected 3 cells as in the first row, got 2"),
        ("1,2,a\n\n1,2,3,b\n", "row 3: expected 3 cells as in the first row, got 4"),
        ("1,2,a\n1,zwei,b\n", "row 2, column 2: expected a number, got 'zwei'"),
        ("1,zwei,a\n1,2,b\n", "row 1, column 2: expected a number, got 'zwei'"),
        ("p,q,y\n1,2,a\n1,-inf,b\n", "row 3, column q: expected a number, got '-inf'"),
        ("p,q,y\n1,2,a\n1,1e999,b\n", "row 3, column q: expected a finite number, got inf"),
        ("1,2,a\n1,2, \n", "row 2: expected a label, got an empty cell"),
        ("1,2,a\n1,3,NA\n", "row 2: expected a label, got 'NA'"),
        ("1,2,0.5\n1,2,1\n", "y, row 0: expected labels that are whole numbers or names, got 0.5"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused_with_row_and_column(tmp_path, text, message):
    (tmp_path / "some.csv").write_text(text)
    refused(tmp_path / "some.csv", message)


def test_tables_that_are_no_text_or_lack_the_label_column_are_refused(tmp_path):
    path = tmp_path / "some.csv"
    path.write_bytes(b"1,2,\0\n")
    refused(path, "is no table of text: it has the character 0x00")
    path.write_text(TABLE)
    refused(path, "no column called 'colour'; its first row is width, kind, height", label="colour")
    refused("digits", "a label column .'kind'. can be named only for a table, such as a .csv, got digits", label="kind")

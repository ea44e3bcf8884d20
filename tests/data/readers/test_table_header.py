"""Whether the first row is a header."""

import io

import numpy as np
import pandas as pd
import pytest

from indeependence.data.readers.table_frame import read_frame
from indeependence.data.readers.table_header import has_header


def cells(text):
    return pd.read_csv(io.StringIO(text), header=None, dtype=object, keep_default_na=False)


FLOATS = "\n".join(f"{i}.25,{7 - i}.5,{'uv'[i % 2]}" for i in range(6))
WORDS = "\n".join(f"{'xy'[i % 2]},{'abc'[i % 3]}" for i in range(6))
NUMBERS = "\n".join(f"{i}.25,{7 - i}.5,{i}.75,{i % 2}" for i in range(6))


@pytest.mark.parametrize(
    "text",
    [
        "p,q,kind\n" + FLOATS,
        "0,1,label\n" + FLOATS,
        "1,2,3\n" + FLOATS,
        "2019,2020,kind\n" + FLOATS,
        "10,25,kind\n" + FLOATS,
        "0,1,2\n" + FLOATS,  # the label's name is a number, too
        "2001,2003,2005,kind\n2,3,3,u\n2,3,2,u\n4,1,2,v\n",
        "p,2020,kind\n" + "\n".join(f"{i},{i},{i % 2}" for i in range(9)),
        ",p,kind\n" + "\n".join(f"{i},{i}.5,{'uv'[i % 2]}" for i in range(6)),
        "colour,size\n" + WORDS,
        "0,1,2,3\n" + NUMBERS,
        "p,p,kind\n" + FLOATS,  # to be refused for the two p
        "p,q,kind\n1,2,a\np,q,kind\n3,4,b\n5,6,a\n",  # to be refused for the second header
    ],
)
def test_a_header_is_seen(text):
    assert has_header(cells(text))


@pytest.mark.parametrize(
    "text",
    [
        FLOATS,
        WORDS,
        NUMBERS,
        "1,2,a\n1,zwei,b\n",
        "1,zwei,a\n1,2,b\n",
        "0,cat\n1,dog\n2,bird\n3,cow\n",  # rows that are counted
        "0,1,2\n3,4,5\n6,7,8\n",
        "0,1,2,0\n1,0,2,1\n2,2,0,1\n",
        "usual,proper,1\nusual,less,2\nbad,proper,1\n",
        "1,2,rare\n4,2,common\n3,3,common\n",
        "5.1,3.5,setosa\n4.9,3.0,setosa\n6.1,2.9,virginica\n",
        "1.5,a\n",
        "1.25,2.5,w\n" + FLOATS,
        "5,5,w\n" + FLOATS,
        "1,2,u\n" + FLOATS,
    ],
)
def test_rows_without_a_header_are_learned(text):
    assert not has_header(cells(text))


@pytest.mark.parametrize("shape", [(2, 1), (5, 3), (3, 8)])
@pytest.mark.parametrize("make", [np.arange, lambda n: np.arange(n) / 3, lambda n: -np.arange(n), lambda n: np.ones(n)])
def test_numbers_alone_are_no_header(make, shape):
    rows = make(shape[0] * shape[1]).reshape(shape)
    assert not has_header(pd.DataFrame([[str(cell) for cell in row] for row in rows.tolist()]))


def test_names_that_a_model_knows_are_a_header_even_if_they_are_numbers():
    text = "2,0,1\n0.5,1.5,2.5\n"
    assert has_header(cells(text), known=["0", "1", "2"]) and not has_header(cells(text))
    assert has_header(cells("p,q\nred,blue\n"), known=["q", "p"])
    assert not has_header(cells("red,blue\n"), known=["q", "p"])


def test_whole_numbers_as_a_data_frame_writes_them_are_a_header():
    values = np.random.default_rng(0).integers(0, 100, (60, 4))
    values[:, 3] %= 3
    for index in (True, False):
        text = pd.DataFrame(values).to_csv(index=index)
        assert has_header(pd.read_csv(io.StringIO(text), header=None, dtype=str, keep_default_na=False))


def test_a_first_row_that_counts_by_chance_is_an_example():
    values = np.random.default_rng(0).integers(0, 5, (60, 4))
    values[0] = 0, 1, 2, 3
    assert not has_header(pd.DataFrame(values.astype(str)))


def test_a_separator_at_the_end_of_each_row_makes_no_column(tmp_path):
    (tmp_path / "t.csv").write_text("".join(f"{row % 7},{row % 5},{row % 3},\n" for row in range(60)))
    table = read_frame(tmp_path / "t.csv")
    assert table.frame.shape == (60, 3) and table.unnamed == ("column 4 (empty)",)

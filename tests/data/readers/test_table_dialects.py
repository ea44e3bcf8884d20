"""Tables as people have them: whatever the file looks like, the same rows give the same matrix, or a clear word."""

import gzip
import logging

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.data.readers.tables import TableOptions, read_table
from indeependence.errors import InputError
from tests.data.small_files import laws

ROWS = 12
MONEY = np.arange(ROWS) * 1000.5 - 2500
COLOURS = np.array(["rot", "grün", "blau"])[np.arange(ROWS) % 3]
KINDS = np.array(["u", "v"])[np.arange(ROWS) % 2]
DIALECTS = st.fixed_dictionaries(
    {
        "separator": st.sampled_from([",", ";", "\t", "|"]),
        "comma": st.booleans(),  # decimal
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]),
        "end": st.sampled_from(["\n", "\r\n", "\r"]),
        "packed": st.booleans(),
        "blank_lines": st.booleans(),
        "index": st.booleans(),
        "missing": st.sampled_from(["", "NA", "n/a", "NaN", "null", "None", "?", "-"]),
        "header": st.sampled_from([("Preis", "Farbe", "Art"), ("0", "1", "Art"), None]),
        "suffix": st.sampled_from([".csv", ".tsv", ".txt"]),
    }
)


def written(dialect, missing_row=4):
    """Return the bytes of a table in a dialect."""
    comma = dialect["comma"]

    def number(value):
        text = f"{value:.2f}".replace(".", "," if comma else ".")
        return f'"{text}"' if comma and dialect["separator"] == "," else text

    rows = [[number(m), c, k] for m, c, k in zip(MONEY, COLOURS, KINDS, strict=True)]
    rows[missing_row][0] = rows[missing_row][1] = dialect["missing"]
    if dialect["header"]:
        rows.insert(0, list(dialect["header"]))
    if dialect["index"] and dialect["header"]:
        rows = [["" if at == 0 else str(at - 1), *row] for at, row in enumerate(rows)]
    text = (dialect["end"] * (1 + dialect["blank_lines"])).join(dialect["separator"].join(row) for row in rows)
    content = (text + dialect["end"]).encode(dialect["encoding"])
    return gzip.compress(content) if dialect["packed"] else content


@laws
@given(dialect=DIALECTS)
def test_a_table_in_any_dialect_is_the_same_matrix(tmp_path_factory, dialect):
    path = tmp_path_factory.mktemp("table") / f"t{dialect['suffix']}{'.gz' if dialect['packed'] else ''}"
    path.write_bytes(written(dialect))
    table = read_table(path)
    there = np.arange(ROWS) != 4
    np.testing.assert_array_equal(table.x[:, 0], np.where(there, np.round(MONEY, 2), np.nan))
    np.testing.assert_array_equal(table.x[:, 1], ~there)
    for slot, colour in enumerate(["blau", "grün", "rot"]):
        np.testing.assert_array_equal(table.x[:, 2 + slot], (COLOURS == colour) & there)
    np.testing.assert_array_equal(table.x[:, -1], ~there)
    assert table.y.tolist() == KINDS.tolist()
    assert table.reading.columns[0] == dialect["header"][0] if dialect["header"] else table.reading.columns == ()


@laws
@given(one=DIALECTS, other=DIALECTS, order=st.permutations(["a", "b", "c"]))
def test_a_later_table_is_read_as_the_first_in_any_dialect_and_order(tmp_path_factory, one, other, order):
    folder = tmp_path_factory.mktemp("table")
    for name, dialect in (("one", one), ("other", other)):
        (folder / f"{name}.csv").write_bytes(written({**dialect, "header": ("Preis", "Farbe", "Art")}))
    first = read_table(folder / "one.csv")
    again = read_table(folder / "other.csv", None, first.reading, labelled=False)
    np.testing.assert_array_equal(again.x, first.x)
    assert again.y.tolist() == KINDS.tolist() and again.reading == first.reading
    frame = pd.DataFrame({"a": [1.5, 2], "b": ["r", "s"], "c": [3, 4], "kind": ["u", "v"]})
    frame.to_csv(folder / "f.csv", index=False)
    first = read_table(folder / "f.csv")
    frame[order].to_csv(folder / "g.csv", index=False)
    np.testing.assert_array_equal(read_table(folder / "g.csv", None, first.reading, labelled=False).x, first.x)


def read(tmp_path, text, name="t.csv", reading=None, labelled=True, **options):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(tmp_path / name, TableOptions(**options), reading, labelled=labelled)


def column(texts, labels="uv"):
    return "x,kind\n" + "".join(f"{text},{labels[at % 2]}\n" for at, text in enumerate(texts))


def rows(header, row):
    """Return a table of forty rows: their number, one of seven numbers, and one of two kinds."""
    lines = (row.format(i=i, few=i * 3 % 7, kind="ab"[i % 2]) for i in range(40))
    return "\n".join([header, *lines]) + "\n"


@pytest.mark.parametrize(
    "texts, values",
    [
        (["12 %", "3.5%", "0 %"], [0.12, 0.035, 0]),
        (['"1,234"', '"12,345,678"', "7"], [1234, 12345678, 7]),
        (['"1,5"', '"1,234"', "7"], [1.5, 1.234, 7]),
        (["1 234", "7", "1\u00a0000"], [1234, 7, 1000]),
        (["$5", "-$7.50", '"$1,000"'], [5, -7.5, 1000]),
        (["\u22125", "+3", " 4 "], [-5, 3, 4]),
        (["true", "False", "TRUE"], [1, 0, 1]),
        (["1970-01-02", "1970-01-03 12:00", "1970-01-01T06:00:00Z"], [1, 2.5, 0.25]),
        (["02.01.1970", "03.01.1970", "01.02.1970"], [1, 2, 31]),
        (["13/01/1970", "02/01/1970", "2/1/1970"], [12, 1, 1]),
        (["01/13/1970", "01/02/1970", "1/2/1970"], [12, 1, 1]),
        (["1970-01-01T01:00+01:00", "1970-01-02", "1970-01-03"], [0, 1, 2]),
    ],
)
def test_what_says_a_number_is_that_number(tmp_path, texts, values):
    table = read(tmp_path, column(texts))
    assert table.reading.columns == ("x",)
    np.testing.assert_allclose(table.x[:, 0], values, rtol=1e-15)


@pytest.mark.parametrize(
    "texts", [["007", "12", "007"], ["1_0", "2_0", "1_0"], ["a", "5more", "2"], ["12:30", "13:00", "12:30"]]
)
def test_what_prints_back_otherwise_stays_a_name(tmp_path, texts):
    assert set(read(tmp_path, column(texts)).reading.columns[:2]) <= {f"x={text}" for text in texts}


@pytest.mark.parametrize(
    "labels, expected",
    [
        (["01", "1", "007"], ["007", "01", "1"]),
        (["1", "1.0", "1"], ["1", "1.0"]),
        (["1_0", "10", "10"], ["10", "1_0"]),
        (["+1", "1", "1"], ["+1", "1"]),
        (["-0", "0", "0"], ["-0", "0"]),
        (["-3", "3", "0"], [-3, 0, 3]),
        (["1.0", "2.0", "1.0"], [1, 2]),
        (["1.000000000000000000e+00", "0.000000000000000000e+00", "1.000000000000000000e+00"], [0, 1]),
        (["9223372036854775808", "1", "1"], ["1", "9223372036854775808"]),
        (["+", "-", "+"], ["+", "-"]),
        (["None", "Mild", "None"], ["Mild", "None"]),
        (["True", "False", "True"], ["False", "True"]),
    ],
)
def test_labels_become_numbers_only_if_they_print_back_the_same(tmp_path, labels, expected):
    table = read(tmp_path, "x,kind\n" + "".join(f"{at}.5,{label}\n" for at, label in enumerate(labels * 3)))
    assert np.unique(table.y).tolist() == expected


def test_a_later_file_has_names_as_labels_where_the_first_had(tmp_path):
    first = read(tmp_path, "x,kind\n1.5,01\n2.5,1\n")
    assert read(tmp_path, "x,kind\n1.5,1\n", reading=first.reading).y.tolist() == ["1"]


@pytest.mark.parametrize(
    "text, options, message",
    [
        (column([*map(str, MONEY), "unknown"]), {}, "row 14, column x: expected a number, got 'unknown'"),
        (column(["1.5", "2.5", "3.5", '"1\n2"']), {}, r"row 6, column x: expected a number, got '1.n2'"),
        (column(["1.5", "2.5", "inf"]), {}, "row 4, column x: expected a number, got 'inf'"),
        (column(["1.5", "2.5", "9007199254740993"]), {}, "row 4, column x: no float64 holds 9007199254740993"),
        (column(["12 %", "0.5", "7 %"]), {}, "row 2, column x: expected a number, got '12 %': correct it"),
        (column(["01/02/2024", "03/04/2024"]), {}, "day and month of '01/02/2024' can be told apart in no row"),
        ("x,kind\n1,a\n2,\n", {}, "row 3: expected a label, got an empty cell"),
        ("x,kind\n1,a\n\n2,?\n", {}, "row 4: expected a label, got '.'"),
        ("x,kind\n1.5,a\n2.5,b\nx,kind\n1.5,a\n", {}, "row 4: the header again"),
        ("Title\n\nx,kind\n1,a\n", {}, "row 3: expected 1 cell as in the first row, got 2; take out lines above"),
        ("x,,kind\n1,5,a\n2,6,b\n", {}, "column 2 has no name"),
        ("x,x,kind\n1,5,a\n2,6,b\n", {}, "two columns are called 'x'"),
        ("x,kind\n1.5,a\n", {"label": "knd"}, "no column called 'knd'; its first row is x, kind; did you mean kind"),
        ("x,kind\n1.5,a\n", {"ignore": "3"}, "no column called '3'"),
        ("x,kind\n1.5,a\n", {"ignore": "x"}, "features and a label, got 'kind' alone beside 'x' .--ignore"),
        ("x,kind\n1.5,a\n", {"ignore": "1,-1"}, "got none beside 'x' .--ignore or --id., 'kind' .* leave out fewer"),
        (",,kind\n1,5,a\n2,6,b\n", {}, "got 'kind' alone beside column 1 .no name., column 2 .no name., which are"),
        (",kind\n1,a\n2,b\n", {"label": "kind"}, "features and a label, got 'kind' alone beside column 1 .* no$"),
        ("x,kind\n1.5,a\n", {"label": "x", "id": "x"}, "column 'x' is left out or names the rows"),
        (rows("k,x,y", "{kind},{few},{i}.5"), {}, "measured values; did you mean --label k"),
        (rows("k,x,y", "{kind},{few},{i}"), {}, "40 different labels in 40 rows .* did you mean --label k"),
        (rows("k,x", "n{i},{kind}"), {}, "40 different texts in 40 rows .* try --ignore k, or --id k"),
        ('[{"x": 1, "kind": "a"}]', {}, "is JSON and no table: save it as .csv"),
        ("<!DOCTYPE html>\n<p>,</p>", {}, "is HTML and no table"),
        (b"PK\x03\x04...", {}, "is a spreadsheet or a packed folder: save the sheet as .csv"),
        (b"\x1f\x8b...", {}, "is no intact gzip file"),
        (b"PAR1...", {}, "needs pyarrow|is no intact .parquet file"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_said_in_one_line(tmp_path, text, options, message):
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, text, **options)
    assert "\n" not in str(caught.value) and "t.csv" in str(caught.value)


@pytest.mark.parametrize(
    "text, message",
    [
        (rows("id,x,kind", "{i},{few},{kind}"), "column id counts the rows.*--ignore id"),
        (rows("user_id,x,kind", "9{i},{few},{kind}"), "user_id is different in every row"),
        (column([-9999 if i % 5 == 0 else i for i in range(30)]), "many values -9999 in x look like missing ones"),
        (column([f"{i % 5} kg" for i in range(30)]), "texts such as '0 kg' are categories; for numbers, leave kg out"),
        (column(["1.5", "2.5"] * 9, ["cat", "Cat"]), "'Cat' and 'cat' are two classes"),
    ],
)  # fmt: skip
def test_what_may_be_wrong_is_said(tmp_path, text, message):
    with pytest.warns(UserWarning, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        '"x" "kind"\n"1" 1.5 "u"\n"2" 2.5 "the v"\n"3" 3.5 "u"\n',  # R's write.table
        "x\tkind\n1\t1.5\tu\n2\t2.5\tthe v\n3\t3.5\tu\n",
        "x,kind\n1.5,u,\n2.5,the v,\n3.5,u,\n",
        ",x,kind\n7,1.5,u\n3,2.5,the v\n5,3.5,u\n",
        "Unnamed: 0.1,Unnamed: 0,x,kind\n0,7,1.5,u\n1,3,2.5,the v\n2,5,3.5,u\n",
        "# x,kind\n1.5,u\n2.5,the v\n3.5,u\n",
        "# made by hand\n# in 2024\nx,kind\n1.5,u\n2.5,the v\n3.5,u\n",
        "sep=;\nx;kind\n1.5;u\n2.5;the v\n3.5;u\n",
        " x , kind \n 1.5 , u \n\n 2.5 , the v \n   \n3.5,u",
    ],
)
def test_what_other_programs_put_around_a_table_is_no_input(tmp_path, text):
    table = read(tmp_path, text)
    assert table.x.tolist() == [[1.5], [2.5], [3.5]] and table.y.tolist() == ["u", "the v", "u"]
    assert table.reading.columns == ("x",)


def test_label_id_and_ignored_columns_are_given_by_name_or_number(tmp_path):
    text = "name,when,kind,x\n" + "".join(f"n{i},then,{'ab'[i % 2]},{i}.5\n" for i in range(4))
    for options in (
        {"label": "kind", "id": "name", "ignore": "when"},
        {"label": "3", "id": "1", "ignore": "2"},
        {"label": "-2", "id": "-4", "ignore": ["-3"]},
    ):
        table = read(tmp_path, text, **options)
        assert table.names == ("n0", "n1", "n2", "n3") and table.y.tolist() == ["a", "b", "a", "b"]
        assert table.x.tolist() == [[0.5], [1.5], [2.5], [3.5]] and table.reading.columns == ("x",)
        later = read(tmp_path, "x,kind,name\n7.5,b,z\n", reading=table.reading, labelled=False)
        assert later.names == ("z",) and later.y.tolist() == ["b"] and later.x.tolist() == [[7.5]]
        later = read(tmp_path, "x\n7.5\n", reading=table.reading, labelled=False, id="x")
        assert later.names == ("7.5",) and later.x.tolist() == [[7.5]]  # what is an input may name rows, too
        later = read(tmp_path, "x\n7.5\n", reading=table.reading, labelled=False)
        assert later.names == () and later.y is None


def test_columns_without_names_are_taken_in_their_order(tmp_path):
    first = read(tmp_path, "a,1.5,r\nb,2.5,s\na,3.5,r\n", label="1")
    for text, labels in (("b,9,s\n", ["b"]), ("9,s\n", None)):
        later = read(tmp_path, text, reading=first.reading, labelled=False)
        assert later.x.tolist() == [[9, 0, 1, 0, 0, 0, 0, 0]]
        assert labels == (later.y if later.y is None else later.y.tolist())
    with pytest.raises(InputError, match="expected the 2 columns that the model learned, in their order, got 5"):
        read(tmp_path, "1,2,3,4,5\n1,2,3,4,5\n", reading=first.reading, labelled=False)
    named = read(tmp_path, "kind,x,c\na,1.5,r\nb,2.5,s\na,3.5,r\n", label="kind")
    with pytest.warns(UserWarning, match="t.csv has no names of columns: they are taken in their order"):
        assert read(tmp_path, "9,s\n8,s\n", reading=named.reading, labelled=False).x[0, :3].tolist() == [9, 0, 1]
    with pytest.warns(UserWarning, match="the model knows no names of columns: they are taken in their order"):
        again = read(tmp_path, "x,c,kind\n9,s,b\n8,s,b\n", reading=first.reading, label="kind")
    assert again.x[0, :3].tolist() == [9, 0, 1] and again.y.tolist() == ["b", "b"]


def test_a_later_table_that_leaves_it_open_is_read_as_the_first(tmp_path):
    first = read(tmp_path, "x\tsign\tkind\n1,5\t+\tu\n2,5\t-\tv\n1,5\t+\tu\n")
    assert read(tmp_path, "x\tsign\n1,234\t-\n", reading=first.reading, labelled=False).x[0, :3].tolist() == [
        1.234,
        0,
        1,
    ]
    first = read(tmp_path, "x\tz\tkind\n1.5\t7\tu\n2.5\t8\tv\n")
    assert read(tmp_path, "x\tz\n1,234\t7\n", reading=first.reading, labelled=False).x.tolist() == [[1234, 7]]


def test_labels_that_are_not_all_there_are_none_where_they_need_not_be(tmp_path):
    first = read(tmp_path, column(["1.5", "2.5"]))
    assert read(tmp_path, "x,kind\n1,u\n2,\n", reading=first.reading, labelled=False).y is None
    with pytest.raises(InputError, match="row 3: expected a label"):
        read(tmp_path, "x,kind\n1,u\n2,\n", reading=first.reading)
    with pytest.raises(InputError, match="no column called 'kind', the model's label"):
        read(tmp_path, "x\n1\n2\n", reading=first.reading)


def test_one_line_says_what_was_understood(tmp_path, caplog):
    text = ";Preis;Farbe;kind\n" + "".join(f"{i};{i},5;{'rg'[i % 2]};{'uv'[i % 2]}\n" for i in range(6)) + "6;;;u\n"
    with caplog.at_level(logging.INFO, "indeependence.data.understood"):
        first = read(tmp_path, text)
        read(tmp_path, "Preis;Farbe\n1,5;blau\n", reading=first.reading, labelled=False)
    one, other = (record.getMessage() for record in caplog.records)
    assert one == (
        "t.csv: 7 rows, header seen, separated by semicolons, decimal commas; label kind, 2 classes: u, v; "
        "inputs: 1 number, 1 category; 2 missing values; left out: column 1 (no name)"
    )
    assert other == (
        "t.csv: 1 row, header seen, separated by semicolons, decimal commas; inputs: 1 number, 1 category; "
        "no missing values; categories never learned in Farbe (blau)"
    )


def test_parquet_gives_what_the_csv_gives(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame(
        {"x": [1.5, np.nan], "c": ["r", None], "when": pd.to_datetime(["1970-01-02", None]), "y": [3, 4]}
    )
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_csv(tmp_path / "t.csv", index=False)
    one, other = read_table(tmp_path / "t.parquet"), read_table(tmp_path / "t.csv")
    np.testing.assert_array_equal(one.x, other.x)
    assert one.y.tolist() == other.y.tolist() == [3, 4] and one.reading.columns == other.reading.columns
    again = read_table(tmp_path / "t.csv", None, one.reading)
    np.testing.assert_array_equal(again.x, other.x)


def test_vectors_in_parquet_are_a_column_for_each_of_their_parts(tmp_path):
    pytest.importorskip("pyarrow")
    vectors = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    frame = pd.DataFrame({"intent": ["a", "b"] * 3, "embedding": list(vectors)})
    frame.to_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet", TableOptions(label="intent"))
    np.testing.assert_array_equal(table.x, vectors)
    assert table.reading.columns[1] == "embedding 1"
    frame.at[3, "embedding"] = vectors[3, :2]
    frame.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match="column embedding: expected vectors of one length, got 2 and 5"):
        read_table(tmp_path / "t.parquet", TableOptions(label="intent"))


def test_a_parquet_file_without_pyarrow_is_refused_with_what_to_install(tmp_path, monkeypatch):
    def missing(*_, **__):
        raise ImportError("no pyarrow")

    monkeypatch.setattr(pd, "read_parquet", missing)
    with pytest.raises(InputError, match="needs pyarrow: pip install -r requirements-parquet.txt"):
        read(tmp_path, b"PAR1", name="t.parquet")


@pytest.mark.parametrize("packed", [False, True])
def test_a_table_that_needs_more_than_the_memory_is_refused_before_it_is_one(tmp_path, monkeypatch, packed):
    text = column(range(2000)).replace(",", ".5,").replace("x.5,", "x,").encode()
    path = tmp_path / ("t.csv.gz" if packed else "t.csv")
    path.write_bytes(gzip.compress(text) if packed else text)
    assert len(read_table(path).x) == 2000
    monkeypatch.setattr("indeependence.data.readers.table_text.memory", lambda: 20 * len(text) - 1)
    monkeypatch.setattr(pd, "read_csv", None)
    with pytest.raises(InputError, match="GB of text or more need .* GB as a table, this machine has"):
        read_table(path)


def test_a_table_that_is_packed_far_too_densely_is_refused_while_it_is_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"x,kind\n" + b"1,a\n" * 2**20))
    monkeypatch.setattr("indeependence.data.readers.table_text.SMALL", 2**20)
    monkeypatch.setattr(pd, "read_csv", None)
    with pytest.raises(InputError, match="t.csv.gz grows to more than 100 times its"):
        read_table(path)

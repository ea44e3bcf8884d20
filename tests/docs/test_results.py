"""What the documents say of measurements is what `benchmarks/results/` has of every seed."""

import json
import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import ROOT

BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
from findings import Cell, load, markdown, save, where  # noqa: E402
from write_tables import MARKED, RESULTS, named, pages, written  # noqa: E402

FILES = sorted(RESULTS.glob("*.json"))
FACTS = {"command", "seeds", "date", "version", "machine", "tables"}
values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_the_tables_of_a_page_are_those_of_the_results(page):
    text = page.read_text()
    assert written(text) == text, "python benchmarks/write_tables.py"
    assert text.count("<!-- table:") == len(MARKED.findall(text))


def test_every_mean_with_a_deviation_stands_in_a_table():
    tables = [json.loads(file.read_text()) for file in FILES]
    shown = "".join(
        markdown(table["table"], table["rows"]) for runs in tables for run in runs for table in run["tables"].values()
    )
    for page in pages():
        told = re.sub(r"```text\n.*?```", "", page.read_text(), flags=re.DOTALL)  # what a command prints is run there
        for figure in re.findall(r"\d+\.\d+ ± \d+\.\d+", told):
            assert figure in shown, (page.name, figure)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_tells_how_it_came_about_and_has_a_value_for_every_seed(file):
    for run in json.loads(file.read_text()):
        assert set(run) >= FACTS and run["command"].startswith("python ") and re.fullmatch(r"[\d-]{10}", run["date"])
        for row in (row for table in run["tables"].values() for row in table["rows"]):
            for value in row.values():
                each = value.get("each") if isinstance(value, dict) else value
                assert not isinstance(each, list) or len(each) in (len(run["seeds"]), row.get("seeds"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_row_comes_from_two_runs(file):
    for name in {name for run in json.loads(file.read_text()) for name in run["tables"]}:
        texts = [tuple(text for text in row.values() if isinstance(text, str)) for row in load(file, name)[1]]
        assert not any(texts) or len(set(texts)) == len(texts), "delete the older run"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_means_that_were_copied_agree_with_their_rounded_values(file):
    tables = [table for run in json.loads(file.read_text()) for table in run["tables"].values()]
    for row in (row for table in tables for row in table["rows"]):
        for name, value in row.items():
            if isinstance(value, dict) and "each" in value:
                unit = step(value["each"])
                mean, sd = np.mean(value["each"], axis=0), np.std(value["each"], axis=0, ddof=1)
                assert np.all(abs(mean - value["mean"]) <= unit / 2 + step(value["mean"]) / 2 + 1e-9), (name, value)
                assert np.all(abs(sd - value.get("sd", sd)) <= unit + step(value.get("sd", 0)) + 1e-9), (name, value)


def step(numbers):
    """The last decimal place to which numbers are given."""
    return min(10.0 ** -len(str(number).partition(".")[2]) for number in np.array(numbers).ravel().tolist())


@given(values)
def test_a_list_is_shown_by_its_mean_and_deviation(each):
    cell = Cell.of([None, *each])
    assert f"{cell.mean:.3f}" == f"{np.mean(each):.3f}"
    deviation = "" if len(each) == 1 else f" ± {np.std(each, ddof=1):.3f}"
    assert f"{cell:.3f}" == f"{np.mean(each):.3f}{deviation}"


def test_several_values_of_a_seed_are_shown_by_number_or_all():
    table = "| way | second | all |\n| {way} | {right[1]:.1f} % | {right.mean:.0f} |"
    assert markdown(table, [{"way": "a", "right": [[1, 2], [3, 6]]}]).endswith("| a | 4.0 ± 2.8 % | 2, 4 |")


def test_what_is_not_known_is_a_dash_without_a_unit():
    table = "| a | b | c |\n| {a} | {b:.2f} % | {c:.1f} MB |"
    assert markdown(table, [{"a": "x", "b": [None, None], "c": None}, {"c": 1}]).splitlines()[2:] == [
        "| x | – | – |",
        "| – | – | 1.0 MB |",
    ]


def test_a_run_takes_the_place_of_an_earlier_one_of_the_same_command(tmp_path):
    def run(command, value):
        table = {"table": "| a | b |\n| {a} | {b} |", "rows": [{"a": command, "b": value}]}
        save(tmp_path / "x.json", {"command": command, "tables": {"x": table}})

    for command, value in [("one", 1), ("two", 2), ("one", 3)]:
        run(command, value)
    rows = load(tmp_path / "x.json", "x")[1]
    assert rows == [{"a": "one", "b": 3}, {"a": "two", "b": 2}] and where(rows, a="two") == rows[1:]
    assert where(rows, a="one", b="2") == []


def test_a_marked_place_is_filled_and_nothing_else_is_touched():
    text = "before\n\n<!-- table: noise/curves -->\nold\n<!-- end -->\nafter"
    assert written(text) == f"before\n\n<!-- table: noise/curves -->\n\n{named('noise/curves')}\n\n<!-- end -->\nafter"

"""The table in the terminal."""

import io
import re

import numpy as np
from rich.console import Console

from indeependence.report import Result
from indeependence.report.terminal.table import table
from tests.report.results_made_up import CASES, a_result, each_case


def printed(result: Result, width=80, **options) -> str:
    output = io.StringIO()
    Console(file=output, width=width, **options).print(table(result))
    return output.getvalue()


@each_case
def test_the_table_fits_eighty_columns_and_has_no_colour_codes_in_a_pipe(result):
    lines = printed(result).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80
    assert "\x1b" not in "".join(lines)


@each_case
def test_a_wide_terminal_in_colour_shows_the_same_text(result):
    coloured = printed(result, width=200, force_terminal=True, color_system="standard")
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.split() for line in plain.splitlines()][1] == [line.split() for line in printed(result).splitlines()][
        1
    ]


def test_the_table_shows_every_accuracy_in_percent_and_the_mean_of_those_seen():
    text = printed(a_result(2, accuracy_matrix=np.array([[1.0, 0.0], [0.5, 0.7531]])))
    rows = [line.split() for line in text.splitlines()]
    assert ["after", "learning", "0,1", "2,3", "mean"] in rows
    assert ["0,1", "100.0", "0.0", "100.0"] in rows
    assert ["2,3", "50.0", "75.3", "62.7"] in rows


def test_the_table_says_all_that_the_issue_asks_for():
    lines = [
        line.rstrip() for line in printed(a_result(2, accuracy_matrix=np.array([[1.0, 0.2], [0.5, 0.75]]))).splitlines()
    ]
    assert lines[-14:] == [
        "average accuracy   62.50 %",
        "incremental        81.25 %, the mean after each part",
        "forgetting         50.00 points",
        "                   = mean over earlier tasks i of max(R[t,i], t < T) - R[T,i]",
        "backward transfer  -50.00 points",
        "forward transfer   –",
        "learning accuracy  87.50 %",
        "stored examples    0",
        "size of the sums   537 MB, 11.4 times larger than the data seen",
        "size of the data   47.0 MB in 24,000 examples",
        "time               3 min 1 s wall, 3 min 22 s CPU",
        "peak memory        1.41 GB",
        "code               4,000 units, penalty 0.0123",
        "model              3f9a3f9a3f9a3f9a",
    ]


def test_what_is_not_defined_is_a_dash():
    assert "backward transfer  –" in printed(CASES["a stream with one test set"])


def test_a_table_of_many_tasks_shows_the_first_and_the_last():
    lines = printed(CASES["a hundred tasks and classes"]).splitlines()
    head = next(line for line in lines if line.startswith("after learning")).split()
    assert head == ["after", "learning", "1", "2", "3", "4", "…", "97", "98", "99", "100", "mean"]
    assert any(line.startswith("1: 0,1 ") for line in lines) and any(line.startswith("100: 198,199 ") for line in lines)
    assert sum(line.startswith("…") for line in lines) == 1
    assert len(lines) < 35


def test_long_names_become_numbers_that_the_rows_repeat():
    names = tuple(f"airplane,automobile,{i}" for i in range(5))
    text = printed(a_result(names=names))
    assert re.search(r"after learning +1 +2 +3 +4 +5 +mean", text)
    assert "2: airplane,automobile," in text


def test_ten_tasks_with_long_names_lose_no_number():
    rows = printed(a_result(10, names=tuple(f"rotated clockwise by {18 * i} degrees" for i in range(10)))).splitlines()
    last = next(line for line in rows if line.startswith("10: rotated"))
    assert len(re.findall(r" \d+\.\d", last)) == 11


def test_markup_in_names_is_shown_not_obeyed():
    assert printed(a_result(2, names=("[red]", "b"))).count("[red]") == 2  # a row and a column

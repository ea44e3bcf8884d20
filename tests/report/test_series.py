"""Several seeds together: means, deviations, every value, and tables that other programs read."""

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from indeependence.errors import InputError
from indeependence.report.comparison import Bytes, Entry, with_intransigence
from indeependence.report.joint import joint_json
from indeependence.report.page.joint import joint_page
from indeependence.report.result import Asked
from indeependence.report.series import METRICS, Series, shown_metrics
from indeependence.report.tables import latex_table, markdown_table, values_csv
from tests.report.results_made_up import HOSTILE, a_result

SEVERAL = Series("ours", tuple(a_result(3, seed=seed) for seed in range(4)))


def test_mean_and_deviation_are_those_of_the_values():
    for metric in shown_metrics([SEVERAL]):
        values = [getattr(result, metric.name) for result in SEVERAL.results]
        spread = SEVERAL.spread(metric.name)
        assert np.isclose(spread.mean, np.mean(values)) and np.isclose(spread.deviation, np.std(values, ddof=1))
        assert spread.to_json()["values"] == values
    assert np.allclose(SEVERAL.matrix.mean, np.mean([one.accuracy_matrix for one in SEVERAL.results], axis=0))
    assert SEVERAL.matrix.deviation.shape == (3, 3)


def test_what_has_no_meaning_has_no_column_and_one_seed_no_deviation():
    assert [metric.name for metric in shown_metrics([SEVERAL])] == [metric.name for metric in METRICS[:6]]
    assert SEVERAL.spread("forward_transfer") is None and SEVERAL.spread("intransigence") is None
    one = Series("one", SEVERAL.results[:1])
    assert one.matrix.deviation is None and "±" not in markdown_table([one], "model")


def test_tasks_of_other_orders_are_named_by_their_place():
    other = replace(SEVERAL, results=(SEVERAL.results[0], a_result(3, names=("a", "b", "c"))))
    assert SEVERAL.task_names == SEVERAL.results[0].task_names and SEVERAL.has_common_tasks
    assert other.task_names == other.test_names == ("task 1", "task 2", "task 3")
    assert "Tasks by their place" in joint_page([other], Asked(), [["a", "b"]])


def test_the_csv_has_every_value_unrounded():
    rows = list(csv.DictReader(io.StringIO(values_csv([SEVERAL], "model"))))
    for row, result in zip(rows, SEVERAL.results, strict=True):
        assert row["model"] == "ours" and float(row["forgetting"]) == result.forgetting
        assert float(row[f"accuracy on {result.test_names[0]}"]) == result.accuracy_matrix[-1, 0]


def test_markdown_and_latex_have_mean_deviation_and_every_seed():
    spread = SEVERAL.spread("average_accuracy")
    mean, deviation = 100 * float(spread.mean), 100 * float(spread.deviation)
    assert f"| ours | {mean:.2f} ± {deviation:.2f} |" in markdown_table([SEVERAL], "model")
    text = latex_table([SEVERAL], "model")
    assert rf"ours & ${mean:.2f} \pm {deviation:.2f}$ &" in text and text.count("% ours, seed") == 4


def test_no_name_breaks_a_table():
    hostile = Series(HOSTILE + "|^~", (a_result(data=HOSTILE),))
    cells = re.split(r"(?<!\\)\|", markdown_table([hostile], "model").splitlines()[2])
    assert len(cells) == len(shown_metrics([hostile])) + 3
    row = latex_table([hostile], "model").splitlines()[5]
    assert not re.search(r"(?<!\\)[#$%_^~<>|]", re.sub(r"\$[-+.\d]+\$|\\text\w+\{\}", "", row))
    assert "<script>" not in joint_page([hostile], Asked(command=HOSTILE), [["seed-0"]])


def test_the_json_of_many_has_every_run_and_their_orders():
    told = json.loads(json.dumps(joint_json([SEVERAL], Asked("mnist", {"seeds": 4}, "a command")), allow_nan=False))
    assert told["kind"] == "evaluations" and len(told["class_orders"]) == len(told["seeds"]) == 4
    assert told["series"][0]["metrics"]["average_accuracy"]["values"] == [
        run["average_accuracy"] for run in told["series"][0]["runs"]
    ]


def test_intransigence_is_measured_against_joint_training():
    joint = Series("joint", tuple(replace(one, accuracy_matrix=np.eye(3)) for one in SEVERAL.results))
    entries = [Entry(one.name, one.results, "about", Bytes(1, 2, 3)) for one in (SEVERAL, joint)]
    ours, other = with_intransigence(entries)
    expected = [1 - one.learning_accuracy for one in SEVERAL.results]
    assert np.allclose(ours.spread("intransigence").values, expected) and not other.spread("intransigence").values.any()
    assert with_intransigence(entries[:1])[0].spread("intransigence") is None
    assert Entry.of_json(ours.to_json()).to_json() == ours.to_json()
    with pytest.raises(InputError, match="results of a method"):
        Entry.of_json({"method": "x"})

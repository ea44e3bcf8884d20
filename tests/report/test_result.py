"""Results as JSON: plain types, and parts that fit each other."""

import json
from pathlib import Path

import numpy as np
import pytest

from indeependence.errors import InputError
from indeependence.report import Result
from tests.report.results_made_up import a_result, each_case


@each_case
def test_json_has_plain_types_only_and_no_nan(result):
    text = json.dumps(result.to_json(), allow_nan=False)
    assert json.loads(text) == result.to_json()


@each_case
def test_a_result_comes_back_from_its_json(result):
    told = json.loads(json.dumps(result.to_json()))
    assert Result.of_json(told).to_json() == result.to_json()


@pytest.mark.parametrize("change", [{"seed": ...}, {"accuracy_matrix": "x"}, {"task_names": 3}, {"baseline": [1, 2]}])
def test_what_is_no_result_is_refused(change):
    told = {**a_result().to_json(), **change}
    with pytest.raises(InputError):
        Result.of_json({name: value for name, value in told.items() if value is not ...})


def test_json_has_the_figures_and_keeps_labels_as_they_are():
    found = a_result(2, accuracy_matrix=np.array([[1.0, np.nan], [0.5, 0.75]]), classes=(3, "b")).to_json()
    assert list(found)[:4] == ["average_accuracy", "average_incremental_accuracy", "anytime_accuracy", "forgetting"]
    assert found["average_accuracy"] == 0.625
    assert found["forgetting"] == 0.5 == -found["backward_transfer"]
    assert found["forward_transfer"] is None
    assert found["learning_accuracy"] == 0.875
    assert found["accuracy_matrix"] == [[1.0, None], [0.5, 0.75]]
    assert found["classes"] == [3, "b"]
    assert found["options"] == {"data": "mnist", "tasks": 5, "class_order": None}
    needed = "per_class_accuracy confusion_matrix stored_examples statistics_bytes data_bytes wall_seconds cpu_seconds"
    assert not {*needed.split(), "peak_memory_bytes", "model_sha256", "seed", "encoder"} - set(found)
    assert "mistakes" not in found


def test_json_turns_numpy_values_and_paths_in_options_into_plain_ones():
    options = {
        "limit": np.int64(3),
        "rate": np.float32(0.5),
        "folder": Path("a"),
        "order": (np.int64(1), "x"),
        "on": True,
    }
    found = a_result(options=options).to_json()["options"]
    assert found == {"limit": 3, "rate": 0.5, "folder": "a", "order": [1, "x"], "on": True}
    assert [type(value) for value in found.values()] == [int, float, str, list, bool]


def test_options_that_json_does_not_have_are_refused():
    with pytest.raises(InputError, match="expected numbers, text, lists and dicts for JSON, got set"):
        a_result(options={"classes": {1, 2}}).to_json()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task_names": ("a",)}, r"expected accuracy_matrix of shape \(1, 5\).*got \(5, 5\)"),
        ({"confusion": np.eye(2)}, r"expected confusion of shape \(10, 10\).*got \(2, 2\)"),
        ({"baseline": np.zeros(2)}, r"expected baseline of shape \(5,\)"),
        ({"examples_per_task": (1,)}, r"expected examples_per_task of shape \(5,\)"),
        ({"seconds_per_task": ()}, r"expected seconds_per_task of shape \(5,\)"),
        ({"accuracy_matrix": np.full((5, 5), 99.0)}, "divide percent by 100"),
    ],
)
def test_a_result_whose_parts_do_not_fit_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        a_result(**change)

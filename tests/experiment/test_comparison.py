"""The command ``compare`` from end to end, and what it tells."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from indeependence import load_dataset, permuted_tasks, split_tasks
from indeependence.commands import cli
from indeependence.errors import InputError
from indeependence.experiment.comparison import NAMES, OWN, Settings, compare, methods_of
from indeependence.report.comparison import row
from indeependence.report.page.comparison import comparison_page
from indeependence.report.tables import markdown_table

pytestmark = pytest.mark.slow  # seconds, or many of them

SMALL = ["--layers", "patches:4:size=3:pool=2:stride=2", "--steps", "20"]


@pytest.fixture(scope="module")
def entries():
    digits = load_dataset("digits")
    scenarios = [split_tasks(digits, tasks=5, seed=seed) for seed in (3, 4)]
    return compare(scenarios, ["ridge", "lda"], Settings(seed=3), data="<digits>", command="a & b")


def test_all_methods_learn_the_same_tasks_and_tell_their_bytes_and_examples(ask, tmp_path):
    told = ask("compare", *SMALL, "--replay", 50, "--replay", 100, "--quiet")
    methods = {one["method"]: one for one in told["methods"]}
    assert list(methods) == [*NAMES[:-2], "replay-50", "replay-100", "joint"]
    assert {name: one["stored_examples"] for name, one in methods.items() if one["stored_examples"]} == {
        "replay-50": 50,
        "replay-100": 100,
        "joint": 1438,
    }
    for one in methods.values():
        assert one["bytes"] == one["parameter_bytes"] + one["statistics_bytes"] + one["example_bytes"] > 0
        assert one["runs"][0]["task_names"] == ["0,1", "2,3", "4,5", "6,7", "8,9"]
        assert one["runs"][0]["stored_examples"] == one["stored_examples"]
    assert methods["replay-100"]["example_bytes"] == 100 * (64 + 4)
    assert methods["ewc"]["statistics_bytes"] == 2 * methods["ewc"]["parameter_bytes"] > 0
    assert methods[OWN]["average_accuracy"] > 0.9 > 0.3 > methods["fine-tuning"]["average_accuracy"]
    folder = tmp_path / "artifacts/comparison"
    assert json.loads((folder / "results.json").read_text()) == told
    assert {file.name for file in folder.iterdir()} == {
        *("results.json", "report.html", "table.md", "table.tex", "values.csv"),
        *(f"accuracy_by_{what}.{kind}" for what in ("task", "bytes") for kind in ("png", "svg", "pdf")),
    }


def test_the_table_names_every_method_and_its_figures(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    words = ["compare", "--methods", "ridge,lda", "--tasks", "2", "--scenario", "permuted"]
    printed = CliRunner().invoke(cli, words, catch_exceptions=False).output
    assert "ridge" in printed and "lda" in printed and "The data itself: 184 kB" in printed


def test_several_seeds_are_several_scenarios_and_every_value_is_told(entries):
    ridge = entries[0]
    assert [result.seed for result in ridge.results] == [3, 4]
    assert ridge.spread("average_accuracy").deviation == pytest.approx(np.std(ridge.accuracies, ddof=1))
    text = markdown_table(entries, "method")
    assert all(
        f"ridge | {seed} | {100 * value:.2f}" in text for seed, value in zip((3, 4), ridge.accuracies, strict=True)
    )
    assert "±" in row(ridge)[2] and ridge.curve.shape == (5,)


def test_the_page_names_every_method_and_escapes_what_it_is_told(entries):
    page = comparison_page(entries)
    assert "<digits>" not in page and "&lt;digits&gt;" in page and "a &amp; b" in page
    assert page.count("<svg") == 2 and all(entry.name in page and entry.about in page for entry in entries)


def test_an_unknown_method_is_told_before_anything_is_learned(refuse):
    assert refuse("compare", "--methods", "magic").startswith("expected methods among indeependence, ridge")
    with pytest.raises(InputError, match="got 'replay-5'"):
        methods_of(["replay-5"], [0], Settings())


def test_known_tasks_can_be_compared_although_some_have_not_come_yet():
    scenario = split_tasks(load_dataset("digits"), tasks=5, setting="task")
    [lda] = compare([scenario], ["lda"])
    assert lda.average_accuracy > 0.98


def test_permuted_tasks_get_contexts_as_in_evaluate(ask):
    words = ["--scenario", "permuted", "--tasks", 2, "--layers", "30"]
    told = ask("compare", "--methods", "indeependence", *words)
    evaluated = ask("evaluate", *words)
    (entry,) = told["methods"]
    assert entry["runs"][0]["accuracy_matrix"] == evaluated["accuracy_matrix"]


def test_permuted_tasks_with_the_best_layers_get_one_context_as_in_evaluate(ask):
    evaluated = ask("evaluate", "--scenario", "permuted", "--tasks", 2, "--preset", "best")
    [entry] = compare([permuted_tasks(load_dataset("digits"), tasks=2)], [OWN], Settings("best"))
    assert entry.results[0].to_json()["accuracy_matrix"] == evaluated["accuracy_matrix"]

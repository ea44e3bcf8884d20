"""The command ``compare`` from end to end, and what it tells."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from indeependence import load_dataset, permuted_tasks, split_tasks
from indeependence.commands import cli
from indeependence.encoder.fronts.pretrained import pretrained
from indeependence.experiment.comparison import compare
from indeependence.experiment.methods import Settings, methods_of, names_of
from indeependence.models.baselines.catalogue import ALL, KINDS, OWN, USUAL, described
from indeependence.report.comparison import row
from indeependence.report.page.comparison import comparison_page
from indeependence.report.tables import markdown_table
from tests import ROOT

pytestmark = pytest.mark.slow  # seconds, or many of them

NETWORK = ROOT / "tests/golden/files/network.keras"
SMALL = ["--layers", "patches:4:size=3:pool=2:stride=2", "--steps", "20"]


@pytest.fixture(scope="module")
def entries():
    digits = load_dataset("digits")
    scenarios = [split_tasks(digits, tasks=5, seed=seed) for seed in (3, 4)]
    return compare(scenarios, ["ridge", "lda"], Settings(seed=3), data="<digits>", command="a & b")


def test_all_methods_learn_the_same_tasks_and_tell_their_bytes_and_examples(ask, tmp_path):
    told = ask("compare", *SMALL, "--with", "replay:examples=100,batch=20", "--quiet")
    methods = {one["method"]: one for one in told["methods"]}
    assert list(methods) == [*USUAL, "replay:examples=100,batch=20"]
    assert {name: one["stored_examples"] for name, one in methods.items() if one["stored_examples"]} == {
        "replay": 500,
        "replay:examples=100,batch=20": 100,
        "joint": 1438,
    }
    assert [one["values"]["steps"] for one in methods.values() if "steps" in one["values"]] == [20] * 5
    assert methods["replay:examples=100,batch=20"]["values"]["batch"] == 20
    for one in methods.values():
        assert one["bytes"] == one["parameter_bytes"] + one["statistics_bytes"] + one["example_bytes"] > 0
        assert one["runs"][0]["task_names"] == ["0,1", "2,3", "4,5", "6,7", "8,9"]
        assert one["runs"][0]["stored_examples"] == one["stored_examples"]
    assert methods["replay:examples=100,batch=20"]["example_bytes"] == 100 * (64 + 4)
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


@pytest.mark.parametrize(
    "text, message",
    [
        ("magic", "expected methods among indeependence, ridge, .*, or MODULE:NAME, got 'magic'"),
        ("replai", "got 'replai'; did you mean replay?"),
        ("ewc:strenth=1", "ewc: no setting strenth; did you mean strength?; it has strength, network, hidden"),
        ("ewc:strength=-1", "ewc:strength=-1: expected a number of at least 0, got '-1'"),
        ("replay:examples=1.5", "expected a whole number of at least 1, got '1.5'"),
        ("ewc:network=deep", "expected dense or conv, got 'deep'"),
        ("ewc:strength", "ewc is a method, expected ewc:SETTING=VALUE"),
        ("ewc:strength=", "expected one value of strength, got none"),
        ("ewc:rate=1,rate=2", "expected one value of rate, got two"),
        ("=3", "expected NAME:SETTING=VALUE"),
        ("naive-bayes:x=1", "naive-bayes: no setting x; it has none"),
        ("indeependence:layers=magic:3", "--layers: expected dense"),
        ("sklearn.naive_bayes:GaussianNB:smooth=1", "no setting smooth.*it has priors, var_smoothing"),
        ("no.such:thing", "expected a module and a name in it"),
    ],
)
def test_what_is_no_method_setting_or_value_is_refused_before_anything_is_learned(refuse, text, message):
    found = refuse("compare", "--methods", "indeependence", "--with", text)
    assert re.search(message.replace("?", "[?]"), found), found


def test_a_network_that_the_inputs_are_nothing_for_is_refused_before_anything_is_learned(refuse):
    words = ("compare", "--scenario", "permuted", "--methods", "indeependence,ewc:network=conv")
    assert refuse(*words).startswith("network=conv: expected pictures of 4 pixels or more, got inputs of 64")


def test_one_grammar_lists_methods_and_settings():
    text = "ridge, indeependence:layers=40,+sparse:9:density=0.5,der++:alpha=0.2,beta=1,my.nets:made:depth=3,x=a"
    names = names_of(text)
    assert names == [
        *("ridge", "indeependence:layers=40,+sparse:9:density=0.5", "der++:alpha=0.2,beta=1"),
        "my.nets:made:depth=3,x=a",
    ]
    own, dark = methods_of(names[1:3], [0, 1], Settings(layers="8", steps=7))
    assert own.settings == {"layers": "40,+sparse:9:density=0.5", "readout": "lda", "penalty": "auto"}
    assert dark.settings["alpha"] == 0.2 and dark.settings["steps"] == 7 and dark.given == {"alpha", "beta", "steps"}
    assert names_of("usual") == list(USUAL) and names_of("all") == list(ALL)


def test_the_defaults_that_are_listed_are_those_of_each_learner():
    for text in ALL:
        [method] = methods_of([text], [0, 1], Settings())
        learner, made = method.learner((8, 8)), KINDS[text].made([0, 1])
        for name, value in method.settings.items():
            assert value == getattr(learner, name) == getattr(made, name), (text, name)
    assert described().count("\n") == len(ALL) - 1


def test_a_method_has_its_own_settings_and_the_page_shows_each(ask, tmp_path):
    told = ask("compare", "--methods", "lda,lda:shrinkage=0.5", "--tasks", 2)
    assert [one["values"] for one in told["methods"]] == [{"shrinkage": 0.1}, {"shrinkage": 0.5}]
    assert told["methods"][0]["average_accuracy"] > told["methods"][1]["average_accuracy"]
    page = (tmp_path / "artifacts/comparison/report.html").read_text()
    assert re.search(r"<td>shrinkage</td><td>0.5</td><td>given", page)


def test_all_methods_learn_from_what_a_network_makes_of_the_inputs(ask, refuse):
    words = ["--encoder", NETWORK, "--cache", "features", "--tasks", 2]
    told = ask("compare", "--methods", "indeependence,lda", "--layers", "8", *words)
    evaluated = ask("evaluate", "--layers", "8", *words)
    own, lda = told["methods"]
    assert own["runs"][0]["accuracy_matrix"] == evaluated["accuracy_matrix"]
    outputs = pretrained(NETWORK)(np.zeros((1, 8, 8), np.uint8)).shape[1]
    assert lda["runs"][0]["code_units"] == outputs != 64
    assert "--encoder-scale goes with --encoder" in refuse("compare", "--encoder-scale", "unit")
    assert "--cache goes with --encoder" in refuse("compare", "--cache", "features")


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


def test_permuted_tasks_with_the_best_layers_get_one_context_as_in_evaluate(ask, monkeypatch):
    monkeypatch.setattr("indeependence.encoder.fitting.bootstrap.default_layers", lambda *_, best, **__: f"{30 + best}")
    evaluated = ask("evaluate", "--scenario", "permuted", "--tasks", 2, "--preset", "best")
    [entry] = compare([permuted_tasks(load_dataset("digits"), tasks=2)], [OWN], Settings("best"))
    assert entry.results[0].to_json()["accuracy_matrix"] == evaluated["accuracy_matrix"]

"""Tables of which each row has several labels, on the command line: every command works, or says in a line why not."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import accuracy_score, f1_score, hamming_loss

from indeependence.commands import cli
from indeependence.errors import InputError
from indeependence.report.labels import measured_labels

NAMES = ["fever", "cough", "rash"]


@pytest.fixture
def patients(tmp_path, monkeypatch):
    """A table of patients in two files, cut from one, and one without labels; the current folder holds them."""
    monkeypatch.chdir(tmp_path)
    x, y = make_multilabel_classification(120, n_features=5, n_classes=3, random_state=4)
    table = pd.DataFrame(x.astype(int), columns=list("vwxyz")).assign(id=range(500, 620))
    table[NAMES] = y
    table.to_csv("all.csv", index=False)
    table[:80].to_csv("a.csv", index=False)
    table[80:].assign(cough=table["cough"] == 1)[[*NAMES, *"zyxwv", "id"]].to_csv("b.csv", index=False)
    table.drop(columns=NAMES).to_csv("n.csv", index=False)
    return table


def run(*words):
    return CliRunner().invoke(cli, [*map(str, words), "--json", "--quiet"])


def said(*words):
    done = run(*words)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


TRAIN = ("train", "--layers", "+sparse:20", "--id", "id", "--labels", "fever,cough,rash", "--model", "m", "--data")


def test_learning_in_parts_merging_and_forgetting_give_one_model(patients):
    whole = said(*TRAIN, "a.csv", "--bootstrap-limit", 80)
    Path("empty").write_bytes(Path("m").read_bytes())
    said("forget", "--examples", "a.csv", "--model", "empty")
    Path("b").write_bytes(Path("empty").read_bytes())
    both = said("train", "--load", "--model", "m", "--data", "b.csv")
    assert both["labels"] == [{"label": name, "examples": int(patients[name].sum())} for name in NAMES]
    said("train", "--load", "--model", "b", "--data", "b.csv")
    said("train", "--load", "--model", "empty", "--data", "a.csv")
    assert said("merge", "empty", "b", "--output", "ab")["model_sha256"] == both["model_sha256"]
    assert said("forget", "--minus", "b", "--model", "ab")["model_sha256"] == whole["model_sha256"]
    assert said("forget", "--examples", "b.csv", "--model", "m")["model_sha256"] == whole["model_sha256"]


def test_answers_and_a_test_measure_what_scikit_learn_does(patients):
    said(*TRAIN, "a.csv", "--threshold", "f1")
    told = said("infer", "--model", "m", "--data", "n.csv", "--csv", "o.csv")
    assert "measured" not in told and told["answers"][3]["name"] == "503"
    given = pd.read_csv("o.csv")
    assert list(given.columns[:3]) == ["name", "fever", "fever_probability"]
    right, answered = patients[NAMES][80:], given[NAMES][80:]
    tested = said("test", "m", "--data", "b.csv", "--output", "t")["measured"]
    assert tested == said("infer", "--model", "m", "--data", "b.csv")["measured"]
    assert np.isclose(tested["hamming_loss"], hamming_loss(right, answered))
    assert np.isclose(tested["subset_accuracy"], accuracy_score(right, answered))
    for kind in ("micro", "macro"):
        assert np.isclose(tested[f"f1_{kind}"], f1_score(right, answered, average=kind))
    assert pd.read_csv("t/classes.csv")["label"].tolist() == NAMES and "Hamming" in Path("t/report.html").read_text()
    half = said("test", "m", "--data", "b.csv", "--output", "t", "--threshold", 0.9, "--csv", "c.csv")["measured"]
    assert [row["threshold"] for row in half["labels"]] == [0.9] * 3 and half["labels"] != tested["labels"]
    lines = CliRunner().invoke(cli, ["infer", "--model", "m", "--data", "n.csv", "--limit", "2", "--quiet"])
    assert re.match(r"500\t((fever|cough|rash) [01]\.\d{4}|none)", lines.stdout)


def test_an_evaluation_holds_rows_out_and_writes_a_page(patients):
    words = ("evaluate", "--data", "all.csv", "--id", "id", "--labels", "fever,rash", "--ignore", "cough")
    told = said(*words, "--tasks", 3, "--output", "e")
    assert told["tested"] == 24 and [one["examples"] for one in told["curve"]] == [32, 64, 96]
    assert json.loads(Path("e/results.json").read_text())["measured"] == told["measured"]
    page = Path("e/report.html").read_text()
    assert 'href="learning_curve.svg" download' in page and "F1, macro" in page


def test_a_label_that_no_row_has_and_none_is_given_counts_in_no_mean():
    right, given = np.array([[1, 0], [0, 0]]), np.array([[1, 0], [1, 0]])
    found = measured_labels(["a", "b"], right, given, np.array([0.5, 0.5]))
    assert found["f1_macro"] == found["f1_micro"] == 2 / 3 and found["labels"][1]["f1"] is None
    assert found["hamming_loss"] == 0.25 and found["subset_accuracy"] == 0.5


@pytest.mark.parametrize(
    "words, expected",
    [
        (("train", "--data", "a.csv", "--labels", "fiver"), "no column called 'fiver'.*did you mean fever"),
        (("train", "--data", "a.csv", "--labels", "fever,v"), "expected 0 or 1 in column v, a label.*--target"),
        (("train", "--data", "words.csv", "--labels", "fever"), "row 2: expected 0 or 1, or true or false, in column"),
        (("train", "--data", "hole.csv", "--labels", "rash"), "expected 0 or 1 in column rash.*empty cell"),
        (("train", "--data", "a.csv", "--labels", "fever,fever"), "--labels: column 'fever' is named twice"),
        (("train", "--data", "digits", "--labels", "fever"), "several labels are learned from a table"),
        (("train", "--data", "a.csv", "--labels", "fever", "--target", "v"), "leave one out"),
        (("train", "--data", "a.csv", "--threshold", "0.3"), "--threshold goes with --labels"),
        (("train", "--data", "a.csv", "--labels", "fever", "--threshold", "2"), "a probability above 0"),
        (("train", "--data", "a.csv", "--labels", "fever", "--ledger", "class"), "expected none or task with --labels"),
        (("train", "--data", "a.csv", "--load", "--model", "m", "--target", "v"), "has learned fever, cough, rash"),
        (("train", "--data", "n.csv", "--load", "--model", "m"), "no column called 'fever', the model's target"),
        (("infer", "--data", "a.csv", "--model", "m", "--top", "2"), "--top does not go with"),
        (("test", "m", "--data", "a.csv", "--part", "all"), "--part does not go with a model of several labels"),
        (("forget", "--class", "fever", "--model", "m"), "--class: this model has learned numbers or several labels"),
        (("evaluate", "--data", "a.csv", "--labels", "rash", "--seeds", "2"), "--seeds does not go with --labels"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(patients, words, expected):
    patients.assign(rash=patients["rash"].mask(patients.index == 3)).to_csv("hole.csv", index=False)
    patients.assign(fever="often").to_csv("words.csv", index=False)
    said(*TRAIN, "a.csv")
    before = said("inspect", "m")["model_sha256"]
    words = words if "m" in words or words[0] == "evaluate" else (*words, "--model", "new")
    done = run(*words, *(("--output", "e") if words[0] == "evaluate" else ()))
    assert done.exit_code in (1, 2)
    message = str(done.exception) if isinstance(done.exception, InputError) else done.output
    assert re.search(expected, message) and "\n" not in str(done.exception)
    assert said("inspect", "m")["model_sha256"] == before


def test_a_comma_in_a_columns_name_stands_in_quotes(patients):
    patients.rename(columns={"cough": "cough, dry"}).to_csv("odd.csv", index=False)
    words = ("train", "--data", "odd.csv", "--id", "id", "--model", "odd", "--labels", 'fever,"cough, dry"')
    assert [one["label"] for one in said(*words)["labels"]] == ["fever", "cough, dry"]
    assert run(*words, "--load").exit_code == 0
    done = run("train", "--data", "odd.csv", "--model", "new", "--labels", 'fever,"cough')
    assert "with commas between them" in str(done.exception)


def test_targets_of_0_and_1_are_said_to_be_likelier_labels(patients):
    with pytest.warns(UserWarning, match="--labels fever,rash learns them as labels"):
        run(
            "train",
            "--data",
            "a.csv",
            "--target",
            "fever,rash",
            "--ignore",
            "id",
            "--layers",
            "inputs",
            "--model",
            "new",
        )

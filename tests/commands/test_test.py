"""``test`` as a user meets it: a saved model on labelled data, in every form."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from indeependence.commands import cli
from indeependence.models.classifier.classifier import ContinualClassifier
from tests.commands.test_infer import blobs


def table(path, x, y):
    columns = [f"c{number}" for number in range(x.shape[1])]
    rows = [",".join([*map(repr, row), str(label)]) for row, label in zip(x.tolist(), y, strict=True)]
    path.write_text("\n".join([",".join([*columns, "kind"]), *rows]) + "\n")
    return path


@pytest.fixture
def model(tmp_path):
    """A model of ants, bees and cats, and a table of thirty rows, five of them of a fourth class."""
    ContinualClassifier("+sparse:60").fit(*blobs(300)).save(tmp_path / "m")
    x, y = blobs(30, seed=1)
    y = y.astype("U9")
    y[:5] = "dog"
    y[5] = "ant"  # a bee or a cat, by its numbers
    table(tmp_path / "t.csv", x, y)
    return y


@pytest.mark.filterwarnings("ignore:the model knows no names of columns")
def test_all_rows_are_tested_and_unlearned_classes_counted_apart(ask, model):
    told = ask("test", "m", "--data", "t.csv", "--output", "o", "--csv", "c.csv")
    assert told["examples"] == 30 and told["tested_examples"] == 25
    assert told["unlearned"] == [{"label": "dog", "examples": 5}]
    assert told["accuracy"] == 24 / 25 and told["classes"] == ["ant", "bee", "cat"]
    assert np.sum(told["confusion_matrix"]) == 25 and np.trace(told["confusion_matrix"]) == 24
    ant = told["per_class"][0]
    assert ant["examples"] == np.sum(model == "ant") and ant["recall"] == 1 - 1 / ant["examples"]
    assert ant["precision"] == 1.0
    assert sum(step["examples"] for step in told["reliability"]) == 25 and 0 <= told["calibration_error"] < 0.5
    rows = list(csv.DictReader(Path("c.csv").read_text().splitlines()))
    assert [row["label"] for row in rows] == ["ant", "bee", "cat"] and int(rows[0]["given as ant"]) == ant["right"]
    assert json.loads(Path("o/results.json").read_text()) == told
    assert Path("o/classes.csv").read_text() == Path("c.csv").read_text()
    page = Path("o/report.html").read_text()
    assert "96.00 % on t.csv" in page and "Classes that it never learned" in page


@pytest.mark.filterwarnings("ignore:the model knows no names of columns")
def test_a_threshold_gives_coverage_and_the_accuracy_of_the_rest(ask, model):
    near = blobs(300, apart=2)
    usual = ContinualClassifier("+sparse:60").fit(*near)
    usual.save("near")
    table(Path("near.csv"), *near)
    least = float(np.median(usual.predict_proba(near[0]).max(1)))
    unknown = usual.predict_proba(near[0]).max(1) < least
    told = ask("test", "--model", "near", "--data", "near.csv", "--threshold", least)
    assert told["unknown_examples"] == np.sum(unknown) == 150 and told["coverage"] == 0.5
    right = usual.predict(near[0]) == near[1]
    assert told["accuracy_of_known"] == np.mean(right[~unknown]) > told["accuracy"] == np.mean(right)
    everything = ask("test", "m", "--data", "t.csv", "--unknown-above", 1e-9)
    assert everything["coverage"] == 0 and everything["accuracy_of_known"] is None
    assert everything["unlearned_unknown"] == 5 and everything["unlike_examples"] == 30


@pytest.mark.filterwarnings("ignore:the model knows no names of columns")
def test_people_read_a_line_for_each_class(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["test", "m", "--data", "t.csv", "--quiet"], catch_exceptions=False)
    assert done.exit_code == 0 and "dog: 5 examples, counted apart" in done.stdout
    assert any(line.split()[:3] == ["bee", "100.00", "100.00"] for line in done.stdout.splitlines())


@pytest.mark.parametrize("kind", ["contexts", "weights", "autoencoder"])
def test_any_kind_of_model_is_tested(ask, kind):
    ways = {"contexts": ["--contexts", "task"], "autoencoder": ["--kind", "autoencoder", "--boot-limit", 100]}
    ask("train", "--layers", "20", "--limit", 400, *ways.get(kind, []), "--model", "m.safetensors")
    name = "m.safetensors"
    if kind == "weights":
        ask("export", name, "--output", "w.safetensors")
        name = "w.safetensors"
    told = ask("test", name, "--data", "digits")
    assert told["tested_examples"] == 359 and told["accuracy"] > 0.6 and told["unlike_examples"] is None


def test_a_part_is_chosen_or_missed(ask, refuse, tmp_path):
    x, y = blobs(90)
    np.savez(tmp_path / "d.npz", x_train=x[:60], y_train=y[:60], x_test=x[60:], y_test=y[60:])
    ask("train", "--data", "d.npz", "--layers", "inputs", "--model", "m")
    counts = [ask("test", "m", "--data", "d.npz", *part)["tested_examples"] for part in ([], ["--part", "all"])]
    assert counts == [30, 90] and ask("test", "m", "--data", "d.npz", "--part", "train")["tested_examples"] == 60
    np.savez(tmp_path / "e.npz", x=x, y=y)
    assert "no such part" in refuse("test", "m", "--data", "e.npz", "--part", "test")


@pytest.mark.parametrize(
    ("labels", "message"),
    [(["x", "y"], "expected examples of classes that the model learned, got none"), ([1, 2], "labels that are names")],
)
def test_labels_that_do_not_fit_are_refused(refuse, model, tmp_path, labels, message):
    x, y = blobs(20)
    np.savez(tmp_path / "d.npz", x=x, y=np.array(labels * 10))
    assert message in refuse("test", "m", "--data", "d.npz")

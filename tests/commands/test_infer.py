"""``infer`` as a user meets it: answers say what they are about, and what they do not know."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from indeependence.commands import cli
from indeependence.models.classifier.classifier import ContinualClassifier


def blobs(count, seed=0, apart=8):
    """Three classes of rows, so far apart, and their labels."""
    rng = np.random.default_rng(seed)
    y = np.arange(count) % 3
    return np.eye(3)[y].repeat(2, axis=1) * apart + rng.normal(size=(count, 6)), np.array(["ant", "bee", "cat"])[y]


@pytest.fixture
def model(tmp_path):
    ContinualClassifier("+sparse:60").fit(*blobs(300)).save(tmp_path / "m")
    np.save(tmp_path / "i.npy", blobs(30, seed=1)[0])
    return ("--model", "m", "--data", "i.npy", "--quiet")


def printed(*arguments):
    done = CliRunner().invoke(cli, list(map(str, arguments)), catch_exceptions=False)
    assert done.exit_code == 0
    return done


def test_rows_are_numbered_from_1_in_every_form(ask, model):
    told = ask("infer", *model, "--top", 2, "--csv", "o.csv")
    answers, numbers = told["answers"], [str(row) for row in range(1, 31)]
    assert [answer["name"] for answer in answers] == numbers
    assert [answer["label"] for answer in answers] == blobs(30)[1].tolist()
    assert all(answer["unlike"] is False and len(answer["others"]) == 1 for answer in answers)
    rows = list(csv.DictReader(Path("o.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == numbers and rows[4]["label"] == answers[4]["label"]
    assert float(rows[4]["probability_2"]) == answers[4]["others"][0]["probability"]
    lines = printed("infer", *model).stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == numbers


def test_pictures_are_named_by_their_files(ask, tmp_path):
    rng = np.random.default_rng(0)
    pictures, labels = rng.integers(0, 90, (40, 8, 8), np.uint8), np.arange(40) % 2
    pictures[labels == 1, :4] += 120
    ContinualClassifier("inputs").fit(pictures, labels).save(tmp_path / "m")
    (tmp_path / "p").mkdir()
    for number in (11, 2, 3):
        cv2.imwrite(str(tmp_path / "p" / f"{number}.png"), pictures[number])
    told = ask("infer", "--data", "p", "--model", "m")["answers"]
    assert {answer["name"]: answer["label"] for answer in told} == {"11.png": 1, "2.png": 0, "3.png": 1}
    assert printed("infer", "--data", "p/3.png", "--model", "m").stdout.startswith("3.png\t1\t")


@pytest.mark.filterwarnings("ignore:.* far outside the range")
def test_what_is_unlike_all_that_was_learned_is_marked_and_unknown_if_asked(ask, model, tmp_path):
    like, far = blobs(30, seed=1)[0], blobs(30, seed=2)[0] * 100
    np.save(tmp_path / "both.npy", np.vstack([like, far]))
    both = ("--model", "m", "--data", "both.npy", "--quiet")
    done = printed("infer", *both)
    assert done.stdout.count("unlike all that was learned") == 30
    assert "Note: 30 of 60 inputs are unlike all that was learned" in done.stderr
    answers = ask("infer", *both, "--unknown-above", 3)["answers"]
    assert [answer["label"] == "unknown" for answer in answers] == [False] * 30 + [True] * 30
    assert answers[40]["others"][0]["label"] in ("ant", "bee", "cat")
    assert "Note" not in printed("infer", *model).stderr


def test_an_improbable_answer_is_unknown_if_asked(ask, model):
    plain = ask("infer", *model)["answers"]
    least = sorted(answer["probability"] for answer in plain)[10]
    asked = ask("infer", *model, "--unknown-below", least)["answers"]
    for before, after in zip(plain, asked, strict=True):
        assert after["label"] == ("unknown" if before["probability"] < least else before["label"])
        assert after["probability"] == before["probability"]


def test_labelled_data_gives_the_accuracy_too(ask):
    ask("train", "--layers", "inputs")
    told = ask("infer", "--data", "digits", "--limit", 50)
    right = [answer["label"] == answer["expected"] for answer in told["answers"]]
    assert told["accuracy"] == np.mean(right) > 0.8
    assert np.sum(told["confusion_matrix"]) == 50 and np.trace(told["confusion_matrix"]) == sum(right)


def test_weights_alone_know_no_distance_and_say_so(ask, refuse, model):
    ask("export", "m", "--output", "w.safetensors")
    asked = ("infer", "--model", "w.safetensors", "--data", "i.npy")
    assert {answer["unlike"] for answer in ask(*asked)["answers"]} == {None}
    assert "--unknown-above needs a classifier with sums" in refuse(*asked, "--unknown-above", 3)
    assert len(ask(*asked, "--unknown-below", 0.5)["answers"]) == 30


def test_a_class_called_unknown_would_be_mistaken(refuse, tmp_path):
    x, y = blobs(60)
    ContinualClassifier("inputs").fit(x, np.where(y == "ant", "unknown", y)).save(tmp_path / "m")
    np.save(tmp_path / "i.npy", x)
    message = refuse("infer", "--data", "i.npy", "--model", "m", "--unknown-below", 0.5)
    assert "has learned a class called unknown" in message


def test_another_shape_is_refused_before_anything_is_solved(refuse, model, tmp_path, monkeypatch):
    np.save(tmp_path / "i.npy", np.zeros((2, 5)))
    monkeypatch.setattr("indeependence.models.open", None)  # would fail, if it was called
    assert "expected inputs of shape 6, as at first, got 5" in refuse("infer", *model)


@pytest.mark.filterwarnings("ignore:.* far outside the range")
def test_json_is_all_that_is_printed_on_stdout(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "i.npy", blobs(30)[0] * 100)
    done = printed("infer", *model, "--json")
    assert len(json.loads(done.stdout)["answers"]) == 30 and "note" in json.loads(done.stderr)

"""Tables with numeric targets on the command line: every command works, or says in a line why not."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from indeependence import ContinualRegressor
from indeependence.commands import cli
from indeependence.errors import InputError

RNG = np.random.default_rng(4)


@pytest.fixture
def houses(tmp_path, monkeypatch):
    """A table of houses in two files, cut from one, and one without the targets; the current folder holds them."""
    monkeypatch.chdir(tmp_path)
    rooms, age = RNG.integers(1, 8, 90), RNG.integers(0, 100, 90)
    town = RNG.choice(["ash", "elm"], 90)
    price = (rooms * 40_000 - age * 500 + 9_000 * (town == "elm") + RNG.integers(-3000, 3000, 90)).astype(int)
    table = pd.DataFrame({"id": range(500, 590), "rooms": rooms, "town": town, "age": age, "price": price})
    table["size"] = (rooms * 21.5 + RNG.random(90)).round(2)
    table.to_csv("all.csv", index=False)
    table[:50].to_csv("a.csv", index=False)
    table[50:].to_csv("b.csv", index=False)
    table.drop(columns=["price", "size"]).to_csv("n.csv", index=False)
    return table


def run(*words):
    return CliRunner().invoke(cli, [*map(str, words), "--json", "--quiet"])


def said(*words):
    done = run(*words)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


TRAIN = ("train", "--layers", "+sparse:30", "--id", "id", "--target", "price,size", "--model", "m", "--data")


def test_learning_in_parts_merging_and_forgetting_give_one_model(houses):
    first = said(*TRAIN, "a.csv", "--ledger", "task")
    ContinualRegressor.load("m").save("a")
    ContinualRegressor.load("m").forget_task(1).save("b")
    both = said("train", "--load", "--model", "m", "--data", "b.csv")
    assert both["examples"] == 90 and both["learned_now"] == 40 and both["models_inside"] == 1
    assert [one["target"] for one in both["targets"]] == ["price", "size"]
    assert said("train", "--load", "--model", "b", "--data", "b.csv")["examples"] == 40
    assert said("merge", "a", "b", "--output", "ab")["model_sha256"] == both["model_sha256"]
    gone = said("forget", "--examples", "b.csv", "--task", 2, "--model", "m")
    assert gone["model_sha256"] == first["model_sha256"] and gone["forgotten_now"] == 40
    assert said("forget", "--minus", "b", "--model", "ab", "--task", 2)["model_sha256"] == gone["model_sha256"]
    assert said("inspect", "m")["model_sha256"] == gone["model_sha256"]
    Path("ids").write_text("500\n503\n")
    assert said("forget", "--examples", "a.csv", "--ids", "ids", "--task", 1, "--model", "m")["examples"] == 48
    assert said("forget", "--task", 1, "--model", "m")["examples"] == 0


def test_answers_have_names_intervals_and_errors(houses):
    said(*TRAIN, "a.csv")
    told = said("infer", "--model", "m", "--data", "n.csv", "--csv", "o.csv")
    assert "measured" not in told and [answer["name"] for answer in told["answers"]] == list(map(str, houses["id"]))
    (price, size) = told["answers"][7]["targets"]
    assert price["low"] < price["value"] < price["high"] and size["target"] == "size"
    written = pd.read_csv("o.csv")
    assert list(written.columns[:4]) == ["name", "price", "price_low", "price_high"] and len(written) == 90
    assert written["price"][7] == price["value"]
    measured = said("infer", "--model", "m", "--data", "b.csv")["measured"]
    assert measured[0]["r2"] > 0.9 and 0.7 < measured[1]["inside_of_interval"] <= 1
    expected = 1 - ((written["price"][50:] - houses["price"][50:]) ** 2).mean() / houses["price"][50:].var(ddof=0)
    assert np.isclose(measured[0]["r2"], expected)
    lines = CliRunner().invoke(cli, ["infer", "--model", "m", "--data", "n.csv", "--limit", "2", "--quiet"])
    assert lines.stdout.splitlines()[0].startswith("500\tprice ") and " to " in lines.stdout


def test_an_evaluation_holds_rows_out_and_writes_a_page(houses):
    told = said("evaluate", "--data", "all.csv", "--id", "id", "--target", "price,size", "--tasks", 3, "--output", "e")
    assert told["tested"] == 18 and [one["examples"] for one in told["curve"]] == [24, 48, 72]
    assert told["measured"][0]["r2"] > 0.8
    assert json.loads(Path("e/results.json").read_text())["measured"] == told["measured"]
    page = Path("e/report.html").read_text()
    for kind in ("png", "svg", "pdf"):
        assert f'href="learning_curve.{kind}" download' in page and Path(f"e/learning_curve.{kind}").exists()
    assert "Predicted: price" in page and "72 rows learned in 3 parts" in page


def test_missing_values_are_learned_and_forgotten_again(houses):
    houses.assign(age=houses["age"].mask(houses.index % 7 == 0)).to_csv("gaps.csv", index=False)
    first = said(*TRAIN, "gaps.csv", "--limit", 60)
    assert said("train", "--load", "--model", "m", "--data", "gaps.csv", "--skip", 60)["examples"] == 90
    assert said("infer", "--model", "m", "--data", "gaps.csv")["measured"][0]["r2"] > 0.8
    gone = said("forget", "--examples", "gaps.csv", "--skip", 60, "--model", "m")
    assert gone["model_sha256"] == first["model_sha256"]


def test_decimal_commas_and_numbers_of_columns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(f"{k * 3};{k * 2},5;{k / 4:.2f}".replace(".", ",") for k in range(30))
    (tmp_path / "t.csv").write_text(rows)
    told = said("train", "--layers", "inputs", "--data", "t.csv", "--target", 2, "--header", "no", "--model", "m")
    assert np.isclose(told["targets"][0]["mean"], 29.5) and told["input_shape"] == [2]
    assert said("infer", "--model", "m", "--data", "t.csv")["measured"][0]["r2"] > 0.99


@pytest.mark.parametrize(
    "words, expected",
    [
        (("train", "--data", "a.csv", "--target", "prise"), "no column called 'prise'.*did you mean price"),
        (("train", "--data", "a.csv", "--target", ","), "--target: expected columns of a table"),
        (("train", "--data", "a.csv", "--target", "town"), "expected a number in column town, the target"),
        (("train", "--data", "a.csv", "--target", "price,price"), "'price' is named twice"),
        (("train", "--data", "digits", "--target", "price"), "numbers are learned from a table"),
        (("train", "--data", "x.csv", "--target", "price"), "no table 'x.csv'"),
        (("train", "--data", "hole.csv", "--target", "price"), "hole.csv.*expected a number in column price"),
        (("train", "--data", "a.csv", "--target", "price", "--label", "town"), "--label does not go with --target"),
        (("train", "--data", "a.csv", "--target", "price", "--ledger", "class"), "expected none or task with --target"),
        (
            ("train", "--data", "a.csv", "--load", "--model", "m", "--target", "size"),
            "has learned price, size .--target., got",
        ),
        (("train", "--data", "n.csv", "--load", "--model", "m"), "no column called 'price', the model's target"),
        (("infer", "--data", "a.csv", "--model", "m", "--top", "2"), "--top does not go with"),
        (("forget", "--class", "3", "--model", "m"), "--class: this model has learned numbers"),
        (("forget", "--examples", "all.csv", "--model", "m"), r"more examples than were learned \(40 too many\)"),
        (("inspect", "m", "--held-out", "m"), "expected a model of kind classifier"),
        (("evaluate", "--data", "a.csv", "--target", "price", "--seeds", "2"), "--seeds does not go with --target"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(houses, words, expected):
    houses.assign(price=houses["price"].mask(houses.index == 3)).to_csv("hole.csv", index=False)
    said(*TRAIN, "a.csv")
    before = said("inspect", "m")["model_sha256"]
    words = words if "m" in words or words[0] == "evaluate" else (*words, "--model", "new")
    done = run(*words, *(("--output", "e") if words[0] == "evaluate" else ()))
    assert done.exit_code in (1, 2)
    message = str(done.exception) if isinstance(done.exception, InputError) else done.output
    assert re.search(expected, message) and "\n" not in str(done.exception)
    assert said("inspect", "m")["model_sha256"] == before

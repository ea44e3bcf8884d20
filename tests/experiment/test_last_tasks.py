"""Tables that come month by month: what is older than a window is taken out exactly, and the log says so."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from indeependence import ContinualClassifier, models


@pytest.fixture
def months(tmp_path):
    """Four tables, of 40 rows each, in the current folder."""
    rng = np.random.default_rng(0)
    for month in range(1, 5):
        a, b = rng.normal(size=(2, 40)).round(3)
        state = np.where(a + month * b > 0, "up", "down")
        table = pd.DataFrame({"a": a, "b": b, "price": (10 * a + month).round(2), "state": state})
        table.to_csv(tmp_path / f"{month}.csv", index=False)


def learn(ask, month, *words):
    load = () if month == 1 else ("--load",)
    return ask("train", "--data", f"{month}.csv", "--model", "m", "--output", "out", *load, *words)


NEW = ("--ignore", "price", "--layers", "+sparse:8")


def test_the_last_months_alone_are_kept_to_the_bit(ask, months):
    learn(ask, 1, *NEW, "--window", 2, "--audit", "log")
    Path("first").write_bytes(Path("m").read_bytes())
    for month in (2, 3, 4):
        told = learn(ask, month, "--window", 2, "--audit", "log")
        assert told["tasks"] == {str(number): 40 for number in (month - 1, month)}
    ask("train", "--data", "3.csv", "--model", "first", "--load", "--output", "out")
    ask("train", "--data", "4.csv", "--model", "first", "--load", "--output", "out")
    rest = ask("forget", "--task", 1, "--model", "first")
    assert rest["model_sha256"] == told["model_sha256"] == models.open("m").facts()["model_sha256"]
    steps = [json.loads(line) for line in Path("log").read_text().splitlines()]
    assert [step["what"] for step in steps] == ["bootstrap", *["learn"] * 2, *["learn", "forget"] * 2]
    ask("verify", "log")


def test_numbers_keep_their_last_months_too(ask, months):
    for month in (1, 2, 3):
        words = ("--target", "price", "--ignore", "state", "--layers", "inputs") if month == 1 else ()
        told = ask(
            "train",
            "--data",
            f"{month}.csv",
            "--model",
            "m",
            *words,
            *(("--load",) if month > 1 else ()),
            "--window",
            2,
        )
    assert told["examples"] == 80 and told["tasks"] == {"2": 40, "3": 40}


def test_a_window_without_the_sums_of_tasks_is_refused_and_nothing_is_lost(ask, refuse, months):
    first = learn(ask, 1, *NEW)
    words = ("train", "--data", "2.csv", "--load", "--model", "m", "--output", "out", "--window", 2)
    assert "--window takes old tasks out by a ledger by task, and m has none" in refuse(*words, code=1)
    assert ContinualClassifier.load("m").facts()["model_sha256"] == first["model_sha256"]
    assert "--window goes with --ledger task, got class" in refuse(*words, "--ledger", "class", code=2)
    new = ("train", "--data", "2.csv", *NEW, "--model", "n", "--window", 2)
    assert "--window goes with one context" in refuse(*new, "--contexts", "task", code=2)

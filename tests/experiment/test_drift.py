"""Periods compared by their sums: the columns and classes that moved are named, with how far."""

import numpy as np
import pandas as pd

from indeependence import ContinualClassifier, ContinualRegressor
from indeependence.experiment.drift import columns_of, drift
from indeependence.moments.drift import moved
from indeependence.moments.moments import Moments

RNG = np.random.default_rng(0)


def months(count=2):
    """Months of rows, of which the second has `b` higher and more of class 1."""
    for month in range(count):
        x = pd.DataFrame(RNG.standard_normal((300, 3)), columns=["a", "b", "c"])
        x["b"] += 2.0 * month
        yield x, (RNG.random(300) < 0.3 + 0.3 * month).astype(int)


def test_shifts_and_spreads_are_those_of_the_codes():
    codes = RNG.integers(0, 200, (2, 50, 4)).astype(np.uint8)
    codes[1] //= 2
    sums = [Moments.empty("e", 4).learn([(part, np.zeros(50, int))]) for part in codes]
    found, (one, other) = moved(*sums), codes.astype(float)
    pooled = np.sqrt((one.var(0) + other.var(0)) / 2)
    assert np.allclose(found.shift, (other.mean(0) - one.mean(0)) / pooled)
    assert np.allclose(found.ratio, other.std(0) / one.std(0))


def test_the_column_and_the_class_that_moved_come_first():
    for layers in ("inputs", "+sparse:20"):
        model = ContinualClassifier(layers, ledger="task", n_jobs=1)
        for x, y in months():
            model.partial_fit(x, y)
        (found,) = drift(model)
        assert found["columns"][0]["column"] == "b" and 1.2 < found["columns"][0]["shift"] < 2.5
        assert abs(found["columns"][1]["shift"]) < 0.3 and found["examples"] == [300, 300]
        assert all(one["share_after"] != one["share_before"] for one in found["classes"])
    assert not len(columns_of(ContinualClassifier("8").fit(x, y).encoder_))


def test_the_command_prints_it_and_says_what_it_needs(ask, refuse, tmp_path):
    model = ContinualRegressor("inputs", ledger="task", n_jobs=1)
    for x, _ in months():
        model.partial_fit(x, x["a"])
    model.save(tmp_path / "m")
    (found,) = ask("inspect", "m", "--drift")["periods_compared"]
    assert found["columns"][0]["column"] == "b" and found["classes"] == []
    ContinualClassifier("inputs").fit(x, np.arange(300) % 2).save(tmp_path / "n")
    assert "expected one trained with --ledger task" in refuse("inspect", "n", "--drift")
    assert "goes without" in refuse("inspect", "m", "--drift", "--held-out", "n", code=2)

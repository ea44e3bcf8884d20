"""Streams of numbers in their order: every row is answered before it is learned, beside answers without inputs."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from indeependence import ContinualRegressor
from indeependence.data.readers.tables import Table
from indeependence.data.reading import Reading
from indeependence.errors import InputError
from indeependence.experiment.stream import StreamSettings
from indeependence.experiment.stream_numbers import stream_numbers, with_numbers_before
from indeependence.moments.moments import Moments
from indeependence.moments.periods import Rule
from indeependence.report.stream_numbers import NumberStreamResult

LEARNED = {"changes": (), "led": {}, "solved": 0, "layers": "", "code_units": 0, "statistics_bytes": 0} | {
    "cpu_seconds": 0.0,
    "model_sha256": "",
}


def turning(rows=600, at=300):
    """A table whose target turns round in the middle."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, 3))
    y = np.where(np.arange(rows) < at, 5 * x[:, 0], 9 - 5 * x[:, 1]) + 0.3 * rng.standard_normal(rows)
    return Table(x, y[:, None].round(2), (), Reading(), ("price",))


def ran(table=None, **changes):
    return stream_numbers(table or turning(), StreamSettings(period=50, layers="inputs", threads=1, **changes))


def error_of(result, kind="model"):
    return result.measured[0][kind]["mae"]


def test_every_rule_but_auto_works_and_following_the_drift_is_better():
    mixed, kept = ran(), ran(rule=Rule("all", 1))
    assert error_of(mixed) < 0.6 * error_of(kept) and mixed.leads and not kept.leads
    for rule in (Rule("window", 2), Rule("half-life", 1)):
        assert error_of(ran(rule=rule)) < 0.9 * error_of(kept)
    with pytest.raises(InputError, match="--adapt auto compares classes"):
        ran(rule=Rule("auto"))
    with pytest.raises(InputError, match="longer than a period"):
        ran(turning(40, 20))


@pytest.mark.parametrize("block", [1, 7])
@pytest.mark.parametrize("rule", [Rule("mix"), Rule("all", 1)])
def test_no_row_is_answered_by_what_learned_it(block, rule):
    table = turning()
    changed = Table(table.x, table.y.copy(), (), Reading(), ("price",))
    changed.y[420:] *= -1
    first, second = ran(table, block=block, rule=rule), ran(changed, block=block, rule=rule)
    until = 421 if block == 1 else 420
    assert np.array_equal(first.answers[:until], second.answers[:until], True)
    assert not np.array_equal(first.answers, second.answers, True)
    assert np.isnan(first.answers[:block]).all() and not np.isnan(first.answers[block:]).any()


def test_what_counts_at_the_end_equals_having_learned_only_that():
    table, rule = turning(), Rule("window", 2)
    model = ContinualRegressor("inputs", n_jobs=1).bootstrap(table.x[:50], table.y[:50])
    codes, numbers = model.encoder_(table.x[500:]), model.scale_.bytes_of(table.y[500:])
    rows = np.hstack([codes, numbers]), np.zeros(100, np.int64)
    only = Moments.empty(model.encoder_.fingerprint, rows[0].shape[1]).learn([rows])
    assert ran(rule=rule).model_sha256 == only.fingerprint


def test_the_figures_are_those_of_plain_sums():
    right, answers = np.array([[1.0], [2.0], [4.0]]), np.array([[np.nan], [3.0], [2.0]])
    found = NumberStreamResult(("p",), right, answers, **LEARNED).measured[0]
    assert found["model"] == {"mae": 1.5, "rmse": np.sqrt(2.5), "r2": 1 - 2.5 / 1.0}
    assert found["same as last"]["mae"] == 1.5 and found["mean so far"]["mae"] == (1 + 2.5) / 2


def test_numbers_before_become_inputs():
    y = np.array([[5.0], [7.0], [9.0]])
    assert with_numbers_before(np.zeros((3, 1)), y, 2).tolist() == [[0, 5, 5], [0, 5, 5], [0, 7, 5]]
    walk = np.cumsum(np.random.default_rng(1).standard_normal(400))[:, None].round(2)
    table = Table(np.random.default_rng(2).standard_normal((400, 1)), walk, (), Reading(), ("level",))
    assert error_of(ran(table, lags=1)) < 1.1 * error_of(ran(table, lags=1), "same as last")


def test_the_command_writes_a_page_and_refuses_what_has_no_meaning(ask, refuse, tmp_path):
    table = turning()
    pd.DataFrame(table.x, columns=list("abc")).assign(price=table.y[:, 0]).to_csv(tmp_path / "s.csv", index=False)
    words = ("evaluate", "--data", "s.csv", "--scenario", "stream", "--order", "given", "--target", "price", "--quiet")
    told = ask(*words, "--layers", "inputs", "--period", 50, "--output", "out")
    assert told["answered"] == 599 and told["measured"][0]["model"]["mae"] < 2
    assert json.loads(Path("out/results.json").read_text())["measured"] == told["measured"]
    page = Path("out/report.html").read_text()
    assert "From row to row: price" in page and "mean so far" in page and Path("out/learning_curve.svg").is_file()
    assert "--readout does not go with --target" in refuse(*words, "--readout", "lda", code=2)
    assert "--adapt auto compares classes" in refuse(*words, "--adapt", "auto", code=1)
    words = [word if word != "--target" else "--labels" for word in words]
    assert "does not go with --labels" in refuse(*words, code=2)

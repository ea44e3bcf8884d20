"""Streams in their order: every row is answered before it is learned, and what no longer fits is dropped."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from indeependence import ContinualClassifier
from indeependence.data.datasets import Dataset
from indeependence.errors import InputError
from indeependence.experiment.prequential import MixedPrequential, Prequential, Rows
from indeependence.experiment.stream import StreamSettings, stream, with_lags
from indeependence.experiment.stream_answers import Classes
from indeependence.moments.moments import Moments
from indeependence.moments.periods import Rule
from indeependence.report.stream import Change, StreamResult

LEARNED = {"changes": (), "led": {}, "solved": 0, "layers": "", "code_units": 0, "statistics_bytes": 0} | {
    "cpu_seconds": 0.0,
    "model_sha256": "",
}


def turning(rows=1200, at=600, seed=0):
    """A stream whose rule turns round in the middle."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, 3))
    right = (x[:, 0] > 0) ^ (np.arange(rows) >= at)
    return Dataset("turning", x, np.array(["no", "yes"])[right.astype(int)], x[:0], np.array([], "U3"))


def ran(**changes):
    settings = {"period": 50, "layers": "+sparse:10", "threads": 1, "rule": Rule("auto"), **changes}
    return stream(turning(), StreamSettings(**settings))


def test_adapting_beats_keeping_all_and_says_what_was_dropped():
    adapted, kept = ran(), ran(rule=Rule("all", 1))
    assert adapted.accuracy > kept.accuracy + 0.1 and not kept.changes
    change = next(change for change in adapted.changes if change.row > 600)
    assert change.row <= 750 and change.since >= 12
    assert abs(ran(rule=Rule("window", 3)).accuracy - adapted.accuracy) < 0.1
    assert ran(rule=Rule("half-life", 2)).accuracy > kept.accuracy + 0.05


def test_at_the_end_the_model_is_one_that_learned_only_what_counts():
    data = turning()
    result = ran()  # by the rule "auto"
    since = (result.changes[-1].since - 1) * 50
    model = ContinualClassifier("+sparse:10", n_jobs=1).bootstrap(data.x_train[:50])
    assert model.learn([(data.x_train[since:], data.y_train[since:])]).moments_.fingerprint == result.model_sha256


@pytest.mark.parametrize("block", [1, 7, 50, 64])
@pytest.mark.parametrize("kind", [Prequential, MixedPrequential])
def test_no_row_is_answered_by_weights_that_learned_it(kind, block):
    rng = np.random.default_rng(1)
    codes, labels = rng.integers(0, 256, (300, 4)).astype(np.uint8), rng.permutation(300) % 2
    changed = labels.copy()
    changed[200:] = 1 - changed[200:]
    found = []
    for right in (labels, changed):
        rule = Rule("all", 1) if kind is Prequential else Rule("mix")
        more = {} if kind is Prequential else {"inputs": np.arange(2)}
        course = kind(Classes((0, 1)), Moments.empty("e", 4), rule, block, 60, **more)
        found.append(course.go_through(Rows(codes, codes, right, right)))
        assert course.periods.open(course.current).count == 300
    until = 201 if block == 1 else 200
    assert np.array_equal(found[0][:until], found[1][:until], True)
    assert not np.array_equal(found[0], found[1], True)
    assert np.isnan(found[0][:block]).all() and not np.isnan(found[0][block:]).any()


def test_mixing_follows_a_drift_never_misses_what_needs_no_inputs_and_says_what_counted():
    mixed = ran(rule=Rule("mix"))
    assert mixed.accuracy > ran(rule=Rule("window", 3)).accuracy - 0.01 and not mixed.changes
    assert abs(sum(mixed.leads.values()) - 1) < 1e-9 and len(mixed.leads) > 3
    rng = np.random.default_rng(0)
    runs = np.repeat(rng.integers(0, 2, 60), 20)  # labels that follow each other, inputs that say nothing
    data = Dataset("runs", rng.standard_normal((1200, 2)), runs, np.zeros((0, 2)), runs[:0])
    followed = stream(data, StreamSettings(period=50, layers="+sparse:10", threads=1))
    assert followed.accuracy > followed.baselines["same as last"].mean() - 0.02 > 0.9
    assert max(followed.leads, key=followed.leads.get) == "the last row alone"


def test_the_figures_are_those_of_plain_counts():
    right, answers = np.array([0, 0, 1, 1, 1, 0]), np.array([-1, 0, 1, 0, 1, 0])
    result = StreamResult(("a", "b"), right, answers, **LEARNED)
    assert result.accuracy == 4 / 6 and result.per_class == [("a", 3, 2 / 3), ("b", 3, 2 / 3)]
    assert result.baselines["same as last"].tolist() == [False, True, False, True, True, False]
    assert result.baselines["majority so far"].tolist() == [False, True, False, False, False, False]
    assert np.isclose(result.kappa_temporal, (4 / 6 - 1 / 2) / (1 / 2))
    whole = StreamResult(("a", "b"), right, np.array([1, 0, 1, 0, 1, 0]), **LEARNED)
    assert np.isclose(whole.kappa, cohen_kappa_score(right, whole.answers))
    assert Change(10, 3, 1, 3).words == "row 10: periods from 1 on taken up again, 1 to 3 count"


def test_labels_before_become_inputs_and_only_they():
    x = with_lags(np.zeros((4, 1)), np.array([5, 7, 7, 5]), 2)
    assert x.tolist() == [[0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 1, 0, 1]]
    with pytest.raises(InputError, match="longer than a period"):
        stream(turning(rows=40, at=20), StreamSettings(period=50))


def test_the_command_writes_a_page_and_refuses_what_has_no_meaning(ask, refuse, tmp_path):
    data = turning()
    table = pd.DataFrame(data.x_train, columns=list("abc")).assign(label=data.y_train)
    table.to_csv(tmp_path / "s.csv", index=False)
    words = ("evaluate", "--data", "s.csv", "--scenario", "stream", "--order", "given", "--period", 50, "--quiet")
    told = ask(*words, "--layers", "+sparse:10", "--output", "out", "--adapt", "auto")
    assert told["rows"] == 1200 and told["changes"] and "dropped" in told["changes"][0]["words"]
    assert json.loads(Path("out/results.json").read_text())["accuracy"] == told["accuracy"]
    page = Path("out/report.html").read_text()
    for kind in ("png", "svg", "pdf"):
        assert f'href="learning_curve.{kind}" download' in page and Path(f"out/learning_curve.{kind}").exists()
    assert "same as last" in page and "dropped" in page and Path("out/learning_curve.png").is_file()
    table.assign(a=table["a"].mask(table.index % 5 == 0)).to_csv("gaps.csv", index=False)
    gaps = ask(
        *words[:2], "gaps.csv", *words[3:], "--layers", "+sparse:10", "--lags", 1, "--output", "out", "--adapt", "auto"
    )
    assert 0.6 < gaps["accuracy"] < told["accuracy"]
    for extra, expected in (
        (("--window", 2, "--half-life", 3), "--window and --half-life both say"),
        (("--window", 2, "--periods", 3), "--periods goes with --adapt mix and auto"),
        (("--tasks", 3), "--tasks does not go with --order given"),
    ):
        assert expected in refuse(*words, *extra, code=2)
    assert "--window does not go with tasks" in refuse("evaluate", "--data", "s.csv", "--window", 2, code=2)
    assert "--order given goes with evaluate" in refuse(
        "compare", "--data", "s.csv", "--scenario", "stream", "--order", "given", code=2
    )

"""``merge`` notices what is in the sum already; ``train``, ``forget`` and ``merge`` write weights for ``infer``."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from indeependence import ContinualClassifier
from indeependence.files.container import header_of

PARTS = {"a": slice(0, 30), "b": slice(30, 60), "c": slice(60, 90)}
X = np.random.default_rng(0).integers(0, 256, (90, 6, 6), np.uint8)
Y = np.arange(90) % 3


@pytest.fixture
def files(tmp_path):
    """Three models of one encoder, one that learned nothing, and the data of each."""
    start = ContinualClassifier("5").bootstrap(X)
    start.save(tmp_path / "empty")
    for name, rows in PARTS.items():
        ContinualClassifier.load(tmp_path / "empty").partial_fit(X[rows], Y[rows]).save(tmp_path / name)
        np.savez(tmp_path / f"{name}.npz", x=X[rows], y=Y[rows])


@pytest.mark.usefixtures("files")
def test_in_any_order_the_same_parts_are_told_and_the_sums_do_not_depend_on_them(ask):
    whole = ContinualClassifier.load("empty").partial_fit(X, Y).moments_.fingerprint
    told = []
    for first, second, third in itertools.permutations("abc"):
        ask("merge", first, second, "--output", "two", "--overwrite")
        assert ask("merge", "two", third, "--output", "all", "--overwrite")["model_sha256"] == whole
        told.append(header_of("all")["merged"])
    assert all(one == told[0] and len(one["models"]) == 3 for one in told)
    assert ask("inspect", "all")["models_inside"] == 3 and "merged" not in header_of("a")


@pytest.mark.usefixtures("files")
def test_what_is_in_the_sum_already_is_refused_unless_asked_for_again(ask, refuse):
    ask("merge", "a", "b", "--output", "ab")
    ask("merge", "b", "c", "--output", "bc")
    whole = ContinualClassifier.load("empty").partial_fit(X[:60], Y[:60])
    whole.save("whole")  # the same sums by another way
    for twice in (("a", "a"), ("ab", "a"), ("a", "ab"), ("ab", "bc"), ("ab", "ab"), ("c", "a", "c"), ("ab", "whole")):
        message = refuse("merge", *twice, "--output", "out")
        assert message.startswith(f"{twice[-1]}: ") and "say --again" in message
    assert ask("merge", "ab", "a", "--again", "--output", "out")["examples"] == 90
    assert "is in the sum already" in refuse("merge", "out", "b", "--output", "more")


@pytest.mark.usefixtures("files")
def test_a_model_and_what_it_became_are_refused_and_an_empty_one_is_not(ask, refuse):
    ask("merge", "a", "empty", "--output", "later")
    assert "merged" not in header_of("later")
    ask("train", "--data", "b.npz", "--load", "--model", "later")
    assert "is in the sum already" in refuse("merge", "later", "a", "--output", "out")
    ask("merge", "empty", "empty", "--output", "out")
    assert "out is there already: name another --output" in refuse("merge", "later", "c", "--output", "out")
    assert ask("merge", "later", "c", "--output", "later")["examples"] == 90  # it goes on: nothing is lost
    ask("train", "--data", "a.npz", "--load", "--model", "empty")
    assert "merged" not in header_of("empty")


@pytest.mark.usefixtures("files")
def test_what_was_taken_out_may_come_back(ask, refuse):
    ask("merge", "a", "b", "--output", "ab")
    told = ask("forget", "--minus", "b", "--model", "ab")
    assert told["exact"] is True and told["asked_for"] is None
    assert ask("merge", "ab", "b", "--output", "ab")["examples"] == 60
    assert "is in the sum already" in refuse("merge", "ab", "b", "--output", "out")


@pytest.mark.usefixtures("files")
def test_exact_is_said_only_where_it_is_certain(ask):
    ask("merge", "a", "b", "--output", "ab")
    np.savez("some.npz", x=X[30:36], y=Y[30:36])
    told = ask("forget", "--examples", "some.npz", "--model", "ab")
    assert told["asked_for"] == told["forgotten_now"] == 6 and told["exact"] is None
    Path("copy").write_bytes(Path("ab").read_bytes())
    assert ask("forget", "--minus", "a", "--model", "copy")["exact"] is None  # those six may have been its own
    told = ask("forget", "--examples", "b.npz", "--skip", 6, "--model", "ab")  # the rest of b
    assert told["asked_for"] == told["forgotten_now"] == 24
    assert ask("forget", "--minus", "a", "--model", "ab")["exact"] is True  # nothing is left


@pytest.mark.usefixtures("files")
def test_after_train_merge_and_forget_infer_solves_nothing(ask, monkeypatch):
    np.save("i.npy", X[:2])
    ask("train", "--data", "a.npz", "--layers", "5", "--model", "m")
    ask("merge", "a", "b", "--output", "ab")
    ask("merge", "a", "c", "--output", "ac")
    ask("forget", "--minus", "c", "--model", "ac")
    monkeypatch.setattr("indeependence.models.classifier.classifier.solved", None)  # would fail, if it was called
    for name in ("m", "ab", "ac"):
        assert len(ask("infer", "--data", "i.npy", "--model", name)["answers"]) == 2

"""``sparse embed``: every option is heeded or refused, and what cannot be embedded is told before the work."""

from pathlib import Path

import numpy as np
import pytest

from indeependence.binary_codes.storage import read_sdr

SMALL = ("sparse", "embed", "--units", 32, "--active", 3)


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Twelve rows of two classes, one cell of them missing."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{i},{(i * 7) % 5},{'xy'[i % 2]}\n" for i in range(12)]
    Path("t.csv").write_text("a,b,label\n" + "".join(rows).replace("3,1,", "3,,"))
    return "t.csv"


def test_codes_and_labels_of_both_parts_are_written(ask, table):
    told = ask(*SMALL, "--data", table, "--layers", 2, "--output", "c.sdr")
    found = read_sdr("c.sdr")
    assert told["codes"] == len(found.codes) == 12 and sorted(found.labels.tolist()) == ["x"] * 6 + ["y"] * 6
    np.testing.assert_array_equal(found.codes.bits.sum(1), 3)


def test_a_model_brings_its_encoder_and_another_is_refused(ask, refuse, table):
    ask("train", "--data", table, "--layers", 2, "--model", "m")
    asked = (*SMALL, "--data", table, "--model", "m")
    ask(*asked, "--output", "c.sdr")
    for option in (("--layers", 3), ("--preset", "best")):
        assert "--layers and --preset go with a new model" in refuse(*asked, *option, "--output", "n.sdr", code=2)
    Path("f.keras").write_bytes(b"no model")
    assert "f.keras" in refuse(*asked, "--encoder", "f.keras", "--output", "n.sdr")


def test_an_option_without_effect_is_refused(refuse, table):
    asked = (*SMALL, "--data", table, "--unlabelled", "--variation", 0.2, "--output", "n.sdr")
    assert "leave out either it or --unlabelled" in refuse(*asked, code=2)


def test_labels_that_the_model_never_learned_are_named(ask, table):
    ask("train", "--data", table, "--layers", 2, "--model", "m")
    Path("n.csv").write_text(Path(table).read_text().replace("y\n", "new\n"))
    with pytest.warns(UserWarning, match="the model never learned new: they get codes"):
        ask(*SMALL, "--data", "n.csv", "--model", "m", "--output", "c.sdr")
    assert len(read_sdr("c.sdr").codes) == 12


def test_more_units_than_memory_holds_are_refused_before_the_work(refuse, table, monkeypatch):
    monkeypatch.setattr("indeependence.experiment.embedding.memory", lambda: 2**30)
    said = refuse(*SMALL[:2], "--units", 7000, "--active", 3, "--data", table, "--output", "n.sdr")
    assert said == "--units: 7,000 of them need 1.1 GB, this machine has 1: take fewer"

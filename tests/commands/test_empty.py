"""Autoencoders on the command line: what is empty, too large, or of another form."""

import numpy as np
import pytest

from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.pairs import ContinualAutoencoder

PICTURES = np.random.default_rng(0).integers(0, 256, (40, 4, 4), np.uint8)
LABELS = np.array(["a,b", "a", "c", "d"])[np.arange(40) % 4]


def saved(x, path):
    """Save a model of inputs with four labels, one of which has a comma."""
    LabelledAutoencoder(sorted(set(LABELS)), "8").bootstrap(x).learn([(x, LABELS)]).save(path)


@pytest.fixture
def model(tmp_path):
    saved(PICTURES, tmp_path / "m")
    np.save(tmp_path / "x.npy", PICTURES)
    return ("--model", "m")


def test_an_empty_value_is_no_missing_one(model, refuse):
    mask = refuse("infer", *model, "--data", "x.npy", "--mask", "", "--output", "p.png")
    assert "--mask" in mask and "expected" in mask
    assert "--units: expected numbers from 0" in refuse("generate", *model, "--units", "", "--output", "p.png")
    words = ("sparse", "planes", "--put", "3@4,4", "--size", "", "--output", "p.png")
    assert "--size: expected rows x columns, such as 28x56, got ''" in refuse(*words, code=2)


@pytest.mark.parametrize("output", ["p.png", "p.csv"])
def test_a_model_of_rows_is_told_that_cleaning_needs_pictures(refuse, tmp_path, output):
    saved(PICTURES.reshape(40, -1), tmp_path / "m")
    np.save(tmp_path / "x.npy", PICTURES.reshape(40, -1))
    said = refuse("infer", "--model", "m", "--data", "x.npy", "--clean", 0.1, "--output", output)
    assert said == "--mask, --clean and --noise need pictures, got vectors: leave them out for labels alone"


def test_another_form_of_autoencoder_is_named_with_what_to_do(model, refuse, tmp_path):
    ContinualAutoencoder("8").fit(PICTURES, PICTURES).save(tmp_path / "pairs")
    said = refuse("merge", "pairs", "m", "--output", "o")
    assert "m: expected an autoencoder of pairs, got one with labels: name a file of one of pairs" in said
    said = refuse("merge", "m", "pairs", "--output", "o")
    assert "pairs: expected an autoencoder with labels, got one of pairs: name a file of one with labels" in said


def test_more_pictures_than_fit_are_refused_before_any_is_drawn(model, refuse, tmp_path, monkeypatch):
    monkeypatch.setattr("indeependence.models.autoencoder.drawing.drawn", None)
    monkeypatch.setattr("indeependence.models.autoencoder.model.Autoencoder.generate", None)
    said = refuse("generate", *model, "--count", 100_000_000, "--output", "p.png")
    assert said == "--count: expected at most 10,000 pictures of each label, got 100,000,000"
    ContinualAutoencoder("8").fit(PICTURES, PICTURES).save(tmp_path / "pairs")
    monkeypatch.setattr("indeependence.models.autoencoder.pairs.ContinualAutoencoder.generate", None)
    said = refuse("generate", "--model", "pairs", "--count", 10_001, "--output", "p.png")
    assert said == "--count: expected at most 10,000 pairs, got 10,001"


def test_a_class_whose_name_has_a_comma_is_drawn(model, ask):
    drawn = ("generate", *model, "--count", 1, "--output")
    assert ask(*drawn, "p.png", "--label", "a,b")["labels"] == ["a,b"]
    assert ask(*drawn, "q.png", "--label", "c,a")["labels"] == ["c", "a"]

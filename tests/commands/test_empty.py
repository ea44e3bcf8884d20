"""Autoencoders on the command line: values that are empty, too large, or of another model are refused at once."""

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

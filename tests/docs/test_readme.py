"""The README is short and the page on layers is true; their blocks and links are tested in test_docs.py."""

import re

import pytest

from indeependence.encoder.fitting.grammar import OPTIONS, default_layers, parse_layers
from tests import ROOT

README = (ROOT / "README.md").read_text()
LAYERS = (ROOT / "docs" / "layers.md").read_text()
SHOWN = sorted({text for text in re.findall(r"`([^`\s]+)`", LAYERS) if re.search(r"\d", text)})
DEFAULTS = re.findall(r"^\| `(\w+:100:\S+)` \|$", LAYERS, re.MULTILINE)
CHOSEN = {
    "vectors, or": default_layers((99,)),
    "the same of": default_layers((100,)),
    "pen strokes": default_layers((28, 28)),
    "shaded grey": default_layers((28, 28), shaded=True),
    "colour pictures": default_layers((32, 32, 3)),
}


def test_the_readme_is_a_door_not_a_house():
    assert len(README.splitlines()) <= 90 and max(map(len, README.splitlines())) < 200


@pytest.mark.parametrize("text", SHOWN)
def test_every_layer_shown_can_be_parsed(text):
    assert parse_layers(text)


def test_the_defaults_shown_are_those_of_every_kind():
    shown = {text.split(":")[0]: dict(pair.split("=") for pair in text.split(":")[2:]) for text in DEFAULTS}
    assert {kind: {name: float(value) for name, value in pairs.items()} for kind, pairs in shown.items()} == {
        kind: options for kind, options in OPTIONS.items() if options
    }


def test_every_option_is_explained():
    explained = {
        name
        for row in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| ", LAYERS, re.MULTILINE)
        for name in re.findall(r"\w+", row)
    }
    assert {name for options in OPTIONS.values() for name in options} <= explained


@pytest.mark.parametrize("inputs", CHOSEN)
def test_auto_chooses_what_the_page_shows(inputs):
    (row,) = re.findall(rf"^\| {inputs}.*$", LAYERS, re.MULTILINE)
    assert row.split("|")[2].strip() == f"`{CHOSEN[inputs]}`"

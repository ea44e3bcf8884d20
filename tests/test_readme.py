"""The README's table of layers is true; its commands, its Python and its links are tested in test_docs.py."""

import re
from pathlib import Path

import pytest

from indeependence.encoder.fitting.grammar import parse_layers

README = (Path(__file__).parent.parent / "README.md").read_text()


@pytest.mark.parametrize("text", re.findall(r"^\| `([a-z0-9:=.,+]+)` \| ", README, re.MULTILINE))
def test_every_layer_shown_can_be_parsed(text):
    assert parse_layers(text)


def test_the_readme_is_a_door_not_a_house():
    assert len(README.splitlines()) < 200 and max(map(len, README.splitlines())) < 400

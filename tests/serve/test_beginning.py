"""Models from nothing: encoders that have seen no example, and what they tell apart after a few."""

from hashlib import sha256

import numpy as np
import pytest

from indeependence import InputError
from indeependence.data.reading import Reading
from indeependence.encoder.fronts.pretrained import pretrained
from indeependence.serve.beginning import Beginning, photograph_layers, stroke_layers
from indeependence.serve.strokes import leaves, strokes
from tests import ROOT

PINNED = {  # of the encoders, on every machine: a change of one of these divides models from those of before
    (28, 28): "bd2bd884",
    (16, 16): "7e958444",
}


def test_pictures_of_nothing_and_their_encoders_are_as_pinned():
    for shape, beginning in PINNED.items():
        found = Beginning().model(np.zeros((1, *shape), np.uint8), Reading()).encoder_.fingerprint
        assert found.startswith(beginning), (shape, found[:8])
    assert sha256(leaves(3, 16).tobytes()).hexdigest().startswith("52e4281a")


def test_an_encoder_does_not_depend_on_the_first_example():
    random = np.random.default_rng(0)
    some, others = (Beginning().model(random.integers(0, 256, (2, 8, 8), np.uint8), Reading()) for _ in range(2))
    assert some.encoder_.fingerprint == others.encoder_.fingerprint and not some.moments_.count


def test_pictures_of_nothing_are_strokes_on_black_and_discs_in_colour():
    drawn, fallen = strokes(20, 28), leaves(5, 16)
    assert drawn.shape == (20, 28, 28) and 0.02 < (drawn > 127).mean() < 0.3 and drawn.max((1, 2)).min() == 255
    assert fallen.shape == (5, 16, 16, 3) and np.ptp(fallen.reshape(5, -1), axis=1).min() > 100


@pytest.mark.parametrize("side", [6, 12, 24])
def test_layers_fit_pictures_of_every_side(side):
    assert Beginning().model(np.zeros((1, side, side), np.uint8), Reading()).encoder_.units > 200
    assert stroke_layers(side) and photograph_layers(side)


def test_what_is_too_small_to_begin_with_is_refused():
    with pytest.raises(InputError, match="at least 6 pixels"):
        Beginning().model(np.zeros((1, 5, 28), np.uint8), Reading())
    with pytest.raises(InputError, match="at least 10 rows"):
        Beginning().model(np.zeros((9, 3)), Reading())


@pytest.mark.slow
def test_a_network_that_looks_first_needs_no_sample_either():
    front = pretrained(ROOT / "tests/golden/files/network.keras")
    beginning = Beginning(front=front)
    height, width = front.network.input_shape[:2]
    model = beginning.model(np.zeros((1, height, width), np.uint8), Reading())
    assert model.encoder_.front is not None and beginning.photograph[:2] == (height, width)
    assert model.partial_fit(np.eye(height, width, dtype=np.uint8)[None] * 255, ["a"]).classes_.tolist() == ["a"]


def test_five_of_each_are_enough_for_shapes_that_nobody_has_seen():
    """Crosses, frames and bars, moved and bent: nearly all are told apart after five of each."""
    random = np.random.default_rng(1)

    def shape(kind):
        picture, (top, left), size = (
            np.zeros((28, 28), np.uint8),
            random.integers(3, 9, 2),
            int(random.integers(12, 17)),
        )
        part = picture[top : top + size, left : left + size]
        diagonal = np.arange(size)
        if kind == "cross":
            for shift in (-1, 0, 1):
                inside = (diagonal + shift >= 0) & (diagonal + shift < size)
                part[diagonal[inside], (diagonal + shift)[inside]] = 255
                part[diagonal[inside], (size - 1 - diagonal - shift)[inside]] = 255
        elif kind == "frame":
            part[:2], part[-2:], part[:, :2], part[:, -2:] = 255, 255, 255, 255
        else:
            part[:, size // 2 - 1 : size // 2 + 1] = 255
        return picture

    kinds = np.repeat(["cross", "frame", "bar"], 25)
    pictures = np.stack([shape(kind) for kind in kinds])
    taught = np.arange(75) % 25 < 5
    model = Beginning().model(pictures, Reading()).partial_fit(pictures[taught], kinds[taught])
    assert model.score(pictures[~taught], kinds[~taught]) > 0.95

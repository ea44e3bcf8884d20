"""Encoders from a sample: what the seed and the data decide, and what is refused."""

import cv2
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from indeependence import load_dataset
from indeependence.encoder.encoder import Encoder
from indeependence.encoder.fitting import bootstrap as module
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.fitting.shading import shaded
from indeependence.errors import InputError

encode = Encoder.__call__

pytestmark = pytest.mark.slow  # seconds, or many of them


def test_equal_seeds_give_equal_encoders_and_others_do_not(pictures):
    assert bootstrap(pictures, seed=3).fingerprint == bootstrap(pictures, seed=3).fingerprint
    assert bootstrap(pictures, seed=3).fingerprint != bootstrap(pictures, seed=4).fingerprint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("101", "at most as many principal bases as inputs, 100; got 101: try wide:101"),
        ("5:winners=6", "6 winners need as many bases, got 5"),
        ("patches:5:size=8:pool=4", "need pictures of at least 11 pixels, got 10x10"),
        ("patches:5:size=3:pool=14:pad=2", "need pictures of at least 12 pixels, got 10x10"),
        ("patches:5:size=12:pool=1:pad=2", "need pictures of at least 12 pixels, got 10x10"),
        ("patches:5:size=3:pad=3", "pad below the size of windows, 3, got 3: try pad=1"),
    ],
)
def test_layers_that_do_not_fit_the_data_are_refused(pictures, text, message):
    with pytest.raises(InputError, match=message):
        bootstrap(pictures, text)


def test_patches_of_vectors_too_large_windows_and_no_examples_are_refused(pictures):
    with pytest.raises(InputError, match="patches need pictures, got vectors of 100 values"):
        bootstrap(pictures.reshape(40, 100), "patches:5")
    with pytest.raises(InputError, match="at most 258 values, got 300"):
        bootstrap(np.zeros((2, 30, 30, 3), np.uint8), "patches:5:size=10")
    with pytest.raises(InputError, match="at least one example to bootstrap the encoder on, got none"):
        bootstrap(pictures[:0])


def test_the_number_of_threads_at_bootstrap_changes_no_encoder():
    rows = np.random.default_rng(0).integers(0, 256, (600, 300), np.uint8)
    fingerprints = set()
    for threads in (1, 2):
        with threadpool_limits(threads):
            fingerprints.add(bootstrap(rows, "60,wide:300").fingerprint)
    assert len(fingerprints) == 1


@pytest.mark.parametrize("inverted", [False, True])
def test_auto_takes_other_layers_for_shaded_pictures_than_for_pen_strokes(inverted):
    rng = np.random.default_rng(0)
    strokes = 255 * (rng.random((30, 20, 20)) < 0.2).astype(np.uint8)
    grey = rng.integers(40, 200, (30, 20, 20)).astype(np.uint8) * (strokes > 0)
    kinds = (strokes, strokes // 2, grey.astype(np.uint8))  # drawn, faintly drawn, shaded
    encoders = [bootstrap(255 - one if inverted else one) for one in kinds]
    assert ["root=1" in encoder.layers_text for encoder in encoders] == [False, False, True]
    assert encoders[2].layers[0].frame == (255 if inverted else 0)


@pytest.mark.slow
def test_the_kind_of_real_pictures_is_told_by_any_two_classes(real_data):
    for name, expected in (("mnist", False), ("fashion-mnist", True)):
        data = load_dataset(str(real_data / name))
        for pair in range(5):
            first = np.isin(data.y_train, (2 * pair, 2 * pair + 1))
            pictures = data.x_train[first][:1000]
            small = np.stack([cv2.resize(one, (22, 22), interpolation=cv2.INTER_AREA) for one in pictures])
            assert [shaded(one) for one in (pictures, pictures // 2, 255 - pictures, small)] == [expected] * 4


def test_layers_larger_than_the_machine_are_refused_before_the_work(pictures, monkeypatch):
    monkeypatch.setattr("indeependence.encoder.fitting.bootstrap.memory", lambda: 23 * 2**30)
    said = (
        r"to learn and solve 100,000 units of sparse:50000 needs 223.5 GB, this machine has 23.0: .* at most 32,0\d\d"
    )
    with pytest.raises(InputError, match=said):
        bootstrap(pictures, "sparse:50000")


@pytest.mark.parametrize("layers", ["patches:4:size=3:pool=2:stride=2", "9 | 9"])
def test_as_many_units_as_are_named_fit_and_no_more(layers, pictures, monkeypatch):
    encoder = bootstrap(pictures, layers)
    units, members = encoder.units // encoder.members, encoder.members
    needed = max(16 * members + 4, 8 * members + 16) * units**2
    monkeypatch.setattr("indeependence.encoder.fitting.bootstrap.memory", lambda: needed)
    bootstrap(pictures, layers)
    monkeypatch.setattr("indeependence.encoder.fitting.bootstrap.memory", lambda: needed - 1)
    with pytest.raises(InputError, match=f"at most {units - 1} units"):
        bootstrap(pictures, layers)


def test_the_best_layers_may_have_several_members(pictures, monkeypatch):
    monkeypatch.setattr(module, "default_layers", lambda *about, **more: "patches:4:size=3 | patches:4:size=4")
    encoder = bootstrap(pictures, "best")
    assert (encoder.members, encoder.layers_text) == (2, "patches:4:size=3 | patches:4:size=4")
    assert bootstrap(pictures, "best", members=3).members == 3
    with pytest.raises(InputError, match="--layers lists 3 members, got 2"):
        bootstrap(pictures, "8 | 8 | 8", members=2)


@pytest.mark.parametrize(
    "layers", ["patches:4:size=3:pool=4:stride=4", "8", "+sparse:20", "wide:9,+sparse:20", "inputs"]
)
def test_only_what_comes_above_looks_at_the_codes_of_a_sample(layers, pictures, monkeypatch):
    encoder, seen = bootstrap(pictures, layers), []
    monkeypatch.setattr(Encoder, "__call__", lambda self, rows: seen.append(self.layers_text) or encode(self, rows))
    assert bootstrap(pictures, layers).fingerprint == encoder.fingerprint
    assert len(seen) == max(len(encoder.layers) - 1, 0)
    assert encoder.units == encode(encoder, pictures).shape[1]

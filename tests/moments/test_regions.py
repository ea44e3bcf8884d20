"""Sums by class and region against plain NumPy; what no pictures can have is refused."""

import numpy as np
import pytest

from indeependence.errors import InputError
from indeependence.models.autoencoder.sketching import fit_sketch
from indeependence.moments.regions import Regions
from indeependence.moments.sketch import Sketch

RNG = np.random.default_rng(5)
PICTURES = np.clip(RNG.standard_normal((200, 3)) @ RNG.standard_normal((3, 12)) * 40 + 120, 0, 255).astype(np.uint8)
LABELS = RNG.integers(0, 2, 200)
ROWS = np.hstack([PICTURES, 255 * np.eye(2, dtype=np.uint8)[LABELS]])


@pytest.fixture(scope="module")
def regions():
    return Regions(fit_sketch(PICTURES, 2, 0), 2).learn(ROWS)


def test_counts_means_scatter_and_bytes_are_those_of_the_pictures_there(regions):
    codes = regions.sketch.codes(PICTURES)
    far = ((codes[:, None].astype(float) - regions.sketch.centres) ** 2).sum(2).argmin(1)
    assert len(regions.sums) > 4 and regions.count == 200
    for label, region in regions.sums:
        here, part = (label == LABELS) & (far == region), regions.part(label, region)
        assert part.count == here.sum()
        np.testing.assert_allclose(part.mean, codes[here].mean(0))
        np.testing.assert_allclose(part.scatter, np.cov(codes[here].T, bias=True) * here.sum(), atol=1e-6)
        np.testing.assert_array_equal(part.bytes, np.bincount(PICTURES[here].ravel(), minlength=256))


def test_a_code_of_all_directions_gives_the_picture_back(regions):
    assert regions.sketch.values == 12
    back = regions.sketch.pictures(regions.sketch.codes(PICTURES))
    assert np.abs(back - PICTURES).max() < 4


def test_what_was_never_learned_cannot_be_taken_out(regions):
    with pytest.raises(InputError, match="^cannot remove examples that were never learned"):
        regions - regions.nothing.learn(np.vstack([ROWS, ROWS[:1]]))
    other = Regions(fit_sketch(255 - PICTURES, 2, 0), 2)
    with pytest.raises(InputError, match="expected sums of one and the same sketch"):
        regions + other


@pytest.mark.parametrize(
    "name, change",
    [
        ("sums", lambda a: a[:-1]),
        ("sums", lambda a: np.where(np.arange(a.shape[1]) == 20, a + 1, a)),  # a pixel too many
        ("keys", lambda a: a[::-1]),
        ("keys", lambda a: a + 2),
        ("sketch.divisor", lambda a: a * 0),
        ("sketch.mean", lambda a: a - np.float32(1000)),
        ("sketch.centres", lambda a: a[:, :-1]),
        ("sketch.bases", lambda a: a.astype(np.float32)),
    ],
)
def test_damaged_sums_are_refused(regions, name, change):
    header, arrays = regions.packed()
    assert Regions.unpacked(header, arrays).fingerprint == regions.fingerprint
    with pytest.raises(InputError, match="^damaged model: "):
        Regions.unpacked(header, arrays | {name: change(arrays[name])})


def test_the_sketch_is_the_same_everywhere():
    found = fit_sketch(PICTURES, 2, 0)
    assert found.fingerprint[:16] == "7977c629d26b23e3"
    assert isinstance(found, Sketch) and fit_sketch(PICTURES[:99], 2, 0) is None

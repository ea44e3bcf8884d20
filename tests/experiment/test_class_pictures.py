"""A 1 in the map of a class: the denoiser against Monte Carlo, objects at their places, and the command that draws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indeependence.data.examples import Examples
from indeependence.errors import InputError
from indeependence.experiment.class_pictures import ClassMaps
from indeependence.experiment.placing import centred, put_down, window
from indeependence.models.autoencoder.relaxing import expected, relaxed


def blobs(count, seed=0):
    """Pictures 9x9 of two classes: a bar or a block of varying strength, at varying places with room around."""
    rng = np.random.default_rng(seed)
    pictures, labels = np.zeros((count, 9, 9), np.uint8), rng.integers(0, 2, count)
    for picture, label in zip(pictures, labels, strict=True):
        top, left = rng.integers(2, 5, 2)
        picture[top : top + 3, left + label : left + 3 - label] = rng.integers(100, 200)
    return pictures, labels


@pytest.fixture(scope="module")
def maps():
    pictures, labels = blobs(400)
    return ClassMaps.of(Examples("blobs", pictures, labels, np.arange(400)), (9, 9), 0)


def test_a_noisy_code_is_expected_to_be_the_mean_of_all_that_it_may_have_been(maps):
    mixture, rng, noise = maps.mixtures[0], np.random.default_rng(1), 30.0
    codes = mixture.codes(100_000, 1.0, rng)
    noisy = codes[:1] + noise * rng.standard_normal((1, codes.shape[1]))
    likely = -((noisy - codes) ** 2).sum(1) / (2 * noise**2)
    likely = np.exp(likely - likely.max())
    right = likely @ codes / likely.sum()
    assert np.abs(right - codes.mean(0)).max() > 5  # not the mean of the class
    np.testing.assert_allclose(expected(mixture, noisy, noise)[0], right, atol=2)


def test_white_noise_relaxes_to_codes_that_are_spread_as_the_class(maps):
    mixture, rng = maps.mixtures[0], np.random.default_rng(2)
    end = relaxed(mixture, rng.standard_normal((2000, maps.regions.sketch.values)), 1.0)[-1]
    right = mixture.codes(2000, 1.0, rng)
    np.testing.assert_allclose(end.mean(0), right.mean(0), atol=4)
    np.testing.assert_allclose(end.std(0), right.std(0), atol=4)


def test_an_object_is_where_its_one_is_and_noise_is_elsewhere_only_on_the_way(maps):
    noise, between, end = maps.frames(((0, 4, 5), (1, 4, 15)), (9, 20), count=3, seed=3)
    assert noise[:, :2].std() > 40 > between[:, :2].std() > 0 and end[:, :2].max() == 0
    means = np.array([np.round(centred(blobs(400)[0])[blobs(400)[1] == label].mean(0)) for label in (0, 1)])
    assert np.abs(end[:, 1:10] - means[0]).mean() < 12 and np.abs(end[:, 11:20] - means[1]).mean() < 12
    with pytest.raises(InputError, match="no class 7"):
        maps.frames(((7, 0, 0),), (9, 9))
    with pytest.raises(InputError, match="within 9x9"):
        maps.frames(((0, 0, 9),), (9, 9))


def test_pictures_that_reach_beyond_the_edge_are_cut():
    canvas = np.zeros((3, 4))
    put_down(canvas, np.arange(1.0, 10).reshape(3, 3), 0, 3)
    np.testing.assert_array_equal(canvas, [[0, 0, 4, 5], [0, 0, 7, 8], [0, 0, 0, 0]])
    np.testing.assert_array_equal(window(canvas, 0, 3, (3, 3)), [[0, 0, 0], [4, 5, 0], [7, 8, 0]])


@settings(max_examples=15)
@given(st.integers(0, 1000), st.booleans())
def test_moved_pictures_keep_their_pixels_and_have_their_mass_in_the_middle(seed, colour):
    pictures, _ = blobs(1, seed)
    if colour:
        pictures = np.stack([pictures, pictures // 2, pictures // 3], -1)
    moved = centred(pictures)
    assert sorted(moved.ravel()) == sorted(pictures.ravel())
    mass = moved.reshape(9, 9, -1).sum(2).astype(float)
    for axis in (0, 1):
        assert abs(mass.sum(axis) @ np.arange(9) / mass.sum() - 4) <= 0.5
    np.testing.assert_array_equal(centred(np.zeros((2, 4, 4), np.uint8)), np.zeros((2, 4, 4)))


def test_the_command_draws_rows_and_one_picture(ask, refuse, tmp_path):
    import cv2

    told = ask("sparse", "planes", "--labels", "3,5", "--count", "3", "--output", "rows.png")
    assert told["pictures"] == 6 and told["maps"] == 10 and told["examples"] == 1438
    assert cv2.imread(str(tmp_path / "rows.png")).shape[0] == 2 * (56 + 2) + 2
    puts = ("--put", "3@3,3", "--put", "7@3,12", "--size", "8x16")
    assert ask("sparse", "planes", *puts, "--frames", 4, "--output", "four.png")["pictures"] == 4
    assert cv2.imread(str(tmp_path / "four.png"))[..., 0].max() > 100
    assert "got '77'" in refuse("sparse", "planes", "--labels", "77", "--output", "a.png")
    assert "expected at least 100 pictures" in refuse("sparse", "planes", "--limit", 99, "--output", "a.png")
    for words in (["--put", "3"], ["--put", "3@1,1", "--size", "8"], ["--frames", 2], ["--put", "3@1,1", "--count", 2]):
        said = refuse("sparse", "planes", *words, "--output", "a.png", code=2)
        assert "LABEL@ROW,COLUMN" in said or "rows x columns" in said or "--put" in said

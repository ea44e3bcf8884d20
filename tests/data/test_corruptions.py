"""Pictures turned and made noisy: against SciPy, and independent of batches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, stats

from indeependence.data.corruptions import add_gaussian, add_salt, rotate

KEY = np.array([11, 12], dtype=np.uint64)
NOISES = [add_salt, add_gaussian]


def random_pictures(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(height=st.integers(2, 12), width=st.integers(2, 12), degrees=st.floats(-400, 400), colour=st.booleans())
def test_rotation_agrees_with_scipy(height, width, degrees, colour):
    pictures = random_pictures(3, height, width, *([3] * colour))
    turned = rotate(pictures, degrees)
    expected = ndimage.rotate(
        pictures.astype(float), degrees, axes=(2, 1), reshape=False, order=1, mode="grid-constant"
    )
    assert turned.shape == pictures.shape and turned.dtype == np.uint8
    # Positions are rounded to 1/32: at most 1/64 off in two directions, across a step of at most 255.
    np.testing.assert_allclose(turned, expected, atol=2 * 255 / 64 + 1)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("size", [7, 8])
def test_quarter_turns_move_pixels_without_changing_them(quarters, size):
    pictures = random_pictures(4, size, size)
    np.testing.assert_array_equal(rotate(pictures, 90.0 * quarters), np.rot90(pictures, quarters, axes=(1, 2)))


def test_float_pictures_are_rotated_as_floats():
    pictures = np.random.default_rng(0).normal(size=(2, 5, 5))
    np.testing.assert_array_equal(rotate(pictures, 180.0), pictures[:, ::-1, ::-1])


def test_no_pictures_rotate_to_no_pictures():
    assert rotate(np.empty((0, 8, 8), np.uint8), 30.0).shape == (0, 8, 8)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(noise=st.sampled_from(NOISES), order=st.permutations(range(9)), cut=st.integers(0, 9))
def test_noise_depends_on_the_row_number_and_not_on_the_batch(noise, order, cut):
    inputs = random_pictures(9, 5, 3, 3)
    rows = np.arange(100, 109)
    whole = noise(inputs, rows, level=0.3, key=KEY)
    parts = [noise(inputs[p], rows[p], level=0.3, key=KEY) for p in np.split(np.array(order), [cut])]
    np.testing.assert_array_equal(np.concatenate(parts), whole[np.array(order)])


@pytest.mark.parametrize("noise", NOISES)
def test_noise_differs_between_rows_and_between_keys(noise):
    inputs = np.full((2, 64), 100, np.uint8)
    one, other = noise(inputs, np.array([0, 1]), level=0.5, key=KEY)
    again = noise(inputs[:1], np.array([0]), level=0.5, key=KEY + np.uint64(1))[0]
    assert (one != other).any()
    assert (one != again).any()


@pytest.mark.parametrize("noise", NOISES)
def test_noise_of_level_0_changes_nothing(noise):
    inputs = random_pictures(4, 6, 6)
    np.testing.assert_array_equal(noise(inputs, np.arange(4), level=0.0, key=KEY), inputs)


@pytest.mark.parametrize("level", [0.05, 0.5, 0.95])
def test_salt_makes_that_share_of_the_pixels_white(level):
    inputs = np.full((50, 1001), 7, np.uint8)
    salted = add_salt(inputs, np.arange(50), level=level, key=KEY)
    white = int((salted == 255).sum())
    assert white + int((salted == 7).sum()) == inputs.size
    assert stats.binomtest(white, inputs.size, level).pvalue > 0.001


def test_salt_of_level_1_makes_everything_white():
    assert (add_salt(random_pictures(3, 30), np.arange(3), level=1.0, key=KEY) == 255).all()


def test_salt_hits_all_colours_of_a_pixel_together():
    salted = add_salt(np.zeros((5, 9, 9, 3), np.uint8), np.arange(5), level=0.4, key=KEY)
    assert 0 < salted.mean() < 255
    np.testing.assert_array_equal(salted.min(axis=3), salted.max(axis=3))


def test_gaussian_noise_follows_the_normal_distribution():
    noisy = add_gaussian(np.full((20, 1000), 128, np.uint8), np.arange(20), level=0.1, key=KEY)
    sigma, values = 25.5, noisy.astype(float) - 128
    for level in (-2, -1, 0, 1, 2):  # whole grey levels: rounding moves each border by half of one
        share = (values <= np.floor(level * sigma)).mean()
        assert share == pytest.approx(stats.norm.cdf((np.floor(level * sigma) + 0.5) / sigma), abs=0.012)


def test_gaussian_noise_stays_inside_0_to_255():
    inputs = np.repeat(np.array([[0], [255]], np.uint8), 200, axis=1)
    black, white = add_gaussian(inputs, np.arange(2), level=0.2, key=KEY)
    assert 0.4 < (black == 0).mean() < 0.6 and black.max() < 255
    assert 0.4 < (white == 255).mean() < 0.6 and white.min() > 0

"""From class maps to pictures: kernels from sums, and the command that draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.errors import InputError
from indeependence.moments.ledger import accumulate_by_class
from indeependence.moments.moments import Moments
from indeependence.planes.class_maps import centred, class_maps, pictures_of, placed
from tests.planes.some_maps import FEW, SEEDS


def blobs(count, seed=0):
    """Pictures 9x9 of two classes: a bar or a block of varying strength, at varying places with room around."""
    rng = np.random.default_rng(seed)
    pictures, labels = np.zeros((count, 9, 9), np.uint8), rng.integers(0, 2, count)
    for picture, label in zip(pictures, labels, strict=True):
        top, left = rng.integers(2, 5, 2)
        picture[top : top + 3, left + label : left + 3 - label] = rng.integers(100, 200)
    return pictures, labels


def kernels_of(variations=0):
    pictures, labels = blobs(80)
    moved = centred(pictures).reshape(80, -1)
    sums = accumulate_by_class(Moments.empty("pictures", 81), [(moved, labels)])
    return class_maps(sums, (9, 9), variations=variations), pictures, labels


def test_kernels_from_sums_are_those_of_least_squares_on_class_maps():
    maps, pictures, labels = kernels_of()
    ones = np.zeros((80, 9, 9, 2), np.float32)
    for index, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        centre = [round(float(np.average(np.arange(9), weights=picture.sum(axis)))) for axis in (1, 0)]
        ones[index, centre[0], centre[1], label] = 1
    # Plain version: every pixel of every picture regressed on the class maps around it.
    padded = np.pad(ones, [(0, 0), (4, 4), (4, 4), (0, 0)])
    seen = np.lib.stride_tricks.sliding_window_view(padded, (9, 9), (1, 2))[..., ::-1, ::-1].reshape(80 * 81, -1)
    used = seen.any(0)
    expected = np.zeros(2 * 81)
    expected[used] = np.linalg.lstsq(seen[:, used], pictures.reshape(-1).astype(float), rcond=None)[0]
    inside = used.reshape(2, 9, 9)
    np.testing.assert_allclose(maps.kernels[..., 0][inside], expected.reshape(2, 9, 9)[inside], atol=1e-3)


def test_a_one_in_the_map_of_a_class_becomes_its_picture_at_that_place():
    maps, _, _ = kernels_of()
    planes = placed(maps, [(0, 4, 5), (1, 4, 15)], (9, 20))
    assert planes.count == 2 and planes.shape == (1, 9, 20, 2)
    (picture,) = pictures_of(maps, planes)
    block, bar = np.round(maps.kernels[..., 0])
    np.testing.assert_array_equal(picture[:, 1:10], block)
    np.testing.assert_array_equal(picture[:, 11:20], bar)
    with pytest.raises(InputError, match="no class 7"):
        placed(maps, [(7, 0, 0)], (9, 9))
    with pytest.raises(InputError, match="within 9x9"):
        placed(maps, [(0, 0, 9)], (9, 9))


def test_drawn_pictures_vary_as_their_class_does():
    maps, pictures, labels = kernels_of(variations=3)
    drawn = np.concatenate(
        [pictures_of(maps, placed(maps, [(0, 4, 4)], (9, 9), spread=1.0, seed=seed)) for seed in range(80)]
    )
    known = centred(pictures)[labels == 0]
    np.testing.assert_allclose(drawn.mean(0), known.mean(0), atol=12)
    np.testing.assert_allclose(drawn.std(0), known.std(0), atol=12)


@FEW
@given(SEEDS, st.booleans())
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
    assert told["pictures"] == 6 and told["maps"] == 10 * 21 and told["examples"] == 1438
    assert cv2.imread(str(tmp_path / "rows.png")).shape[0] == 2 * (56 + 2) + 2
    puts = ("--put", "3@3,3", "--put", "7@3,12", "--size", "8x16", "--variations", "0")
    assert ask("sparse", "planes", *puts, "--output", "one.png")["pictures"] == 1
    assert cv2.imread(str(tmp_path / "one.png"))[..., 0].max() > 100
    for file in tmp_path.glob("*.png"):
        file.unlink()
    assert "got '77'" in refuse("sparse", "planes", "--labels", "77")
    assert "LABEL@ROW,COLUMN" in refuse("sparse", "planes", "--put", "3", code=2)
    assert "rows x columns" in refuse("sparse", "planes", "--put", "3@1,1", "--size", "8", code=2)

"""Parts of pictures that are hidden, by a word or by another picture."""

import cv2
import numpy as np
import pytest

from indeependence.data.masks import known_part
from indeependence.errors import InputError


def test_halves_and_the_centre_are_hidden():
    picture = np.arange(16).reshape(4, 4)
    hidden = {
        name: picture[~known_part(name, (4, 4))].tolist() for name in ("top", "bottom", "left", "right", "centre")
    }
    assert hidden["top"] == [*range(8)] and hidden["bottom"] == [*range(8, 16)]
    assert hidden["left"] == [0, 1, 4, 5, 8, 9, 12, 13] and hidden["right"] == [2, 3, 6, 7, 10, 11, 14, 15]
    assert hidden["centre"] == [5, 6, 9, 10]
    assert (known_part("left", (4, 4, 3)) == known_part("left", (4, 4))[..., None]).all()


def test_what_is_white_in_a_picture_is_hidden(tmp_path):
    mask = np.zeros((4, 6), np.uint8)
    mask[1, 2:4] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    np.testing.assert_array_equal(known_part(str(tmp_path / "mask.png"), (4, 6)), mask == 0)


@pytest.mark.parametrize(("values", "message"), [(0, "hides nothing"), (255, "hides everything")])
def test_a_mask_that_leaves_nothing_to_do_is_refused(tmp_path, values, message):
    cv2.imwrite(str(tmp_path / "mask.png"), np.full((4, 6), values, np.uint8))
    with pytest.raises(InputError, match=message):
        known_part(str(tmp_path / "mask.png"), (4, 6))
    with pytest.raises(InputError, match="expected a picture of 5x6 pixels as the model's are, got 4x6"):
        known_part(str(tmp_path / "mask.png"), (5, 6))


def test_a_word_that_is_no_part_and_no_file_is_refused():
    with pytest.raises(
        InputError, match="expected top, bottom, left, right, centre or a picture, found none at middle"
    ):
        known_part("middle", (4, 4))
    with pytest.raises(InputError, match="got vectors"):
        known_part("top", (4,))

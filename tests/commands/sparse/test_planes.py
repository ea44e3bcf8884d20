"""``sparse planes`` as a user meets it: what is learned, and what is refused at once."""

import cv2
import numpy as np
import pytest


@pytest.fixture
def folder(tmp_path):
    """A folder of 120 pictures of two classes, of which no part is for tests."""
    rng = np.random.default_rng(0)
    for number in range(120):
        place = tmp_path / "mine" / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place / f"{number}.png"), rng.integers(0, 256, (8, 8), np.uint8))
    return "mine"


def test_all_pictures_are_learned_where_none_are_for_tests(ask, folder):
    planes = ("sparse", "planes", "--data", folder, "--count", 1, "--output")
    assert ask(*planes, "p.png")["examples"] == 120
    assert ask(*planes, "q.png", "--test-fraction", 0.1)["examples"] == 108

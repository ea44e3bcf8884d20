"""Frames of an autoencoder that learns: from arrays to panels, from panels to one picture, and to a film."""

import cv2
import numpy as np
import pytest

from indeependence.report.frames.drawing import DOWN, SIDE, UP, bars, curve, fitted, tiled
from indeependence.report.frames.film import recording
from indeependence.report.frames.panels import LINE, Panel, panels, side_by_side
from tests.report.frames.views import view


def rows_of(square, colour):
    """How many pixels of each column of a square have the colour."""
    return (square == colour).all(2).sum(0)


def test_a_view_has_five_labelled_panels():
    shown = panels(view())
    assert [panel.title for panel in shown] == [*("input", "reconstruction", "bases", "codes", "running error, 0 to 1")]
    assert [panel.caption for panel in shown] == [
        *("label cat", "taken for dog: wrong", "5 of 70, lowest layer", "from below: 3, 2", "0.500 after 2")
    ]
    assert {panel.picture.shape for panel in shown} == {(SIDE, SIDE, 3)}
    assert shown[0].picture.min() == 255 and shown[1].picture.max() == 0
    assert view().text == "Example 2: label cat, taken for dog: wrong; running error 0.500"


def test_a_guess_is_right_or_wrong_or_there_was_none():
    assert view(predicted="cat").guess == "taken for cat: right"
    assert view(predicted=None).guess == "nothing learned before"


def test_panels_stand_beside_each_other_large_enough_to_be_looked_at():
    whole = side_by_side(panels(view()))
    assert whole.shape[0] >= 320 and whole.shape[1] >= 960 and whole.dtype == np.uint8
    assert not whole.shape[0] % 2 and not whole.shape[1] % 2  # films have no odd sides
    middle = whole[LINE : LINE + SIDE]
    assert (middle[:, :256] == 255).all() and not middle[:, 256 + 8 : 512 - 8].any()
    assert all((whole[:LINE, 256 * i : 256 * (i + 1)] < 128).any() for i in range(5))  # titles
    assert all((whole[LINE + SIDE :, 256 * i : 256 * (i + 1)] < 128).any() for i in range(5))  # captions


def test_a_long_caption_is_cut_where_its_panel_ends():
    empty = np.full((SIDE, SIDE, 3), 255, np.uint8)
    whole = side_by_side([Panel("a", empty, "label " + "W" * 80), Panel("b", empty, "")])
    below = whole[LINE + SIDE :]
    assert (below[:, 100:240] < 128).any() and (below[:, 256:] == 255).all()


def test_a_picture_is_enlarged_in_squares_and_a_vector_fills_the_height():
    wide = fitted(np.zeros((8, 16), np.uint8))
    assert np.flatnonzero((wide == 0).all(2).all(1)).tolist() == list(range(60, 180))
    vector = fitted(np.array([[0, 255]], np.uint8))
    assert not vector[:, :119].any() and (vector[:, 121:] == 255).all()
    large = fitted(np.full((1000, 500, 3), 7, np.uint8))
    assert large.shape == (SIDE, SIDE, 3) and (large[:, SIDE // 2] == 7).all()


def test_tiles_have_gaps_and_bases_of_vectors_are_rows():
    tiles = tiled(np.zeros((4, 20, 20, 3), np.uint8))
    assert (tiles[:, 118:122] == 255).all(2).all(0).any() and not tiles[:100, :100].any()
    rows = tiled(np.array([[[0, 0]], [[255, 255]]], np.uint8))
    assert not rows[:119].any() and (rows[121:] == 255).all()


def test_bars_go_up_for_positive_values_and_down_for_negative_ones_layer_over_layer():
    square = bars([np.array([1, -1]), np.array([0, 2])])
    upper, lower = square[: SIDE // 2], square[SIDE // 2 :]
    assert not rows_of(upper, UP)[:119].any() and (rows_of(upper, UP)[121:] > 50).all()
    assert (rows_of(lower, UP)[:119] > 50).all() and (rows_of(lower, DOWN)[121:] > 50).all()


def test_of_more_values_than_columns_the_largest_is_seen():
    values = np.zeros(10_000, int)
    values[[3, 9_999]] = 7, -9
    square = bars([values])
    assert rows_of(square, UP)[0] > 80 and rows_of(square, DOWN)[-1] > 100
    assert not bars([np.zeros(3, int)])[:, :, 0].min() < 200  # all are 0: only the line


def test_the_curve_of_one_value_and_of_many_reaches_from_side_to_side():
    assert set(np.flatnonzero((curve(np.array([0.5])) == UP).all(2).any(1))) <= set(range(116, 123))
    falling = (curve(np.linspace(1, 0, 5000)) == UP).all(2)
    for column in (0, 120, 239):
        assert falling[:, column].nonzero()[0].mean() == pytest.approx(column, abs=2)


def test_a_film_has_a_frame_for_each_view_blue_first(tmp_path):
    with recording(tmp_path / "film.png") as write:
        write(view(original=np.full((8, 8, 3), (200, 0, 0), np.uint8)))
        write(view())
    first, second = (cv2.imread(str(tmp_path / f"film-0000{number}.png")) for number in (1, 2))
    assert first[LINE + 9, 20].tolist() == [0, 0, 200] and second[LINE + 9, 20].tolist() == [255, 255, 255]


@pytest.mark.parametrize("shown", [0, 3])
def test_a_film_that_the_user_stops_is_kept_as_far_as_it_came(shown, tmp_path):
    with pytest.raises(KeyboardInterrupt), recording(tmp_path / "film.mp4") as screen:
        for _ in range(shown):
            screen(view())
        raise KeyboardInterrupt
    film = cv2.VideoCapture(str(tmp_path / "film.mp4"))
    assert sum(film.read()[0] for _ in range(9)) == shown
    assert len(list(tmp_path.iterdir())) == min(shown, 1)

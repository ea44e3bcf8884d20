"""The form of pictures: laws of fitting, scaling and backgrounds."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indeependence.data.picture_form import PictureForm, area_means
from indeependence.errors import InputError
from tests.data.small_files import laws

SIDES = st.integers(1, 12)
SHAPES = st.one_of(st.tuples(SIDES, SIDES), st.tuples(SIDES, SIDES, st.just(3)))
PICTURES = arrays(np.uint8, SHAPES)
RANGES = st.dictionaries(
    st.sampled_from(["uint16", "int16", "float32"]),
    st.tuples(st.floats(-1e6, 1e6), st.floats(1, 1e6)).map(lambda ends: (ends[0], ends[0] + ends[1])),
)
FORMS = st.builds(
    PictureForm,
    SIDES,
    SIDES,
    st.booleans(),
    st.sampled_from(["pad", "crop"]),
    st.integers(0, 255),
    st.integers(0, 255),
    RANGES,
)


@laws
@given(FORMS)
def test_a_form_survives_as_json(form):
    assert PictureForm.of_json(json.loads(json.dumps(form.as_json()))) == form


@laws
@given(PICTURES, st.sampled_from(["pad", "crop"]))
def test_a_picture_of_the_models_size_is_taken_bit_for_bit(picture, fit):
    form = PictureForm(*picture.shape[:2], colour=picture.ndim == 3, fit=fit, padding=9)
    np.testing.assert_array_equal(form.of(picture), picture)


@laws
@given(PICTURES, FORMS)
def test_every_picture_gets_the_shape_and_type_of_the_form(picture, form):
    fitted = form.of(picture)
    assert fitted.shape == form.shape and fitted.dtype == np.uint8


@laws
@given(PICTURES, SIDES, SIDES)
def test_area_means_are_the_rounded_means_of_a_finer_grid(picture, height, width):
    fine = np.repeat(np.repeat(picture, height, axis=0), width, axis=1).astype(float)  # every area is of whole cells
    cells = fine.reshape(height, picture.shape[0], width, picture.shape[1], *picture.shape[2:])
    np.testing.assert_array_equal(area_means(picture, (height, width)), np.floor(cells.mean(axis=(1, 3)) + 0.5))


@laws
@given(PICTURES, FORMS)
def test_a_mirrored_picture_is_fitted_as_the_mirror_image_where_nothing_is_off_the_middle(picture, form):
    scale = (min if form.fit == "pad" else max)(form.height / picture.shape[0], form.width / picture.shape[1])
    if (max(1, round(picture.shape[1] * scale)) - form.width) % 2 == 0:
        np.testing.assert_array_equal(form.of(picture[:, ::-1]), form.of(picture)[:, ::-1])


def test_padding_shows_all_and_cropping_fills():
    wide = np.full((2, 8), 200, np.uint8)
    np.testing.assert_array_equal(
        PictureForm(4, 4, padding=7).of(wide), [[7] * 4, [200] * 4, [7] * 4, [7] * 4]
    )  # 8 x 2 becomes 4 x 1
    wide[:, 3:5] = 100
    np.testing.assert_array_equal(PictureForm(2, 2, fit="crop").of(wide), np.full((2, 2), 100))


@laws
@given(PICTURES)
def test_pictures_of_8_bits_in_16_are_the_same_pictures(picture):
    form = PictureForm(4, 4, picture.ndim == 3, ranges={"uint16": (0, 65535)})
    np.testing.assert_array_equal(form.of(picture.astype(np.uint16) * 257), form.of(picture))


def test_deep_values_are_scaled_by_the_range_and_clipped_beyond_it():
    form = PictureForm(1, 5, ranges={"int16": (-100, 155), "float32": (0, 2)})
    np.testing.assert_array_equal(form.of(np.array([[-500, -100, 0, 155, 999]], np.int16)), [[0, 0, 100, 255, 255]])
    odd = np.array([[np.nan, -np.inf, 1, 2, np.inf]], np.float32)
    np.testing.assert_array_equal(form.of(odd), [[0, 0, 128, 255, 255]])
    np.testing.assert_array_equal(PictureForm(1, 2).of(np.array([[0, 65535]], np.uint16)), [[0, 255]])


@pytest.mark.parametrize("background", [0, 128, 255])
def test_transparent_parts_show_the_background(background):
    form = PictureForm(1, 3, colour=True, background=background)
    picture = np.full((1, 3, 3), (10, 20, 30), np.uint8)
    shown = form.of(picture, np.array([[0, 255, 51]], np.uint8))
    np.testing.assert_array_equal(shown[0, 0], [background] * 3)
    np.testing.assert_array_equal(shown[0, 1], [10, 20, 30])
    np.testing.assert_array_equal(shown[0, 2], [round(v * 0.2 + background * 0.8) for v in (10, 20, 30)])


@pytest.mark.parametrize(
    "change", [{"height": 0}, {"fit": "stretch"}, {"padding": 300}, {"ranges": {"uint16": [5, 5]}}, {"other": 1}]
)
def test_a_damaged_form_is_refused(change):
    with pytest.raises(InputError, match="is no form of pictures"):
        PictureForm.of_json(PictureForm(4, 4).as_json() | change)

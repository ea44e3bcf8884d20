"""Pictures as networks want them: resized as Pillow does it, scaled as Keras does it."""

import numpy as np
import pytest
from PIL import Image

from indeependence.encoder.fronts.preparation import prepared, resized
from indeependence.errors import InputError

PICTURES = np.random.default_rng(0).integers(0, 256, (3, 12, 10, 3)).astype(np.uint8)


@pytest.mark.parametrize("size", [(12, 10), (24, 31), (5, 7), (4, 40)])
def test_pictures_are_resized_as_pillow_does(size):
    found = resized(PICTURES.astype(np.float32), *size)
    for ours, picture in zip(found, PICTURES, strict=True):
        for colour in range(3):
            plain = Image.fromarray(picture[..., colour].astype(np.float32))
            expected = np.asarray(plain.resize(size[::-1], Image.Resampling.BILINEAR))
            np.testing.assert_allclose(ours[..., colour], expected, atol=1e-3)


@pytest.mark.slow  # it loads Keras
@pytest.mark.parametrize(("scale", "mode"), [("signed", "tf"), ("torch", "torch"), ("caffe", "caffe")])
def test_scales_are_those_of_keras(scale, mode):
    from keras.applications.imagenet_utils import preprocess_input

    expected = preprocess_input(PICTURES.astype(np.float32), mode=mode, data_format="channels_last")
    np.testing.assert_allclose(prepared(PICTURES, (12, 10, 3), scale), expected, atol=1e-4)


def test_a_size_is_made_only_where_the_network_has_one():
    assert prepared(PICTURES, (None, None, 3), "none").shape == (3, 12, 10, 3)
    assert prepared(PICTURES, (24, None, 3), "none").shape == (3, 24, 10, 3)
    assert prepared(PICTURES[..., 0], (4, 4, 3), "unit").shape == (3, 4, 4, 3)


@pytest.mark.parametrize(
    ("inputs", "asked", "message"),
    [
        (PICTURES, (12, 10, 1), "12x10x1, as the network asks for, got 12x10x3: make all pictures grey"),
        (
            PICTURES[0, 0],
            (12, 10, 1),
            "12x10x1, as the network asks for, got 3: take data or a network of another kind",
        ),
        (PICTURES, (7,), "inputs of shape 7, as the network asks for, got 12x10x3: take data"),
        (PICTURES[0, 0], (4,), "inputs of shape 4, as the network asks for, got 3"),
        (PICTURES[0, 0], (4, 4, 3), "inputs of shape 4x4x3, as the network asks for, got 3"),
    ],
)
def test_other_differences_are_said(inputs, asked, message):
    with pytest.raises(InputError, match=message):
        prepared(inputs, asked, "none")

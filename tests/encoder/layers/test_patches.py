"""Codes of patches, against a plain loop over windows."""

from dataclasses import replace

import numpy as np
import pytest

from indeependence import ContinualClassifier
from indeependence.encoder.fitting.bootstrap import bootstrap


def plain_patch_code(layer, picture):
    """One picture's code, window by window in whole numbers and float64."""
    sums = plain_sums(layer, picture)
    if layer.flip:
        sums = sums + plain_sums(layer, picture[:, ::-1])
    return np.minimum(np.floor((np.sqrt(sums) if layer.root else sums) * layer.scale), 255)


def plain_sums(layer, picture):
    size, pool = layer.size, layer.pool
    shape = [side + 2 * layer.pad for side in picture.shape[:2]] + list(picture.shape[2:])
    frame = np.full(shape, layer.frame, np.int64)
    frame[layer.pad : layer.pad + picture.shape[0], layer.pad : layer.pad + picture.shape[1]] = picture
    channels = frame.reshape(*frame.shape[:2], -1)
    rows, columns = frame.shape[0] - size + 1, frame.shape[1] - size + 1
    steps = np.zeros((rows, columns, 2 * layer.bases.shape[1]), np.int64)
    for y in range(rows):
        for x in range(columns):
            window = channels[y : y + size, x : x + size].reshape(-1)
            contrast = np.sqrt(np.var(window) + layer.contrast**2)
            response = np.float32(window @ layer.bases.astype(np.int64)) * np.float32(layer.gain / contrast)
            strength = np.abs(response)
            if layer.winners:
                strength[np.argsort(-strength, kind="stable")[layer.winners :]] = 0
            shrunk = np.floor(np.maximum(strength - layer.threshold, 0)).astype(np.int64)
            steps[y, x, 0::2], steps[y, x, 1::2] = shrunk * (response > 0), shrunk * (response < 0)
    if layer.slopes:
        return np.float32(layer.over(rows, columns).matrix @ steps.reshape(rows * columns, -1)).reshape(-1)
    cells = [
        steps[y : y + pool, x : x + pool].sum((0, 1))
        for y in range(0, rows - pool + 1, layer.stride)
        for x in range(0, columns - pool + 1, layer.stride)
    ]
    return np.float32(np.concatenate(cells))


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("option", ["winners=0", "winners=2", "root=1", "flip=1", "pad=2", "slopes=3"])
def test_patch_codes_equal_a_plain_loop_over_windows(pictures, colour, option):
    if colour:
        pictures = np.stack([pictures, pictures[::-1], 255 - pictures], axis=-1)
    cells = "" if "slopes" in option else "pool=4:stride=2:"
    encoder = bootstrap(pictures, f"patches:5:size=3:{cells}{option}")
    expected = [plain_patch_code(encoder.layers[0], picture) for picture in pictures[:6]]
    # NumPy's variance rounds where ours is exact, so a response on the very edge of a step may fall to its other side.
    difference = np.abs(encoder(pictures[:6]).astype(int) - np.stack(expected))
    assert difference.max() <= 1 and np.mean(difference > 0) < 0.01
    assert encoder(pictures).any()


def test_a_flipped_patch_code_is_that_of_the_mirror_image(pictures):
    encoder = bootstrap(pictures, "patches:5:size=3:pool=4:stride=2:flip=1")
    np.testing.assert_array_equal(encoder(pictures), encoder(pictures[:, :, ::-1]))
    plain = bootstrap(pictures, "patches:5:size=3:pool=4:stride=2")
    assert (plain(pictures) != plain(pictures[:, :, ::-1])).any()


def test_shifted_copies_are_learned_and_counted_as_one_example(pictures):
    text = "patches:5:size=3:pool=4:stride=2"
    plain, model = ContinualClassifier(text), ContinualClassifier(f"{text}:shift=1")
    labels = np.arange(len(pictures)) % 2
    model.bootstrap(pictures).partial_fit(pictures, labels)
    rolled = [np.roll(pictures, step, axis) for axis in (1, 2) for step in (1, -1)]
    for copy, axis, at in zip(rolled, (1, 1, 2, 2), (0, -1, 0, -1), strict=True):  # the edge repeats, and does not wrap
        np.moveaxis(copy, axis, 0)[at] = np.moveaxis(pictures, axis, 0)[at]
    plain.bootstrap(pictures)
    for copy in (pictures, *rolled):
        plain.partial_fit(copy, labels)
    np.testing.assert_array_equal(model.moments_.products, plain.moments_.products)
    np.testing.assert_array_equal(model.moments_.cross, plain.moments_.cross)
    assert model.encoder_.examples(model.moments_.count) == len(pictures)
    np.testing.assert_array_equal(model.encoder_(pictures), plain.encoder_(pictures))


def test_patch_codes_do_not_depend_on_how_many_bases_answer_at_a_time(pictures, monkeypatch):
    layer = bootstrap(pictures, "patches:40:size=3:pool=4:stride=2").layers[0]
    codes = layer(pictures)
    monkeypatch.setattr("indeependence.encoder.layers.patches.CACHED", 1)
    np.testing.assert_array_equal(layer(pictures), codes)


def test_a_frame_changes_no_code_of_pictures_that_have_it_already(pictures):
    """Padding by two is the same as giving pictures two rows and columns more of what is at their border."""
    whole = np.pad(pictures, ((0, 0), (3, 3), (3, 3)), constant_values=40)
    layers = "patches:5:size=3:pool=4:stride=2"
    framed, wider = bootstrap(whole[:, 2:-2, 2:-2], f"{layers}:pad=2"), bootstrap(whole, layers)
    same = replace(wider, layers=(replace(framed.layers[0], pad=0, frame=0),))
    assert framed.layers[0].frame == 40 and framed.units == wider.units
    assert (framed(whole[:, 2:-2, 2:-2]) == same(whole)).all()

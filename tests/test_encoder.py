"""Encoders: exact codes, the same whatever the batch, against slow plain versions."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from indeependence import ContinualClassifier, load_dataset
from indeependence.encoder.description import describe
from indeependence.encoder.fitting.bases import patch_bases, principal_bases, sparse_bases, whitened_bases
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.fitting.shading import shaded
from indeependence.encoder.quantise import fit_quantiser
from indeependence.encoder.storage import restore
from indeependence.errors import InputError

KINDS = ["20", "20:threshold=0.2:winners=5,10", "wide:150", "+sparse:30:winners=3", "inputs"]
PICTURE_KINDS = ["patches:6:size=3:pool=4:stride=2", "patches:6:size=3:winners=2,+sparse:20", *KINDS]


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
    cells = [
        steps[y : y + pool, x : x + pool].sum((0, 1))
        for y in range(0, rows - pool + 1, layer.stride)
        for x in range(0, columns - pool + 1, layer.stride)
    ]
    return np.float32(np.concatenate(cells))


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("option", ["winners=0", "winners=2", "root=1", "flip=1", "pad=2"])
def test_patch_codes_equal_a_plain_loop_over_windows(pictures, colour, option):
    if colour:
        pictures = np.stack([pictures, pictures[::-1], 255 - pictures], axis=-1)
    encoder = bootstrap(pictures, f"patches:5:size=3:pool=4:stride=2:{option}")
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


@pytest.mark.parametrize("size", [None, 3, 100])
def test_every_view_of_every_batch_is_coded_with_its_labels(pictures, size):
    encoder = bootstrap(pictures, "patches:5:size=3:pool=4:stride=2:shift=1")
    labels = np.arange(len(pictures))
    batches = [(pictures[:7], labels[:7]), (pictures[:0], labels[:0]), (pictures[7:], labels[7:])]
    pairs = list(encoder.coded(iter(batches), size=size, jobs=1))
    seen = np.concatenate([rows for _, rows in pairs])
    np.testing.assert_array_equal(np.bincount(seen), np.full(len(pictures), encoder.copies))
    assert max(len(codes) for codes, _ in pairs) <= (size or len(pictures))
    views = [encoder(view) for view in encoder.views(pictures)]
    for label in labels:
        found = np.concatenate([codes[rows == label] for codes, rows in pairs])
        np.testing.assert_array_equal(found, [view[label] for view in views])


def test_patch_codes_do_not_depend_on_how_many_bases_answer_at_a_time(pictures, monkeypatch):
    layer = bootstrap(pictures, "patches:40:size=3:pool=4:stride=2").layers[0]
    codes = layer(pictures)
    monkeypatch.setattr("indeependence.encoder.layers.patches.CACHED", 1)
    np.testing.assert_array_equal(layer(pictures), codes)


@pytest.mark.parametrize("text", ["20", "sparse:30", "wide:150"])
def test_dense_codes_equal_whole_number_arithmetic(pictures, text):
    encoder = bootstrap(pictures, text)
    (layer,) = encoder.layers
    projected = pictures.reshape(len(pictures), -1).astype(np.int64) @ layer.bases.astype(np.int64) - layer.offset
    values = projected.astype(np.float32) * layer.scale
    shrunk = np.minimum(np.floor(np.maximum(np.abs(values) - layer.threshold, 0)), 255)
    expected = np.stack([shrunk * (values > 0), shrunk * (values < 0)], axis=-1).reshape(len(pictures), -1)
    np.testing.assert_array_equal(encoder(pictures), expected)


@pytest.mark.parametrize("text", PICTURE_KINDS)
def test_codes_do_not_depend_on_batch_order_or_threads(pictures, text):
    encoder = bootstrap(pictures, text)
    codes = encoder(pictures, jobs=1)
    order = np.random.default_rng(1).permutation(len(pictures))
    np.testing.assert_array_equal(encoder(pictures[order], jobs=2), codes[order])
    np.testing.assert_array_equal(np.vstack([encoder(pictures[i : i + 7]) for i in range(0, 40, 7)]), codes)


@pytest.mark.parametrize("text", PICTURE_KINDS)
def test_an_encoder_survives_its_description(pictures, text):
    encoder = bootstrap(pictures, text)
    again = restore(*describe(encoder))
    assert again.fingerprint == encoder.fingerprint
    np.testing.assert_array_equal(again(pictures), encoder(pictures))


def test_equal_seeds_give_equal_encoders_and_others_do_not(pictures):
    assert bootstrap(pictures, seed=3).fingerprint == bootstrap(pictures, seed=3).fingerprint
    assert bootstrap(pictures, seed=3).fingerprint != bootstrap(pictures, seed=4).fingerprint


def test_k_winners_leave_exactly_k_units(pictures):
    codes = bootstrap(pictures, "wide:200:winners=9")(pictures)
    assert set((codes > 0).sum(1)) <= set(range(10)) and (codes > 0).sum(1).max() == 9


@given(st.integers(2, 8), st.integers(1, 8), st.integers(0, 2**20))
def test_principal_bases_minimise_the_objective_as_pca_does(inputs, count, seed):
    count = min(count, inputs)
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((60, inputs)) * np.arange(1, inputs + 1)
    centred = rows - rows.mean(0)
    C = centred.T @ centred / len(rows)
    W = principal_bases(C, count, rng)
    P = PCA(count).fit(rows).components_.T
    np.testing.assert_allclose(W @ W.T, P @ P.T, atol=1e-8)  # one subspace
    for other in (P, np.linalg.qr(rng.standard_normal((inputs, count)))[0]):
        assert objective(C, W) <= objective(C, other) + 1e-9


def objective(C, W):
    return np.trace(C - C @ W @ W.T - W @ W.T @ C + W @ W.T @ C @ W @ W.T)


def test_rotation_spreads_the_variance_over_all_bases():
    C = np.diag(4.0 ** np.arange(6))
    W = principal_bases(C, 6, np.random.default_rng(0))
    variances = np.diag(W.T @ C @ W)
    assert variances.max() / variances.min() < 100 < 4**5


def test_whitened_bases_see_every_direction_alike():
    rng = np.random.default_rng(0)
    C = np.diag([100.0, 1.0, 0.01])
    bases = whitened_bases(C, 20_000, rng, floor=1e-9)
    np.testing.assert_allclose(np.var(np.sqrt(C) @ bases, axis=1), 1, rtol=0.05)


def test_sparse_bases_have_the_density_asked_for():
    bases = sparse_bases(300, 300, np.random.default_rng(0), density=0.1)
    assert abs((bases != 0).mean() - 0.1) < 0.01 and abs(bases.mean()) < 0.01


def test_patch_bases_are_averages_that_sum_to_zero_and_are_no_window():
    windows = np.random.default_rng(0).integers(0, 256, (500, 9)).astype(float)
    bases = patch_bases(windows, 4, np.random.default_rng(1), contrast=10, floor=0.1)
    np.testing.assert_allclose(bases.sum(0), 0, atol=1e-9)
    unit = lambda rows: rows / np.linalg.norm(rows, axis=-1, keepdims=True)  # noqa: E731
    assert np.abs(unit(windows - windows.mean(1, keepdims=True)) @ unit(bases.T).T).max() < 0.9999


def test_whole_bases_of_patches_sum_to_zero_so_brightness_does_not_matter(pictures):
    encoder = bootstrap(pictures // 2, "patches:6:size=3:pool=4:stride=2")
    assert not encoder.layers[0].bases.astype(int).sum(0).any()
    np.testing.assert_array_equal(encoder(pictures // 2 + 100), encoder(pictures // 2))


def test_limits_of_the_first_task_stay_and_later_values_are_clipped():
    first = np.array([[0.0, 5.0], [4.0, 5.0]])
    quantiser = fit_quantiser(first)
    np.testing.assert_array_equal(quantiser(np.array([[-100.0, 5.0], [100.0, 5.0]]))[:, 0], [0, 255])
    steps = quantiser(np.array([[0.0, 5.0], [1.0, 6.0]]))
    assert (steps[1] > steps[0]).all()  # a column that was constant at bootstrap can still be told apart


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("101", "at most as many principal bases as inputs, 100; got 101: try wide:101"),
        ("5:winners=6", "6 winners need as many bases, got 5"),
        ("patches:5:size=8:pool=4", "need pictures of at least 11 pixels, got 10x10"),
        ("patches:5:size=3:pool=14:pad=2", "need pictures of at least 12 pixels, got 10x10"),
        ("patches:5:size=12:pool=1:pad=2", "need pictures of at least 12 pixels, got 10x10"),
        ("patches:5:size=3:pad=3", "pad below the size of windows, 3, got 3: try pad=1"),
    ],
)
def test_layers_that_do_not_fit_the_data_are_refused(pictures, text, message):
    with pytest.raises(InputError, match=message):
        bootstrap(pictures, text)


def test_patches_of_vectors_too_large_windows_and_no_examples_are_refused(pictures):
    with pytest.raises(InputError, match="patches need pictures, got vectors of 100 values"):
        bootstrap(pictures.reshape(40, 100), "patches:5")
    with pytest.raises(InputError, match="at most 258 values, got 300"):
        bootstrap(np.zeros((2, 30, 30, 3), np.uint8), "patches:5:size=10")
    with pytest.raises(InputError, match="at least one example to bootstrap the encoder on, got none"):
        bootstrap(pictures[:0])


def test_inputs_of_another_shape_or_type_are_refused(encoder, pictures):
    with pytest.raises(InputError, match="expected inputs of shape 10x10, as at first, got 9x10"):
        encoder(pictures[:, 1:])
    with pytest.raises(InputError, match="expected 8-bit inputs"):
        encoder(pictures.astype(float))
    with pytest.raises(InputError, match="expected finite inputs"):
        bootstrap(np.array([[1.0, np.nan]]))


def test_the_number_of_threads_at_bootstrap_changes_no_encoder():
    rows = np.random.default_rng(0).integers(0, 256, (600, 500), np.uint8)
    fingerprints = set()
    for threads in (1, 2):
        with threadpool_limits(threads):
            fingerprints.add(bootstrap(rows, "300").fingerprint)
    assert len(fingerprints) == 1


@pytest.mark.parametrize("inverted", [False, True])
def test_auto_takes_other_layers_for_shaded_pictures_than_for_pen_strokes(inverted):
    rng = np.random.default_rng(0)
    strokes = 255 * (rng.random((30, 20, 20)) < 0.2).astype(np.uint8)
    grey = rng.integers(40, 200, (30, 20, 20)).astype(np.uint8) * (strokes > 0)
    kinds = (strokes, strokes // 2, grey.astype(np.uint8))  # drawn, faintly drawn, shaded
    encoders = [bootstrap(255 - one if inverted else one) for one in kinds]
    assert ["root=1" in encoder.layers_text for encoder in encoders] == [False, False, True]
    assert encoders[2].layers[0].frame == (255 if inverted else 0)


def test_the_kind_of_real_pictures_is_told_by_any_two_classes(real_data):
    for name, expected in (("mnist", False), ("fashion-mnist", True)):
        data = load_dataset(str(real_data / name))
        for pair in range(5):
            first = np.isin(data.y_train, (2 * pair, 2 * pair + 1))
            pictures = data.x_train[first][:1000]
            small = np.stack([cv2.resize(one, (22, 22), interpolation=cv2.INTER_AREA) for one in pictures])
            assert [shaded(one) for one in (pictures, pictures // 2, 255 - pictures, small)] == [expected] * 4


def test_a_frame_changes_no_code_of_pictures_that_have_it_already(pictures):
    """Padding by two is the same as giving pictures two rows and columns more of what is at their border."""
    whole = np.pad(pictures, ((0, 0), (3, 3), (3, 3)), constant_values=40)
    layers = "patches:5:size=3:pool=4:stride=2"
    framed, wider = bootstrap(whole[:, 2:-2, 2:-2], f"{layers}:pad=2"), bootstrap(whole, layers)
    same = replace(wider, layers=(replace(framed.layers[0], pad=0, frame=0),))
    assert framed.layers[0].frame == 40 and framed.units == wider.units
    assert (framed(whole[:, 2:-2, 2:-2]) == same(whole)).all()


def test_an_option_that_is_not_used_is_not_in_the_description(pictures):
    """So files and fingerprints from before it stay as they are."""
    layers = "patches:5:size=3:pool=4:stride=2"
    (plain,), (padded,) = (describe(bootstrap(pictures, text))[0]["layers"] for text in (layers, f"{layers}:pad=1"))
    assert "pad" not in plain and padded["pad"] == 1

"""Encoders: exact codes, the same whatever the batch."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from indeependence.encoder.description import describe
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.quantise import fit_quantiser
from indeependence.encoder.storage import restore
from indeependence.errors import InputError

KINDS = ["20", "20:threshold=0.2:winners=5,10", "wide:150", "+sparse:30:winners=3", "inputs"]
PATCHES = "patches:6:size=3:pool=4:stride=2"
PICTURE_KINDS = [PATCHES, "patches:6:size=3:winners=2,+sparse:20", *KINDS]


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
def test_codes_do_not_depend_on_batch_order_or_threads(pictures, text, monkeypatch):
    monkeypatch.setattr("indeependence.encoder.encoder.WORTH", 1)  # so that threads are started for little work
    encoder = bootstrap(pictures, text)
    codes = encoder(pictures, jobs=1)
    order = np.random.default_rng(1).permutation(len(pictures))
    np.testing.assert_array_equal(encoder(pictures[order], jobs=2), codes[order])
    np.testing.assert_array_equal(np.vstack([encoder(pictures[i : i + 7]) for i in range(0, 40, 7)]), codes)


@pytest.mark.parametrize("text, worth, threads", [("sparse:50", 7000, 2), ("sparse:50", 10**6, 0), (PATCHES, 1, 3)])
def test_threads_are_started_for_enough_work_alone(pictures, text, worth, threads, monkeypatch):
    started = []

    def pool(count):
        started.append(count)
        return ThreadPoolExecutor(count)

    monkeypatch.setattr("indeependence.encoder.encoder.ThreadPoolExecutor", pool)
    monkeypatch.setattr("indeependence.encoder.encoder.WORTH", worth * 20)  # 100 inputs and 50 bases: 5,000 and some
    bootstrap(pictures, text)(pictures, jobs=3)
    assert started == [threads] * bool(threads)


@pytest.mark.parametrize("text", PICTURE_KINDS)
def test_an_encoder_survives_its_description(pictures, text):
    encoder = bootstrap(pictures, text)
    again = restore(*describe(encoder))
    assert again.fingerprint == encoder.fingerprint
    np.testing.assert_array_equal(again(pictures), encoder(pictures))


def test_k_winners_leave_exactly_k_units(pictures):
    codes = bootstrap(pictures, "wide:200:winners=9")(pictures)
    assert set((codes > 0).sum(1)) <= set(range(10)) and (codes > 0).sum(1).max() == 9


def test_limits_of_the_first_task_stay_and_later_values_are_clipped():
    first = np.array([[0.0, 5.0], [4.0, 5.0]])
    quantiser = fit_quantiser(first)
    np.testing.assert_array_equal(quantiser(np.array([[-100.0, 5.0], [100.0, 5.0]]))[:, 0], [0, 255])
    steps = quantiser(np.array([[0.0, 5.0], [1.0, 6.0]]))
    assert (steps[1] > steps[0]).all()  # a column that was constant at bootstrap can still be told apart


def test_inputs_of_another_shape_or_type_are_refused(encoder, pictures):
    with pytest.raises(InputError, match="expected inputs of shape 10x10, as at first, got 9x10: resize them$"):
        encoder(pictures[:, 1:])
    with pytest.raises(InputError, match="expected 8-bit inputs"):
        encoder(pictures.astype(float))
    with pytest.raises(InputError, match="expected finite inputs"):
        bootstrap(np.array([[1.0, np.inf]]))


def test_an_option_that_is_not_used_is_not_in_the_description(pictures):
    """So files and fingerprints from before it stay as they are."""
    layers = "patches:5:size=3:pool=4:stride=2"
    (plain,), (padded,) = (describe(bootstrap(pictures, text))[0]["layers"] for text in (layers, f"{layers}:pad=1"))
    assert "pad" not in plain and padded["pad"] == 1


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

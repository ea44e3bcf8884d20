"""Binary codes from sums: any order gives the same, classes are told, pictures come back, commands keep them."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from indeependence import ContinualClassifier, load_dataset
from indeependence.binary_codes.centroids import Centroids, code_sums, counted_centroids, expected_centroids
from indeependence.binary_codes.embedding import class_pool, labelled_embedding, unlabelled_embedding
from indeependence.binary_codes.reconstruction import (
    PictureSums,
    counted_decoder,
    expected_decoder,
    picture_rows,
    reconstruction_error,
)
from indeependence.binary_codes.sdr import SDR, overlap
from indeependence.binary_codes.storage import read_sdr
from indeependence.commands import cli
from indeependence.errors import InputError
from indeependence.moments.moments import Moments
from indeependence.moments.regression import add_rows

pytestmark = pytest.mark.slow  # seconds, or many of them

DIGITS = load_dataset("digits")
SMALL = "patches:8:size=3:pool=2:stride=2,+sparse:40"


@pytest.fixture(scope="module")
def learned():
    """A model that learned the digits class by class, bootstrapped on zeros and ones, and codes of both parts."""
    model = ContinualClassifier("patches:16:size=3:pool=2:stride=2,+sparse:200").bootstrap(
        DIGITS.x_train[DIGITS.y_train < 2]
    )
    for label in range(10):
        model.partial_fit(DIGITS.x_train[DIGITS.y_train == label], DIGITS.y_train[DIGITS.y_train == label])
    return model, model.encoder_(DIGITS.x_train), model.encoder_(DIGITS.x_test)


@pytest.mark.parametrize("embed", [labelled_embedding, unlabelled_embedding])
def test_the_order_of_classes_and_batches_changes_no_bit(learned, embed):
    model, codes, test_codes = learned
    order = np.random.default_rng(0).permutation(len(codes))
    again = Moments.empty(model.encoder_.fingerprint, model.encoder_.units).learn(
        (codes[rows], DIGITS.y_train[rows]) for rows in np.array_split(order, 7)
    )
    one, other = embed(model.moments_, 128, 10), embed(again, 128, 10)
    assert one.fingerprint == other.fingerprint
    whole = one(test_codes)
    np.testing.assert_array_equal(whole.packed, np.vstack([other(row[None]).packed for row in test_codes]))
    assert (whole.active == 10).all()
    assert one.fingerprint != embed(model.moments_, 128, 10, seed=1).fingerprint


def test_classes_are_told_by_the_nearest_centroid_with_labels_and_without(learned):
    model, codes, test_codes = learned
    labelled = labelled_embedding(model.moments_, 512, 26)
    expected = expected_centroids(labelled, model.moments_)
    assert np.mean(expected.nearest(labelled(test_codes)) == DIGITS.y_test) > 0.97
    counted = counted_centroids(code_sums(labelled, labelled(codes), DIGITS.y_train))
    assert counted.labels == expected.labels
    np.testing.assert_allclose(expected.means, counted.means, atol=0.25)  # Gaussian scores are nearly what they are
    assert np.abs(expected.means - counted.means).mean() < 0.01
    unlabelled = unlabelled_embedding(model.moments_, 512, 26)
    centroids = counted_centroids(code_sums(unlabelled, unlabelled(codes), DIGITS.y_train))
    assert np.mean(centroids.nearest(unlabelled(test_codes)) == DIGITS.y_test) > 0.88


def test_labels_decide_nothing_about_an_unlabelled_embedding(learned):
    model, codes, _ = learned
    shuffled = np.random.default_rng(0).permutation(DIGITS.y_train)
    empty = Moments.empty(model.encoder_.fingerprint, model.encoder_.units)
    one, other = (unlabelled_embedding(empty.learn([(codes, labels)]), 64, 5) for labels in (DIGITS.y_train, shuffled))
    assert one.fingerprint == other.fingerprint


def test_variation_is_what_tells_examples_of_a_class_apart(learned):
    model, _, test_codes = learned
    ones = test_codes[DIGITS.y_test == 1]
    mean_overlap = []
    for variation in (0.0, 0.2, 0.5):
        codes = labelled_embedding(model.moments_, 512, 26, variation=variation)(ones)
        mean_overlap.append(overlap(codes[:-1], codes[1:]).mean())
    assert mean_overlap[0] > mean_overlap[1] > mean_overlap[2]


def test_the_nearest_centroid_is_the_one_of_least_distance():
    rng = np.random.default_rng(0)
    bits, means = rng.random((30, 12)) < 0.4, rng.random((4, 12))
    distances = ((bits[:, None] - means) ** 2).sum(2)
    np.testing.assert_array_equal(Centroids((5, 6, 7, 8), means).nearest(SDR.of(bits)), 5 + distances.argmin(1))


@given(st.one_of(st.integers(), st.text()), st.integers(1, 60), st.integers(0, 5))
def test_a_pool_depends_on_the_name_of_its_class_alone(label, size, seed):
    pool = class_pool(label, 60, size, seed)
    assert pool.sum() == size and set(np.unique(pool)) <= {0.0, 1.0}
    np.testing.assert_array_equal(pool, class_pool(label, 60, size, seed))


def test_pools_of_different_classes_differ():
    pools = np.stack([class_pool(label, 512, 52, 0) for label in [*range(10), *"abcdefghij"]])
    shared = pools @ pools.T - np.diag([52] * 20)
    assert 3 < shared[np.triu_indices(20, 1)].mean() < 8 and shared.max() < 20  # 52²/512 = 5.3 by chance


def test_sums_that_cannot_tell_are_refused(learned):
    model, *_ = learned
    nothing = Moments.empty("encoder", 4)
    for embed in (labelled_embedding, unlabelled_embedding):
        with pytest.raises(InputError, match="expected 1 to 8 active units, got 9"):
            embed(model.moments_, 8, 9)
        with pytest.raises(InputError, match="expected sums of some examples, got none"):
            embed(nothing, 8, 2)
        with pytest.raises(InputError, match="without a class taken out by its column alone"):
            embed(model.moments_.without_class(3), 8, 2)


# Back to pictures


def test_pictures_come_back_from_their_codes(learned):
    model, codes, test_codes = learned
    mean = DIGITS.x_train.reshape(-1, 64).mean(0)
    unlabelled = unlabelled_embedding(model.moments_, 256, 26)
    sums = add_rows(Moments.empty("rows", 256 + 64), picture_rows(unlabelled(codes), DIGITS.x_train))
    again = counted_decoder(sums, 256)(unlabelled(test_codes))
    assert reconstruction_error(DIGITS.x_test, again, mean) < 0.45
    labelled = labelled_embedding(model.moments_, 256, 26)
    pictures = PictureSums.empty(model.encoder_.units, 64)
    for rows in np.array_split(np.random.default_rng(0).permutation(len(codes)), 3):
        pictures = pictures.learn(codes[rows], DIGITS.x_train[rows], DIGITS.y_train[rows])
    np.testing.assert_array_equal(
        pictures.cross, codes.astype(np.int64).T @ DIGITS.x_train.reshape(-1, 64).astype(np.int64)
    )
    expected = expected_decoder(labelled, model.moments_, pictures)
    error = reconstruction_error(DIGITS.x_test, expected(labelled(test_codes)), mean)
    sums = add_rows(Moments.empty("rows", 256 + 64), picture_rows(labelled(codes), DIGITS.x_train))
    counted = reconstruction_error(DIGITS.x_test, counted_decoder(sums, 256)(labelled(test_codes)), mean)
    assert error < counted + 0.1 and error < 0.6


# On the command line


def test_embed_writes_codes_and_labels_that_can_be_read_again(ask, tmp_path):
    told = ask("sparse", "embed", "--units", 256, "--active", 13, "--layers", SMALL, "--output", "out/codes.sdr")
    assert told["nearest_centroid_accuracy"] > 0.95 and told["codes"] == 1797 and told["bytes_per_code"] == 32
    held = read_sdr(tmp_path / "out/codes.sdr")
    assert (held.codes.active == 13).all() and held.codes.units == 256
    np.testing.assert_array_equal(held.labels, np.concatenate([DIGITS.y_train, DIGITS.y_test]))
    assert held.about["train_examples"] == 1438 and held.about["test_examples"] == 359
    facts = ask("inspect", "out/codes.sdr")
    assert facts["codes"] == 1797 and facts["made_with_active"] == 13 and len(facts["classes"]) == 10


def test_embed_takes_the_sums_of_a_model_and_gives_the_same_codes_again(ask, tmp_path):
    ask("train", "--classes", "0,1,2", "--layers", SMALL, "--model", "m")
    test = ask("sparse", "embed", "--model", "m", "--classes", "0,1,2", "--part", "test", "--output", "test.sdr")
    both = ask("sparse", "embed", "--model", "m", "--classes", "0,1,2", "--output", "all.sdr", "--batch-size", "7")
    assert test["nearest_centroid_accuracy"] == both["nearest_centroid_accuracy"] > 0.95
    one, other = read_sdr(tmp_path / "test.sdr"), read_sdr(tmp_path / "all.sdr")
    np.testing.assert_array_equal(one.codes.packed, other.codes.packed[-len(one.codes) :])


def test_embed_without_labels_and_of_one_class(ask):
    told = ask("sparse", "embed", "--unlabelled", "--layers", SMALL, "--output", "codes.sdr")
    assert 0.8 < told["nearest_centroid_accuracy"] < 0.99
    assert ask("sparse", "embed", "--classes", "3", "--layers", SMALL)["nearest_centroid_accuracy"] == 1.0


def test_wrong_usage_of_embed_is_told(refuse):
    assert "--active 9 of --units 8" in refuse("sparse", "embed", "--units", 8, "--active", 9, code=2)
    assert "no class '12' in the data" in refuse("sparse", "embed", "--classes", "12")
    assert "expected a model file, found none" in refuse("sparse", "embed", "--model", "no.safetensors")


def test_embed_prints_facts_for_people(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(
        cli, ["sparse", "embed", "--limit", "200", "--part", "train", "--layers", SMALL], catch_exceptions=False
    )
    assert "nearest centroid accuracy" in result.stdout and "artifacts/codes.sdr" in result.stdout
    with pytest.raises(json.JSONDecodeError):
        json.loads(result.stdout)

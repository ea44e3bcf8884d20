"""Pictures drawn from sums by region: who recognises them, how they are spread, and what older models draw."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from indeependence import Autoencoder
from indeependence.errors import InputError
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.mixture import Mixture, drawn
from indeependence.models.autoencoder.sketching import fit_sketch
from indeependence.models.autoencoder.sums import AutoencoderSums

LABELS = np.repeat(np.arange(10), 20)


@pytest.fixture(scope="module")
def model(digits):
    model = LabelledAutoencoder(range(10), "40", n_jobs=1).bootstrap(digits.x_train)
    return model.learn([(digits.x_train, digits.y_train)])


def test_drawn_digits_are_recognised_by_another_classifier_and_vary(digits, model):
    pictures = drawn(model, LABELS.tolist(), seed=1)
    judge = KNeighborsClassifier(3).fit(digits.x_train.reshape(-1, 64), digits.y_train)
    assert np.mean(judge.predict(255 * pictures) == LABELS) > 0.97
    real = np.mean([digits.x_train[digits.y_train == label].std(0).mean() for label in range(10)])
    assert 0.8 < np.mean([255 * pictures[label == LABELS].std(0).mean() for label in range(10)]) / real < 1.2
    np.testing.assert_array_equal(drawn(model, LABELS.tolist(), seed=1), pictures)


def test_drawn_pixels_are_as_often_dark_as_those_learned(digits, model):
    learned = digits.x_train[digits.y_train == 3].ravel()
    pixels = Mixture.of(model.autoencoder.regions, 3).pictures(300, 1.0, np.random.default_rng(2)).ravel()
    for share in (0.3, 0.5, 0.7, 0.9):
        assert abs(np.quantile(pixels, share) - np.quantile(learned, share)) < 16


def test_codes_have_the_mean_of_the_class_and_without_spread_are_those_of_regions(model):
    mixture = Mixture.of(model.autoencoder.regions, 7)
    parts = model.autoencoder.regions.parts(7)
    mean = sum(part.total for part in parts) / sum(part.count for part in parts)
    assert np.abs(mixture.codes(2000, 1.0, np.random.default_rng(0)).mean(0) - mean).max() < 3
    still = mixture.codes(50, 0.0, np.random.default_rng(0))
    means = np.stack([part.mean for part in parts])
    assert np.abs(still[:, None] - means).sum(2).min(1).max() < 1e-9


def test_classes_that_were_not_learned_are_refused(digits):
    rows = digits.y_train < 9
    model = LabelledAutoencoder(range(10), "10", n_jobs=1).bootstrap(digits.x_train)
    model.learn([(digits.x_train[rows], digits.y_train[rows])])
    with pytest.raises(InputError, match="no class 9 was learned"):
        drawn(model, [3, 9])
    with pytest.raises(InputError, match="expected"):
        drawn(model, [77])


def test_directions_of_large_pictures_are_found_from_fewer_of_them(digits, monkeypatch):
    whole = fit_sketch(digits.x_train[:900].reshape(-1, 64), 10, 0)
    monkeypatch.setattr("indeependence.models.autoencoder.sketching.LARGE", 10)
    monkeypatch.setattr("indeependence.models.autoencoder.sketching.VALUES", 20)
    fewer = fit_sketch(digits.x_train[:900].reshape(-1, 64), 10, 0)
    assert (whole.values, fewer.values) == (64, 20)
    rows = digits.x_train[900:].reshape(-1, 64) - fewer.mean
    held = rows @ (fewer.bases / np.linalg.norm(fewer.bases, axis=0))
    best = rows @ np.linalg.svd(digits.x_train[:900].reshape(-1, 64) - fewer.mean)[2][:20].T
    assert (held**2).sum() > 0.99 * (best**2).sum()


def test_a_model_without_sums_by_region_draws_as_it_did(model):
    sums = AutoencoderSums(replace(model.autoencoder.sums, regions=None), (), [0.0])
    stack, old = model.autoencoder.tied, LabelledAutoencoder(range(10), "40")
    old.autoencoder = Autoencoder(64, 10, "40", shape=(8, 8), frozen=True).start(stack, sums)
    right = old.autoencoder.generate(old.targets([3, 4]), spread=0.5, seed=2)
    np.testing.assert_array_equal(drawn(old, [3, 4], seed=2), right)

"""Attacks: the differentiable encoder against the real one and finite differences, and what attacks may change."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from indeependence.attacks.differentiable import differentiable
from indeependence.attacks.gradient import (
    cross_entropy_loss,
    fgsm,
    gradient_of,
    margin_loss,
    margins,
    pgd,
    squared_loss,
)
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.errors import InputError
from indeependence.pruning.remove import narrowed

KINDS = [
    "inputs",
    "20:threshold=0.2:winners=5,+10",
    "patches:6:size=3:pool=4:stride=2:root=1,+sparse:20",
    "patches:6:size=3:winners=2:pool=4:pad=1",
]
LOSSES = [squared_loss, cross_entropy_loss, margin_loss]


@pytest.mark.parametrize("text", KINDS)
def test_codes_are_those_of_the_encoder(pictures, text):
    encoder = bootstrap(pictures, text)
    for one in (encoder, narrowed(encoder, np.arange(encoder.units) % 3 > 0)):
        found = differentiable(one)(tf.constant(pictures, tf.float32)).numpy()
        difference = np.abs(found - one(pictures))
        assert np.mean(difference > 0) < 0.01
        assert difference.max() <= 1 or "winners=2" in text  # of two that are nearly equal, another may win


def test_colour_pictures_and_vectors_of_any_numbers_have_their_codes_too(pictures):
    colour = np.stack([pictures, pictures[::-1], 255 - pictures], axis=-1)
    vectors = np.random.default_rng(0).standard_normal((30, 5))
    for inputs, text in ((colour, "patches:5:size=3:pool=4:stride=2"), (vectors, "+sparse:20")):
        encoder = bootstrap(inputs, text)
        found = differentiable(encoder)(tf.constant(inputs, tf.float32)).numpy()
        assert np.mean(found != encoder(inputs)) < 0.01 and encoder(inputs).any()


def test_gradients_are_the_slopes_of_the_encoder_over_many_steps(pictures):
    encoder = bootstrap(pictures, "patches:6:size=3:pool=4:stride=4,+sparse:20")
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((encoder.units, 3)) / 50
    gradient = gradient_of(encoder, weights, np.zeros(3), lambda scores, right: scores[:, 0])
    slopes = gradient(pictures, np.zeros(40))
    direction = np.sign(rng.standard_normal(pictures.shape)) * 4
    inside = np.clip(pictures, 8, 247).astype(int)
    up, down = (encoder((inside + sign * direction).astype(np.uint8)) @ weights[:, 0] for sign in (1, -1))
    expected = np.sum(gradient(inside, np.zeros(40)) * direction, (1, 2))
    assert np.corrcoef(expected, (up - down) / 2)[0, 1] > 0.9
    assert np.isfinite(slopes).all()


def test_losses_are_those_of_numpy():
    scores, right = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32), np.arange(6) % 4
    targets = np.eye(4)[right]
    np.testing.assert_allclose(squared_loss(scores, right), ((scores - targets) ** 2).sum(1), rtol=1e-5)
    chances = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    np.testing.assert_allclose(cross_entropy_loss(scores, right), -np.log(chances[np.arange(6), right]), rtol=1e-5)
    wrong = np.where(targets > 0, -np.inf, scores).max(1)
    np.testing.assert_allclose(margin_loss(scores, right), wrong - scores[np.arange(6), right], rtol=1e-5)
    ordered = np.sort(scores, 1)
    np.testing.assert_array_equal(margins(scores), ordered[:, -1] - ordered[:, -2])


@pytest.mark.parametrize("loss", LOSSES)
def test_attacks_stay_within_reach_and_raise_the_loss(pictures, loss):
    encoder = bootstrap(pictures, "patches:6:size=3:pool=4:stride=4,+sparse:20")
    weights = np.random.default_rng(0).standard_normal((encoder.units, 3)) / 500
    right = np.arange(40) % 3
    gradient = gradient_of(encoder, weights, np.zeros(3), loss)

    def losses(attacked):
        return np.asarray(loss(tf.constant(encoder(attacked) @ weights, tf.float32), right))

    before = losses(pictures)
    for reach in (0, 6):
        one, many = fgsm(gradient, pictures, right, reach), pgd(gradient, pictures, right, reach, steps=5)
        for attacked in (one, many):
            assert attacked.dtype == np.uint8
            assert np.abs(attacked.astype(int) - pictures).max() <= reach
    assert np.mean(losses(one) > before) > 0.9 and np.mean(losses(many) > before) > 0.9
    assert losses(many).mean() > losses(one).mean()


def test_what_cannot_be_attacked_is_told(pictures):
    encoder = replace(bootstrap(pictures, "inputs"))
    gradient = gradient_of(encoder, np.zeros((100, 2)), np.zeros(2), margin_loss)
    with pytest.raises(InputError, match="8-bit pictures"):
        fgsm(gradient, pictures / 255, np.zeros(40), 3)
    with pytest.raises(InputError, match="whole number of pixel steps"):
        pgd(gradient, pictures, np.zeros(40), 2.5)

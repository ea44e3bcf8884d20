"""Noise on test pictures: exactly the pixels that were asked for, the score that was published, and the command."""

import math

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indeependence import ContinualClassifier, load_dataset
from indeependence.commands import cli
from indeependence.data.corruptions import occlude, set_pixels
from indeependence.errors import InputError
from indeependence.experiment.noise import GREY, KINDS, LEVELS, noise_covariance, noise_curve
from indeependence.moments.centred import centre
from indeependence.moments.moments import Moments
from indeependence.moments.noise import with_noise
from indeependence.moments.ridge import ridge

KEY = np.array([1, 2], np.uint64)
PICTURES = st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.uint8, shape, elements=st.integers(0, 9))
)
LAYERS = "patches:8:size=3:pool=2:stride=2"


@given(PICTURES, st.floats(0, 1))
def test_exactly_the_share_of_pixels_is_set_and_no_other_changes(pictures, level):
    noisy = set_pixels(pictures, np.arange(len(pictures)), level=level, value=200, key=KEY)
    count = math.floor(level * pictures[0].size + 1e-9)
    assert ((noisy == 200).sum((1, 2)) == count).all()
    assert (noisy[noisy != 200] == pictures[noisy != 200]).all()


def test_every_pixel_is_as_likely_to_be_set():
    noisy = set_pixels(np.zeros((4000, 5, 5), np.uint8), np.arange(4000), level=0.4, value=1, key=KEY)
    assert np.abs(noisy.mean(0) - 0.4).max() < 5 * math.sqrt(0.24 / 4000)


@given(PICTURES, st.floats(0, 1))
def test_a_rectangle_of_the_share_is_black_and_nothing_else_changes(pictures, level):
    ones = pictures + 1
    hidden = occlude(ones, np.arange(len(ones)), level=level, key=KEY)
    for before, after in zip(ones, hidden, strict=True):
        height, width = (round(side * math.sqrt(level)) for side in before.shape)
        rows, columns = np.flatnonzero((after == 0).any(1)), np.flatnonzero((after == 0).any(0))
        assert (after == 0).sum() == height * width
        if height and width:
            assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (height, width)
        assert (after[after != 0] == before[after != 0]).all()


def test_a_colour_pixel_is_set_as_a_whole():
    noisy = set_pixels(np.zeros((3, 6, 6, 3), np.uint8), np.arange(3), level=0.5, value=7, key=KEY)
    assert set(noisy.sum(3).ravel().tolist()) == {0, 21}


@pytest.mark.parametrize("kind", KINDS)
def test_a_curve_counts_what_a_plain_loop_counts_with_any_batch_size(kind):
    rng = np.random.default_rng(0)
    inputs, labels = rng.integers(0, 256, (30, 8, 8), np.uint8), rng.integers(0, 2, 30)

    def predict(pictures):
        return (pictures.reshape(len(pictures), -1).mean(1) > 120).astype(int)

    curve = noise_curve(predict, inputs, labels, kind=kind, seed=3)
    assert curve == noise_curve(predict, inputs, labels, kind=kind, seed=3, batch_size=7)
    assert curve.right[0] == (predict(inputs) == labels).sum() and len(curve.right) == 11
    assert curve.score == sum(curve.right) and curve.accuracies[0] == curve.right[0] / 30
    if kind == "pixels":
        key = np.random.SeedSequence([3, 10]).generate_state(2, np.uint64)
        last = set_pixels(inputs, np.arange(30), level=0.5, value=GREY, key=key)
        assert curve.right[10] == (predict(last) == labels).sum()


def test_noise_is_published_noise():
    """Ahmad & Scheinkman (2019): eleven levels; mean and two deviations of MNIST's pixels, which are 0 to 1."""
    assert LEVELS[0] == 0 and LEVELS[-1] == 0.5 and np.allclose(np.diff(LEVELS), 0.05)
    assert round(255 * (0.1307 + 2 * 0.3081)) == GREY


def test_bad_noise_is_told():
    inputs, labels = np.zeros((2, 4, 4), np.uint8), np.zeros(2)
    with pytest.raises(InputError, match="kinds pixels, gaussian, occlusion, got 'snow'"):
        noise_curve(len, inputs, labels, kind="snow")
    with pytest.raises(InputError, match="levels of noise from 0 to 1, got 2"):
        noise_curve(len, inputs, labels, levels=[2])
    with pytest.raises(InputError, match="expected 8-bit pictures, of 0 to 255, to make noisy, got none"):
        noise_curve(len, inputs[:0], labels[:0])
    with pytest.raises(InputError, match="got float64 values: try picture files"):
        noise_curve(len, inputs / 255, labels)
    with pytest.raises(InputError, match="to hide a part of, got vectors of 16 values: try pixels"):
        noise_curve(len, inputs.reshape(2, 16), labels, kind="occlusion")


def test_the_command_tells_scores_and_evenness(ask, refuse):
    ask("train", "--classes", "0,1,2", "--layers", LAYERS, "--model", "m")
    told = ask("sparse", "noise", "m", "--kind", "pixels", "--kind", "occlusion", "--limit", 50, "--bits")
    assert told["examples"] == 50 and set(told["noise"]) == {"pixels", "occlusion"}
    for one in told["noise"].values():
        accuracies = list(one["accuracies"].values())
        assert one["score"] == round(50 * sum(accuracies)) and accuracies[0] > 0.9 > accuracies[-1]
    model, data = ContinualClassifier.load("m"), load_dataset("digits")
    seen = data.x_test[data.y_test < 3]
    assert told["mean_active_units"] == pytest.approx((model.encoder_(seen) > 0).sum(1).mean(), rel=0.05)
    assert 0.5 < told["duty_entropy_bits"] / told["largest_entropy_bits"] < 1


def test_a_model_without_a_class_of_the_data_is_told(ask, refuse):
    ask("train", "--classes", "9", "--layers", LAYERS, "--model", "m")
    pictures = np.zeros((4, 8, 8), np.uint8)
    np.savez("other.npz", x_train=pictures, y_train=[0, 1, 0, 1], x_test=pictures[:1], y_test=[0])
    assert "expected test examples of classes that the model learned" in refuse(
        "sparse", "noise", "m", "--data", "other.npz"
    )


def test_the_command_prints_a_table(ask):
    ask("train", "--classes", "0,1", "--layers", LAYERS, "--model", "m")
    lines = CliRunner().invoke(cli, ["sparse", "noise", "m", "--limit", "20"]).output.splitlines()
    assert len(lines) == 13 and lines[0].split() == ["level", "pixels"] and lines[-1].split()[-1] == "220"


# The noise of codes


def coded(inputs):
    return np.maximum(inputs.reshape(len(inputs), -1).astype(int) @ MIX, 0).clip(0, 255).astype(np.uint8)


MIX = np.random.default_rng(3).integers(-3, 4, (16, 6))
GREYS = np.random.default_rng(4).integers(0, 60, (40, 4, 4), np.uint8)


def test_the_covariance_of_noise_is_that_of_a_plain_loop_with_any_batch_size():
    found = noise_covariance(coded, GREYS, levels=[0.25, 0.5], seed=7, batch_size=40)
    assert (found == noise_covariance(coded, GREYS, levels=[0.25, 0.5], seed=7, batch_size=7)).all()
    total = np.zeros((6, 6), int)
    for number, level in enumerate([0.25, 0.5]):
        keys = np.random.SeedSequence([7, number, 1]).generate_state(4, np.uint64).reshape(2, 2)
        one, other = (coded(set_pixels(GREYS, np.arange(40), level=level, value=GREY, key=key)) for key in keys)
        for a, b in zip(one.astype(int), other.astype(int), strict=True):
            total += np.outer(a - b, a - b)
    assert (found == total / 160).all()


def test_the_covariance_of_noise_is_that_of_the_codes_of_one_noisy_picture():
    same = np.repeat(GREYS[:1], 4000, 0)
    noisy = set_pixels(same, np.arange(4000), level=0.3, value=GREY, key=KEY)
    expected = np.cov(coded(noisy).T.astype(float))
    found = noise_covariance(coded, same, levels=[0.3], seed=1)
    assert np.abs(found - expected).max() < 0.1 * expected.diagonal().max()


def test_differences_as_large_as_they_may_be_are_added_up_exactly():
    """300 rows of ±255: their squares pass the whole numbers that float32 holds."""
    one, other = np.random.default_rng(5).choice([0, 1, 255], (2, 300, 3))
    one[:, 0], other[:, 0] = 255, 0

    codes = iter([one[:1].astype(np.uint8), one.astype(np.uint8), other.astype(np.uint8)])

    def encode(_):
        return next(codes)

    found = noise_covariance(encode, np.zeros((300, 2, 2), np.uint8), levels=[0.5], batch_size=300)
    assert (found == (one - other).T @ (one - other) / 600).all()


@given(st.integers(0, 5), st.floats(0, 3))
def test_sums_with_noise_solve_as_learning_noisy_codes_over_and_over(seed, strength):
    """Each code with +a and -a on each unit in turn: their mean is that code, and their products are known."""
    rng = np.random.default_rng(seed)
    codes, labels = rng.integers(0, 9, (30, 3)), rng.integers(0, 2, 30)
    steps = np.concatenate([np.diag([3, 1, 2]), -np.diag([3, 1, 2])]) * np.sqrt(strength)
    noisy, targets = (codes[:, None] + steps).reshape(-1, 3), np.eye(2)[labels].repeat(6, 0)
    centred = centre(Moments.empty("e", 3).learn([(codes.astype(np.uint8), np.array([0, 1])[labels])]))
    if len(centred.labels) < 2:
        return
    hard = with_noise(centred, np.mean([np.outer(one, one) for one in steps], 0), 1)
    centred_codes = noisy - noisy.mean(0)
    system = centred_codes.T @ centred_codes / 6 + 0.01 * centred.scale * np.eye(3)
    expected = np.linalg.solve(system, centred_codes.T @ (targets - targets.mean(0)) / 6)
    order = list(centred.labels)
    assert np.allclose(ridge(hard, 0.01).coefficients, expected[:, order], atol=1e-9)


@pytest.mark.parametrize("strength", [0.3, 4])
def test_the_expected_error_is_that_of_new_noisy_examples(strength):
    """And does not count noise as something that the fit used up: 400 examples of 100 units, 20 draws of them."""
    expected, true = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        codes = rng.integers(0, 200, (2400, 100)).astype(np.uint8)
        labels = (codes[:, :20].sum(1) + rng.normal(0, 100, 2400) > 2000).astype(int)
        centred = centre(Moments.empty("e", 100).learn([(codes[:400], labels[:400])]))
        weights = ridge(with_noise(centred, np.eye(100) * strength * centred.scale / 400), 4.0**-6)
        noisy = codes[400:] + rng.normal(0, np.sqrt(strength * centred.scale / 400), (2000, 100))
        wanted = labels[400:, None] == np.array(weights.labels)
        true.append(np.mean(np.sum((noisy @ weights.coefficients + weights.intercept - wanted) ** 2, 1)))
        expected.append(weights.expected_error)
    assert np.mean(expected) == pytest.approx(np.mean(true), rel=0.1)


def test_noise_that_does_not_fit_is_told():
    centred = centre(Moments.empty("e", 2).learn([(np.eye(2, dtype=np.uint8), np.array([0, 1]))]))
    with pytest.raises(InputError, match=r"expected a covariance \(2, 2\), of this encoder, got \(3, 3\)"):
        with_noise(centred, np.eye(3))
    with pytest.raises(InputError, match="at least 0, got -1"):
        with_noise(centred, np.eye(2), -1)
    with pytest.raises(InputError, match="finite numbers"):
        with_noise(centred, np.full((2, 2), np.nan))
    with pytest.raises(InputError, match="from 0 to 1, got none"):
        noise_covariance(coded, GREYS, levels=[])

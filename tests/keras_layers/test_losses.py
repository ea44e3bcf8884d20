"""Losses against plain loops over pairs and triples, 0 where there are none, and scaling that changes no sign."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indeependence.errors import InputError
from indeependence.keras_layers.scaling import scaled
from indeependence.sparse import ContrastiveLoss, KWinners, SynapticScaling, TripletLoss

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


@st.composite
def batches(draw):
    """Codes [N, 3] and labels [N] of up to three classes; rows may be equal, classes may be missing."""
    count = draw(st.integers(1, 7))
    codes = draw(arrays(np.float32, (count, 3), elements=st.integers(-2, 2).map(float)))
    return codes, np.array(draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)))


def plain_triplets(codes, labels, margin, mining):
    apart = np.linalg.norm(codes[:, None].astype(float) - codes[None], axis=2)
    rows = range(len(codes))
    same = {i: [j for j in rows if j != i and labels[j] == labels[i]] for i in rows}
    other = {i: [j for j in rows if labels[j] != labels[i]] for i in rows}
    if mining == "hard":
        excess = [
            max(0, margin + max(apart[i, j] for j in same[i]) - min(apart[i, j] for j in other[i]))
            for i in rows
            if same[i] and other[i]
        ]
    else:
        triples = [(i, p, n) for i in rows for p, n in itertools.product(same[i], other[i])]
        excess = [e for i, p, n in triples if (e := margin + apart[i, p] - apart[i, n]) > 1e-6]
    return np.mean(excess) if excess else 0.0


@pytest.mark.parametrize("mining", ["hard", "all"])
@given(batches(), st.sampled_from([0.25, 1.3]))
def test_triplets_equal_plain_loops_over_all_triples(mining, batch, margin):
    codes, labels = batch
    loss = float(TripletLoss(margin, mining=mining)(labels, codes))
    assert loss == pytest.approx(plain_triplets(codes, labels, margin, mining), abs=1e-4)


@given(batches())
def test_contrast_equals_plain_loops_over_all_pairs(batch):
    codes, labels = batch
    apart = np.linalg.norm(codes[:, None].astype(float) - codes[None], axis=2)
    pairs = list(itertools.combinations(range(len(codes)), 2))
    same = [apart[i, j] ** 2 for i, j in pairs if labels[i] == labels[j]]
    other = [max(0, 2 - apart[i, j]) ** 2 for i, j in pairs if labels[i] != labels[j]]
    expected = (np.mean(same) if same else 0) + (np.mean(other) if other else 0)
    assert float(ContrastiveLoss(2.0)(labels, codes)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    "loss", [TripletLoss(), TripletLoss(mining="all"), ContrastiveLoss()], ids=lambda one: one.name
)
@given(batches())
def test_losses_and_slopes_are_finite_for_any_batch(loss, batch):
    codes, labels = tf.constant(batch[0]), batch[1]
    with tf.GradientTape() as tape:
        tape.watch(codes)
        value = loss(labels, codes)
    assert np.isfinite(value.numpy()) and np.isfinite(tape.gradient(value, codes).numpy()).all()
    alone = tf.constant(batch[0][:1])
    assert float(loss(labels[:1], alone)) == 0.0


def test_training_brings_classes_apart_and_the_loss_survives_a_file(tmp_path):
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 240)
    x = (np.eye(3)[y] @ rng.standard_normal((3, 8)) + rng.standard_normal((240, 8))).astype(np.float32)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
    model.compile(keras.optimizers.Adam(0.01), TripletLoss(0.7, mining="all"))
    before = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=8, batch_size=48, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    after = again.evaluate(x, y, verbose=0)
    assert after < 0.9 * before and after == pytest.approx(model.evaluate(x, y, verbose=0))
    assert again.loss.get_config()["margin"] == 0.7 and again.loss.get_config()["mining"] == "all"


# Synaptic scaling

KERNELS = arrays(np.float64, (4, 3), elements=st.integers(-5, 5).map(float))
ACTIVITY = arrays(np.float64, 3, elements=st.floats(0, 1))


@given(KERNELS, ACTIVITY, st.floats(0.01, 1), st.floats(0.001, 5))
def test_scaling_changes_no_sign_and_moves_every_unit_the_right_way(kernel, activity, target, rate):
    after = scaled(kernel, activity, target, rate)
    np.testing.assert_array_equal(np.sign(after), np.sign(kernel))
    for unit in range(3):
        if activity[unit] < target:
            assert (after[:, unit] >= kernel[:, unit]).all()
        if activity[unit] > target:
            assert (after[:, unit] <= kernel[:, unit]).all()


def test_scaling_wakes_silent_units_and_quietens_loud_ones_in_training():
    x = np.random.default_rng(0).random((512, 10)).astype(np.float32)

    def duties(callbacks):
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Dense(20, name="dense"), KWinners(4, boost=0.0, period=256, name="winners")]
        model = keras.Sequential([keras.Input((10,)), *layers])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        model.fit(x, np.zeros((512, 20)), epochs=8, batch_size=32, verbose=0, callbacks=callbacks)
        return tf.convert_to_tensor(model.get_layer("winners").duty).numpy()

    alone, helped = duties([]), duties([SynapticScaling("dense", "winners", rate=0.05, every=1)])
    assert (alone == 0).sum() > 3 * (helped < 0.01).sum()
    assert np.abs(helped - 0.2).mean() < 0.5 * np.abs(alone - 0.2).mean()


def test_wrong_settings_are_told():
    with pytest.raises(InputError, match="expected mining 'hard' or 'all', got 'soft'"):
        TripletLoss(mining="soft")
    with pytest.raises(InputError, match="expected a target activity above 0, got 0"):
        scaled(np.ones((2, 2)), np.ones(2), 0.0, 0.1)
    with pytest.raises(InputError, match="expected a rate above 0 and steps of at least 1 batch"):
        SynapticScaling("a", "b", rate=0)

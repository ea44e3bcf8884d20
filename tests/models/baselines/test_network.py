"""The baselines with a network, each against a slow plain version, and their order on real tasks."""

import numpy as np
import pytest
import tensorflow as tf

from indeependence import evaluate, load_dataset, split_tasks
from indeependence.models.baselines.ewc import ElasticWeights, fisher_diagonal
from indeependence.models.baselines.fine_tuning import FineTuning
from indeependence.models.baselines.joint import JointTraining
from indeependence.models.baselines.losses import labelled
from indeependence.models.baselines.memory import scaled
from indeependence.models.baselines.network import Network
from indeependence.models.baselines.replay import Replay

pytestmark = pytest.mark.slow  # seconds, or many of them

ALL = np.ones(3, bool)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture
def rows():
    return np.random.default_rng(0).integers(0, 256, (30, 5), np.uint8)


def two_tasks(model, rows):
    model.restart(rows)
    model.learn([(rows[:15], np.array([0, 1, 0] * 5))])
    return model.learn([(rows[15:], np.array([2, 2, 2] * 5))])


def test_the_fisher_information_is_that_of_every_example_and_label_one_by_one(rows):
    net = Network(5, 4, 3, rate=0.1, seed=0)
    seen = np.array([True, True, False])
    sums = [np.zeros_like(weights) for weights in net.parameters]
    for row in rows:
        for label in (0, 1):
            with tf.GradientTape() as tape:
                chances = tf.nn.log_softmax(net.model(scaled(row[None]))[:, :2])
                logarithm = chances[0, label]
            share = float(tf.exp(logarithm))
            for total, slope in zip(sums, tape.gradient(logarithm, net.model.trainable_variables), strict=True):
                total += share * np.asarray(slope) ** 2 / len(rows)
    for found, expected in zip(fisher_diagonal(net.parameters, rows, seen), sums, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
        assert expected.any()


def test_the_pull_is_the_gradient_of_the_penalties_of_all_tasks(rows, monkeypatch):
    model = ElasticWeights([0, 1, 2], hidden=4, steps=3)
    marks = []  # Fisher information and weights at the end of each task
    learn = model._learn_task

    def remembered(codes, columns):
        learn(codes, columns)
        marks.append((fisher_diagonal(model.net.parameters, codes, model._seen), model.net.parameters))

    monkeypatch.setattr(model, "_learn_task", remembered)
    two_tasks(model, rows)
    now = [weights + 0.1 for weights in model.net.parameters]

    def penalty(part, moved):
        return 0.5 * sum(np.sum(F[part] * (moved - at[part]) ** 2, dtype=np.float64) for F, at in marks)

    for part, weights in enumerate(now):
        step = np.zeros_like(weights)
        step.flat[1] = 0.05
        numeric = (penalty(part, weights + step) - penalty(part, weights - step)) / 0.1
        slope = model.information[part] * weights - model.anchors[part]
        np.testing.assert_allclose(slope.flat[1], numeric, rtol=1e-3, atol=1e-7)


def test_a_step_goes_down_the_loss_and_the_pull_together(rows):
    columns = np.zeros(30, np.int32)
    held = Network(5, 4, 3, rate=1e-3, seed=0)
    before = held.parameters
    pull = [np.full_like(array, 1e6) for array in before] + [1e6 * array for array in before]
    for _ in range(50):
        held.step(labelled(rows, columns, ALL), pull=pull)
    free = Network(5, 4, 3, rate=1e-3, seed=0)
    for _ in range(50):
        free.step(labelled(rows, columns, ALL))
    moved = [max(np.abs(a - b).max() for a, b in zip(net.parameters, before, strict=True)) for net in (held, free)]
    assert moved[0] < 0.3 * moved[1]
    assert free.scores(rows).argmax(1).tolist().count(0) > 20


def test_labels_not_seen_yet_get_no_gradient(rows):
    net = Network(5, 4, 3, rate=1e-2, seed=0)
    before = net.parameters
    net.step(labelled(rows, np.zeros(30, np.int32), np.array([True, True, False])))
    changed = (net.parameters[2] != before[2]).any(0)
    assert changed.tolist() == [True, True, False]


def test_replay_stores_true_examples_with_their_own_labels_and_no_more(rows):
    model = two_tasks(Replay([0, 1, 2], examples=12, hidden=4, steps=2), rows)
    labels = {row.tobytes(): label for row, label in zip(rows, [0, 1, 0] * 5 + [2] * 15, strict=True)}
    assert model.stored_examples == 12 and model.buffer.count == 30
    assert len({codes.tobytes() for codes in model.buffer.codes}) == 12
    for codes, column in zip(model.buffer.codes, model.buffer.columns, strict=True):
        assert labels[codes.tobytes()] == column
    assert model.moments_.nbytes == sum(array.nbytes for array in model.net.parameters) + 12 * (5 + 4)


def test_a_buffer_larger_than_the_data_holds_all_of_it(rows):
    model = two_tasks(Replay([0, 1, 2], examples=100, hidden=4, steps=2), rows)
    np.testing.assert_array_equal(model.buffer.codes, rows)


def test_replay_puts_stored_examples_into_every_batch(rows, monkeypatch):
    model = Replay([0, 1, 2], examples=12, hidden=4, steps=3, batch=8).restart(rows)
    model.learn([(rows[:15], np.array([0, 1, 0] * 5))])
    batches = []
    monkeypatch.setattr(model.net, "step", lambda term: batches.append(term.targets[0]))
    model.learn([(rows[15:], np.array([2] * 15))])
    assert [len(columns) for columns in batches] == [16] * 3
    assert all((columns[:8] == 2).all() and (columns[8:] < 2).all() for columns in batches)


def test_networks_forget_unless_examples_are_stored(digits):
    scenario, labels = split_tasks(digits, tasks=5), digits.classes.tolist()
    options = {"hidden": 64, "steps": 60, "random_state": 1}
    reached = {
        kind.__name__: evaluate(scenario, kind(labels, **options)).average_accuracy
        for kind in (FineTuning, ElasticWeights, Replay, JointTraining)
    }
    assert reached["FineTuning"] < 0.25 and reached["ElasticWeights"] < 0.4  # about one task of five
    assert reached["Replay"] > 0.85 and reached["JointTraining"] > 0.93


def test_equal_seeds_give_equal_networks(rows):
    prints = [two_tasks(Replay([0, 1, 2], hidden=4, steps=5, random_state=s), rows).moments_ for s in (0, 0, 1)]
    assert prints[0].fingerprint == prints[1].fingerprint != prints[2].fingerprint

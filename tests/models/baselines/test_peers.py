"""Rules of other methods, each against its paper's formula, written out slowly."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from indeependence.errors import InputError
from indeependence.models.baselines.agem import AveragedGradientMemory, projected
from indeependence.models.baselines.buffer import herded
from indeependence.models.baselines.deep_slda import DeepSLDA, discriminants, streamed
from indeependence.models.baselines.derpp import DarkExperience
from indeependence.models.baselines.ewc import ElasticWeights, fisher_diagonal, fisher_drawn
from indeependence.models.baselines.icarl import ICaRL, unit
from indeependence.models.baselines.losses import binary_cross_entropy, distillation, labelled, mask_of
from indeependence.models.baselines.lwf import WithoutForgetting
from indeependence.models.baselines.memory import scaled
from indeependence.models.baselines.network import Network
from indeependence.models.baselines.ranpac import PENALTIES, RanPAC, best_penalty
from indeependence.models.baselines.si import SynapticIntelligence, importance
from indeependence.moments.scores import softmax

pytestmark = pytest.mark.slow  # TensorFlow loads
RNG = np.random.default_rng(0)
ROWS = RNG.integers(0, 256, (30, 5), np.uint8)
FIRST, SECOND = [(ROWS[:15], np.array([0, 1, 0] * 5))], [(ROWS[15:], np.array([2, 2, 1] * 5))]
SMALL = {"hidden": 4, "steps": 3, "batch": 8}
ROW = st.lists(st.floats(-3, 3).map(lambda value: round(value, 2)), min_size=4, max_size=4).map(np.array)


def taught(kind, **options):
    """Return a learner of three labels after its first task."""
    return kind([0, 1, 2], **SMALL, **options).restart(ROWS).learn(FIRST)


def steps_of(model, monkeypatch):
    """Let the second task be learned, and return the terms of each step; the network stays as it is."""
    taken = []
    monkeypatch.setattr(model.net, "step", lambda *terms: taken.append(terms))
    model.learn(SECOND)
    return taken


def test_distillation_is_cross_entropy_of_probabilities_to_the_power_of_one_over_t():
    now, before, temperature = RNG.normal(size=(6, 3)), RNG.normal(size=(6, 3)), 2.0
    old = np.array([True, True, False])
    powers = [softmax(scores[:, old]) ** (1 / temperature) for scores in (before, now)]
    p, q = (power / power.sum(1, keepdims=True) for power in powers)
    found = distillation(now.astype(np.float32), before.astype(np.float32), mask_of(old), np.float32(temperature))
    assert float(found) == pytest.approx(-np.mean(np.sum(p * np.log(q), 1)), rel=1e-5)


def test_lwf_holds_the_scores_of_before_the_task_for_old_labels_and_lets_the_tasks_labels_compete(monkeypatch):
    model = taught(WithoutForgetting, strength=3.0)
    for new, old in steps_of(model, monkeypatch):
        assert new.targets[1].tolist() == mask_of(np.array([False, True, True])).tolist()
        assert old.targets[1].tolist() == mask_of(np.array([True, True, False])).tolist() and old.weight == 3
        np.testing.assert_allclose(old.targets[0], model.net.scores(old.codes), atol=1e-5)
    assert model.stored_examples == 0 and not model.moments_.statistics


def test_synaptic_importance_is_the_path_integral_of_each_step(monkeypatch):
    model = SynapticIntelligence([0, 1, 2], damping=0.2, **SMALL).restart(ROWS)
    path, start = [0.0] * 4, model.net.parameters
    apply, slopes = model.net.apply, model.net.slopes

    def watched(given):
        [term] = terms.pop()
        with tf.GradientTape() as tape:
            scores = model.net.model(scaled(term.codes))[:, :2]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(term.targets[0], scores))
        gradients = [np.asarray(slope) for slope in tape.gradient(loss, model.net.model.trainable_variables)]
        before = model.net.parameters
        apply(given)
        for part, (slope, new, old) in enumerate(zip(gradients, model.net.parameters, before, strict=True)):
            path[part] = path[part] - slope * (new - old)

    terms = []
    monkeypatch.setattr(model.net, "slopes", lambda *given: (terms.append(given), slopes(*given))[1])
    monkeypatch.setattr(model.net, "apply", watched)
    model.learn(FIRST)
    for found, fell, end, begin in zip(model.importance, path, model.net.parameters, start, strict=True):
        np.testing.assert_allclose(found, np.maximum(fell, 0) / ((end - begin) ** 2 + 0.2), rtol=1e-3, atol=1e-7)
    assert importance(np.array(-1.0), np.array(0.0), 0.1) == 0 and any(part.any() for part in model.importance)


def test_the_pull_of_si_is_the_gradient_of_its_penalty(monkeypatch):
    model = taught(SynapticIntelligence, strength=50.0)
    monkeypatch.setattr(model.net, "slopes", lambda term: [np.zeros_like(part) for part in model.anchors])
    moved = [part + np.float32(0.01) for part in model.anchors]
    monkeypatch.setattr(Network, "parameters", property(lambda net: tuple(moved)))
    given = []
    monkeypatch.setattr(model.net, "apply", given.append)
    importances, anchors = model.importance, model.anchors
    model.learn(SECOND)

    def penalty(part, weights):
        return 50.0 * np.sum(importances[part] * (weights - anchors[part]).astype(np.float64) ** 2)

    for part, weights in enumerate(moved):
        step = np.zeros_like(weights)
        step.flat[0] = 0.01
        numeric = (penalty(part, weights + step) - penalty(part, weights - step)) / 0.02
        np.testing.assert_allclose(given[0][part].flat[0], numeric, rtol=1e-3, atol=1e-6)


@given(ROW, ROW)
def test_a_projected_gradient_is_the_nearest_one_that_harms_no_stored_example(slope, reference):
    found = projected((slope[:2], slope[2:]), (reference[:2], reference[2:]))
    product = float(slope @ reference)
    change = np.concatenate(found) - slope
    if product >= 0:
        assert not change.any()
    else:  # it lies on the border, and the way to it is along the reference: so none that is allowed is nearer
        assert np.concatenate(found) @ reference == pytest.approx(0, abs=1e-6)
        np.testing.assert_allclose(change * (reference @ reference), -product * reference, atol=1e-6)


def test_a_gem_compares_with_stored_examples_of_earlier_tasks(monkeypatch):
    model = taught(AveragedGradientMemory, examples=6)
    stored, asked = {codes.tobytes() for codes in model.buffer.codes}, []
    slopes = model.net.slopes
    monkeypatch.setattr(model.net, "slopes", lambda term: (asked.append(term.codes), slopes(term))[1])
    model.learn(SECOND)
    assert {row.tobytes() for codes in asked[::2] for row in codes} <= stored and len(asked) == 2 * SMALL["steps"]
    assert model.stored_examples == 6


def test_dark_experience_adds_old_scores_and_labels_of_stored_examples(monkeypatch):
    model = taught(DarkExperience, examples=6, alpha=0.3, beta=0.7)
    (new, dark, clear), *_ = steps_of(model, monkeypatch)
    scores = {part: model.net.scores(part.codes) for part in (new, dark, clear)}

    def entropy(term):
        return -np.mean(np.log(softmax(scores[term] + term.targets[1]))[np.arange(8), term.targets[0]])

    distance = np.mean(np.sum((scores[dark] - dark.targets[0]) ** 2, 1))
    expected = entropy(new) + 0.3 * distance + 0.7 * entropy(clear)
    found = sum(term.weight * float(term.loss(scores[term], *term.targets)) for term in (new, dark, clear))
    assert found == pytest.approx(expected, rel=1e-4) and distance > 0


def test_dark_experience_stores_the_scores_of_the_moment(monkeypatch):
    model = DarkExperience([0, 1, 2], examples=40, **SMALL).restart(ROWS)
    told = []
    scores = model.net.scores
    monkeypatch.setattr(model.net, "scores", lambda codes: (told.append(scores(codes)), told[-1])[1])
    model.learn(FIRST)
    np.testing.assert_array_equal(model.buffer.scores, np.concatenate(told))
    assert model.moments_.nbytes == sum(part.nbytes for part in model.net.parameters) + 24 * (5 + 4 + 3 * 4)


@settings(max_examples=15)
@given(st.integers(0, 2**16), st.integers(1, 9))
def test_herding_takes_what_brings_the_mean_nearest_one_after_another(seed, count):
    features = np.random.default_rng(seed).normal(size=(8, 3))
    chosen = []
    for _ in range(min(count, 8)):
        left = [row for row in range(8) if row not in chosen]
        away = [np.linalg.norm(features.mean(0) - features[[*chosen, row]].mean(0)) for row in left]
        chosen.append(left[int(np.argmin(away))])
    assert herded(features, count).tolist() == chosen


def test_icarl_learns_old_labels_from_what_it_said_and_new_ones_from_theirs(monkeypatch):
    model = ICaRL([0, 1, 2], examples=6, **SMALL).restart(ROWS).learn(FIRST)
    kept = model.buffer
    both = {row.tobytes(): column for row, column in zip(kept.codes, kept.columns, strict=True)}
    both |= {row.tobytes(): column for row, column in zip(*SECOND[0], strict=True)}
    (term,), *_ = steps_of(model, monkeypatch)
    scores = model.net.scores(term.codes)
    np.testing.assert_allclose(term.targets[0][:, :2], 1 / (1 + np.exp(-scores[:, :2])), atol=1e-6)
    assert term.targets[0][:, 2].tolist() == [float(both[row.tobytes()] == 2) for row in term.codes]
    odds, shares = 1 / (1 + np.exp(-scores)), term.targets[0]
    expected = -np.mean(np.sum(shares * np.log(odds) + (1 - shares) * np.log(1 - odds), 1))
    assert float(binary_cross_entropy(scores, *term.targets)) == pytest.approx(expected, rel=1e-4)


def test_icarl_keeps_equal_shares_in_order_and_names_the_nearest_mean():
    model = ICaRL([0, 1, 2], examples=6, **SMALL).restart(ROWS).learn(FIRST)
    before = model.buffer
    assert before.columns.tolist() == [0, 0, 0, 1, 1, 1]
    model.learn(SECOND)
    assert model.buffer.columns.tolist() == [0, 0, 1, 1, 2, 2]
    np.testing.assert_array_equal(model.buffer.codes[:4], before.codes[[0, 1, 3, 4]])
    features, stored = unit(model.net.features(ROWS)), unit(model.net.features(model.buffer.codes))
    means = [unit(stored[2 * label : 2 * label + 2].mean(0)) for label in range(3)]
    nearest = [min(range(3), key=lambda label: np.linalg.norm(row - means[label])) for row in features]
    assert model.weights.scores(ROWS).argmax(1).tolist() == nearest


@settings(max_examples=15)
@given(st.integers(0, 2**16), st.integers(0, 20))
def test_streamed_covariance_is_that_of_one_example_after_another_however_it_is_cut(seed, cut):
    rng = np.random.default_rng(seed)
    features, columns = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
    counts, means, covariance = np.zeros(3), np.zeros((3, 4)), np.zeros((4, 4))
    for t, (z, c) in enumerate(zip(features, columns, strict=True)):
        change = t / (t + 1) * np.outer(z - means[c], z - means[c])
        covariance = (t * covariance + change) / (t + 1)
        means[c] += (z - means[c]) / (counts[c] + 1)
        counts[c] += 1
    found = np.zeros(3), np.zeros((3, 4)), np.zeros((4, 4))
    for part in (slice(0, cut), slice(cut, 20)):
        if len(columns[part]):
            found = streamed(*found, features[part], columns[part])
    for one, other in zip(found, (counts, means, covariance), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)
    inverse = np.linalg.inv(0.9 * covariance + 0.1 * np.eye(4))
    slopes, offsets = discriminants(means, covariance, 0.1)
    np.testing.assert_allclose(slopes, inverse @ means.T, atol=1e-8)
    np.testing.assert_allclose(offsets, [-m @ inverse @ m / 2 for m in means], atol=1e-8)


def test_the_network_of_deep_slda_is_frozen_after_the_first_task():
    model = taught(DeepSLDA)
    before = model.net.parameters
    model.learn(SECOND)
    for one, other in zip(model.net.parameters, before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert model.counts.sum() == 30 and model.weights.labels == (0, 1, 2)


def test_ranpac_solves_ridge_of_all_tasks_with_the_penalty_of_the_newest():
    model = RanPAC([0, 1, 2], directions=12).restart(ROWS).learn(FIRST).learn(SECOND)
    features = np.maximum(scaled(ROWS) @ model.projection, 0).astype(float)
    targets = np.eye(3)[[0, 1, 0] * 5 + [2, 2, 1] * 5]
    solved = np.linalg.solve(features.T @ features + model.penalty * np.eye(12), features.T @ targets)
    np.testing.assert_allclose(model.weights.scores(ROWS), features @ solved, rtol=1e-5, atol=1e-7)
    assert model.penalty in PENALTIES and len(PENALTIES) == 17 and model.projection.std() == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("count", [20, 60])  # fewer rows than features, and more
def test_the_penalty_of_ranpac_is_the_best_of_17_on_the_last_fifth(count):
    features = RNG.normal(size=(count, 30))
    targets = np.eye(2)[(features[:, 0] + RNG.normal(size=count) > 0).astype(int)]
    cut = 4 * count // 5
    learned = features[:cut]
    errors = []
    for penalty in PENALTIES:
        solved = np.linalg.solve(learned.T @ learned + penalty * np.eye(30), learned.T @ targets[:cut])
        errors.append(np.mean((features[cut:] @ solved - targets[cut:]) ** 2))
    assert best_penalty(features, targets) == PENALTIES[int(np.argmin(errors))]


def test_drawn_information_is_on_average_the_exact_one():
    net, seen = Network(5, 3, 3, rate=0.1, seed=0), np.array([True, True, False])
    many = np.repeat(ROWS[:5], 80, axis=0)
    drawn = fisher_drawn(net, many, seen, np.random.default_rng(1))
    for found, expected in zip(drawn, fisher_diagonal(net.parameters, ROWS[:5], seen), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0.3, atol=0.03 * expected.max())


def test_convolutions_learn_pictures_and_refuse_what_is_none():
    pictures = np.zeros((40, 6, 6), np.uint8)
    pictures[::2, 1:3, 1:3], pictures[1::2, 3:5, 3:5] = 255, 255
    labels = np.array([0, 1] * 20)
    model = ElasticWeights([0, 1], network="conv", hidden=8, steps=60, rate=0.01).restart(pictures)
    model.learn([(pictures, labels)])
    assert np.mean(model.weights.scores(model.encoder_(pictures)).argmax(1) == labels) == 1
    assert [part.shape for part in model.net.parameters[::2]] == [
        *((5, 5, 1, 16), (3, 3, 16, 32), (2 * 2 * 32, 8), (8, 2)),
    ]
    with pytest.raises(
        InputError, match="network=conv: expected pictures of 4 pixels or more, got inputs of 5: network=dense"
    ):
        ElasticWeights([0, 1], network="conv").restart(ROWS)


def test_terms_add_up_with_their_weights():
    net = Network(5, 4, 3, rate=0.1, seed=0)
    among, columns = np.array([True] * 3), np.zeros(30, np.int32)
    one, both = labelled(ROWS, columns, among), labelled(ROWS, columns, among, 2.0)
    for single, summed in zip(net.slopes(one), net.slopes(one, both), strict=True):
        np.testing.assert_allclose(3 * single, summed, atol=1e-6)

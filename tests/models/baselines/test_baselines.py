"""The baselines, against slow plain versions and against what their papers promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB

from indeependence import evaluate, load_dataset, split_tasks
from indeependence.models.baselines.buffer import reservoir
from indeependence.models.baselines.memory import Kept, scaled
from indeependence.models.baselines.scikit import gradient_steps, naive_bayes
from indeependence.models.baselines.streaming_lda import StreamingLDA
from indeependence.models.readout import predict


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def answers(model, inputs):
    return predict(model.weights, model.encoder_(inputs))


@settings(max_examples=10)
@given(st.integers(0, 2**16), st.integers(1, 60))
def test_streaming_lda_is_that_of_scikit_learn_however_the_rows_are_cut(seed, cut):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, 60)
    rows = (rng.integers(0, 100, (60, 5)) + 50 * labels[:, None]).astype(np.uint8)
    model = StreamingLDA(shrinkage=0.1).restart(rows).learn([(rows[:cut], labels[:cut])])
    model.learn([(rows[cut:], labels[cut:])])
    known = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1).fit(rows.astype(float), labels)
    np.testing.assert_array_equal(model.weights.labels, known.classes_)
    found, expected = model.weights.scores(rows), known.decision_function(rows.astype(float))
    np.testing.assert_allclose(found - found[:, :1], expected - expected[:, :1], atol=1e-8)


def test_streaming_lda_stands_constant_pixels_and_single_examples():
    rows = np.zeros((2, 4), np.uint8)
    model = StreamingLDA().restart(rows).learn([(rows, np.array(["a", "b"]))])
    assert np.isfinite(model.weights.scores(rows)).all()


def test_naive_bayes_task_by_task_is_that_on_all_at_once(digits):
    scenario = split_tasks(digits, tasks=5)
    model = naive_bayes(digits.classes.tolist()).restart(scenario.train[0].arrays()[0])
    for part in scenario.train:
        model.learn(part.batches(50))
    flat = [scaled(x).reshape(len(x), -1) for x in (digits.x_train, digits.x_test)]
    known = GaussianNB(var_smoothing=0.01).fit(flat[0], digits.y_train)
    assert np.mean(answers(model, digits.x_test) == known.predict(flat[1])) > 0.98  # smoothing differs a little
    assert model.moments_.nbytes == sum(getattr(known, name).nbytes for name in ("theta_", "var_", "class_count_"))


def test_gradient_steps_forget_and_never_name_a_label_that_has_not_come(digits):
    scenario = split_tasks(digits, tasks=5)
    model = gradient_steps(digits.classes.tolist()).restart(scenario.train[0].arrays()[0])
    model.learn(scenario.train[0].batches(100))
    assert set(answers(model, digits.x_test)) == {0, 1}
    assert evaluate(scenario, gradient_steps(digits.classes.tolist())).forgetting > 0.8


def test_each_example_of_a_stream_is_equally_likely_in_the_reservoir():
    rng, size, total = np.random.default_rng(0), 3, 12
    counts = np.zeros(total)
    for _ in range(4000):
        buffer = list(range(size))
        for start, count in ((3, 4), (7, 5)):
            for place, number in reservoir(start, count, size, rng):
                buffer[place] = number
        assert len(set(buffer)) == size
        counts[buffer] += 1
    assert chisquare(counts).pvalue > 0.001


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_what_is_kept_knows_its_bytes_and_tells_every_change(sizes):
    arrays = tuple(np.ones(size, np.float32) for size in sizes)
    kept = Kept(arrays, statistics=arrays[:1])
    assert kept.nbytes == 4 * (sum(sizes) + sizes[0])
    assert kept.fingerprint == Kept(arrays, statistics=arrays[:1]).fingerprint != Kept(arrays).fingerprint

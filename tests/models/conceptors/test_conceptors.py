"""Conceptors: the laws of their algebra, and a perceptron that keeps what it has learned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence import evaluate, load_dataset, permuted_tasks, split_tasks
from indeependence.errors import InputError
from indeependence.models.conceptors.algebra import conceptor, negation, quota
from indeependence.models.conceptors.learner import ConceptorPerceptron
from indeependence.models.conceptors.perceptron import States, learn_task, start, with_one


@st.composite
def moments(draw, size=4):
    """A second moment [4, 4] of full rank, of moderate condition."""
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    states = rng.standard_normal((20, size)) * np.geomspace(1, 4, size)
    return states.T @ states / 20


@given(moments(), st.floats(0.1, 10))
def test_a_larger_aperture_uses_more_and_not_is_its_own_inverse(R, aperture):
    C = conceptor(R, aperture)
    values = np.linalg.eigvalsh(C)
    assert values.min() >= -1e-9 and values.max() <= 1 + 1e-9
    assert quota(conceptor(R, 2 * aperture)) >= quota(C)
    np.testing.assert_allclose(negation(negation(C)), C, atol=1e-12)
    assert quota(negation(C)) == pytest.approx(1 - quota(C))


@given(moments())
def test_a_conceptor_minimises_its_objective(R):
    # Jaeger 2014: E ‖x - C x‖² + α⁻² ‖C‖²
    def cost(C):
        left = np.eye(4) - C
        return np.trace(left @ R @ left.T) + np.sum(C**2) / 4

    best = conceptor(R, 2.0)
    rng = np.random.default_rng(0)
    assert all(cost(best) <= cost(best + 0.1 * rng.standard_normal((4, 4))) for _ in range(10))


def test_steps_in_the_free_space_leave_old_answers_as_they_were():
    rng = np.random.default_rng(0)
    old, new = np.zeros((50, 8)), np.zeros((50, 8))
    old[:, :3], new[:, 3:] = rng.random((50, 3)), rng.random((50, 5))
    targets = np.eye(2, dtype=np.float32)[rng.integers(0, 2, 50)]
    net = start(8, 6, 2, rng)
    net = learn_task(net, States.empty(8, 6).free(1), with_one(old), targets, rng, steps=40, rate=0.5)
    free = States.empty(8, 6).learn(net, with_one(old)).free(50, (1e4, 1e4))
    after = learn_task(net, free, with_one(new), targets, rng, steps=40, rate=0.5)
    np.testing.assert_allclose(after.scores(with_one(old)), net.scores(with_one(old)), atol=1e-3)
    assert np.abs(after.first - net.first).max() > 1e-3


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.mark.parametrize("make", [split_tasks, permuted_tasks])
def test_conceptors_forget_less_than_plain_gradient_descent(digits, make):
    scenario = make(digits, tasks=3)
    labels = sorted({label for part in scenario.train for label in part.classes.tolist()})
    told = {aided: evaluate(scenario, ConceptorPerceptron(labels, conceptors=aided)) for aided in (True, False)}
    assert told[True].average_accuracy > told[False].average_accuracy + 0.05
    assert told[True].forgetting < told[False].forgetting
    assert told[True].stored_examples == 0 and told[True].statistics_bytes > 0


def test_the_used_space_grows_with_every_task(digits):
    model = ConceptorPerceptron(range(10)).restart(digits.x_train)
    shares = []
    for task in split_tasks(digits, tasks=5).train:
        model.learn([task.arrays()])
        shares.append(model.used[0])
    assert shares == sorted(shares)
    with pytest.raises(InputError, match="expected labels among 0, 1, .*, got 12"):
        model.learn([(digits.x_train[:1], np.array([12]))])


def test_evaluate_runs_conceptors(ask):
    told = ask("evaluate", "--kind", "conceptor", "--tasks", 2, "--output", "out")
    assert told["average_accuracy"] > 0.5 and told["encoder"] == "perceptron of 100 hidden units"

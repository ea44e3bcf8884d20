"""Inference over the top code, by every way."""

import numpy as np
import pytest

from indeependence import Autoencoder
from indeependence.models.autoencoder.inference import Problem, by_patterns, by_steps, errors, gradient
from indeependence.models.autoencoder.layout import whole_rows
from tests.models.autoencoder.conftest import ONE_HOT


def accuracy(model, dataset, **how):
    return np.mean(model.infer(dataset.x_test, **how).targets.argmax(1) == dataset.y_test)


def problem_of(model, dataset, count=20):
    rows = whole_rows(model.layout, dataset.x_test[:count], np.zeros((count, 10)))
    known = np.ones(rows.shape, bool)
    known[:, model.layout.targets] = False
    start = model.tied.values(np.where(known, rows, model.tied.fill))
    return Problem(model.tied, rows.astype(np.float32), known), start


def test_the_gradient_is_that_of_finite_differences(digits, learned):
    problem, start = problem_of(learned, digits, 5)
    slope = 2 * gradient(problem, errors(problem, start))
    direction = np.random.default_rng(0).standard_normal(start.shape).astype(np.float32)
    sides = errors(problem, start).sides
    step = 0.5
    ahead, behind = (errors(problem, start + sign * step * direction, sides).squared for sign in (1, -1))
    np.testing.assert_allclose((ahead - behind) / (2 * step), np.sum(slope * direction, 1), rtol=0.02, atol=2e-4)


def test_one_layer_is_solved_as_by_least_squares(digits):
    targets = ONE_HOT[digits.y_train]
    model = Autoencoder(64, 10, (20,), frozen=True).bootstrap(digits.x_train, targets)
    problem, start = problem_of(model, digits)
    values = by_patterns(problem, start, steps=100)
    seen, decoder = slice(0, 64), model.tied.decoders[0][:, :64]
    wanted = (problem.rows - model.tied.centres[0])[:, seen]
    expected = np.linalg.lstsq(decoder.T.astype(float), wanted.T, rcond=None)[0].T
    np.testing.assert_allclose(values, expected, atol=0.5)


def test_patterns_and_least_squares_end_about_as_low_as_adam(digits, learned):
    problem, start = problem_of(learned, digits)
    closed, stepped = by_patterns(problem, start), by_steps(problem, start, steps=200)
    first, by_closed, by_adam = (errors(problem, values).squared.mean() for values in (start, closed, stepped))
    assert by_closed < 1.02 * by_adam < 0.9 * first


@pytest.mark.parametrize("method", ["closed", "adam"])
def test_labels_can_be_inferred_over_the_top_code(digits, method):
    targets = ONE_HOT[digits.y_train]
    model = Autoencoder(64, 10, (15,), frozen=True).bootstrap(digits.x_train, targets)
    assert accuracy(model, digits, method=method, steps=100) > 0.85


def test_the_conditional_mean_tells_labels_best(digits, learned):
    assert accuracy(learned, digits) > 0.93


def test_a_batch_is_answered_as_its_examples_one_by_one(digits, learned):
    x = digits.x_test[:6]
    for method in ("mean", "closed"):
        whole = learned.infer(x, method=method, steps=24).targets
        apart = np.vstack([learned.infer(x[[i]], method=method, steps=24).targets for i in range(6)])
        np.testing.assert_allclose(whole, apart, atol=0.02)

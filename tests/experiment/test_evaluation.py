"""The loop over tasks."""

import numpy as np
import pytest

from indeependence import ContinualClassifier, evaluate, load_dataset, permuted_tasks, split_tasks
from indeependence.data.scenarios import noisy_tasks, rotated_tasks, stream_tasks
from indeependence.experiment import evaluation as module
from indeependence.experiment.answers import MISTAKES

pytestmark = pytest.mark.slow  # seconds, or many of them

LAYERS = "patches:8:size=3:pool=2:stride=2,+sparse:40"


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def run(scenario, layers=LAYERS, **parameters):
    return evaluate(scenario, ContinualClassifier(layers, **parameters))


def test_classes_not_yet_learned_score_nothing_and_learned_ones_are_kept(digits):
    result = run(split_tasks(digits, tasks=5))
    matrix = result.accuracy_matrix
    assert not np.triu(matrix, 1).any()
    assert (matrix[np.tril_indices(5)] > 0.9).all()
    assert result.forgetting < 0.05 and result.stored_examples == 0


def test_any_class_order_ends_with_the_same_sums_and_accuracies(digits):
    encoder = ContinualClassifier(LAYERS).bootstrap(digits.x_train[digits.y_train < 2]).encoder_
    results = [
        evaluate(split_tasks(digits, tasks=5, class_order=order, seed=seed), ContinualClassifier().start(encoder))
        for seed, order in enumerate([range(10), range(9, -1, -1), [3, 1, 4, 5, 9, 2, 6, 8, 7, 0]])
    ]
    assert len({result.model_sha256 for result in results}) == 1
    assert len({tuple(result.per_class_accuracy) for result in results}) == 1


def test_the_encoder_sees_the_first_task_only(digits):
    first = split_tasks(digits, tasks=5)
    other_rows = digits.y_train > 1
    changed = digits.x_train.copy()
    changed[other_rows] = 255 - changed[other_rows]
    altered = type(digits)(digits.name, changed, digits.y_train, digits.x_test, digits.y_test)
    one, other = run(first), run(split_tasks(altered, tasks=5))
    assert one.encoder_sha256 == other.encoder_sha256
    assert one.model_sha256 != other.model_sha256
    np.testing.assert_array_equal(one.accuracy_matrix[0], other.accuracy_matrix[0])


def test_knowing_the_task_can_only_help(digits):
    unknown, known = (run(split_tasks(digits, tasks=5, setting=setting), "inputs") for setting in ("class", "task"))
    assert known.average_accuracy > unknown.average_accuracy + 0.02
    np.testing.assert_array_equal(known.baseline, 0.5)
    np.testing.assert_array_equal(unknown.baseline, 0)


@pytest.mark.parametrize(
    ("make", "least"),
    [
        (lambda digits: split_tasks(digits, tasks=5, setting="domain"), 0.9),
        (lambda digits: rotated_tasks(digits, tasks=2, max_angle=40), 0.9),
        (lambda digits: noisy_tasks(digits, tasks=2, max_noise=0.1), 0.8),
        (lambda digits: noisy_tasks(digits, tasks=2, max_noise=0.1, setting="class"), 0.3),
        (lambda digits: stream_tasks(digits, parts=3), 0.95),
        (lambda digits: stream_tasks(digits, parts=3, order="class"), 0.95),
    ],
)
def test_every_scenario_is_learned(digits, make, least):
    result = run(make(digits))
    assert result.average_accuracy > least
    assert result.confusion.sum() == sum(len(part) for part in make(digits).test)


def test_permuted_tasks_are_learned_as_vectors(digits):
    assert run(permuted_tasks(digits, tasks=2), "auto").average_accuracy > 0.9


def test_a_bootstrapped_model_keeps_its_encoder_and_starts_from_nothing(digits):
    model = ContinualClassifier(LAYERS).fit(digits.x_train, digits.y_train)
    result = evaluate(split_tasks(digits, tasks=5), model)
    assert result.encoder_sha256 == model.encoder_.fingerprint
    assert sum(result.examples_per_task) == model.moments_.count == len(digits.y_train)


def test_test_codes_made_anew_give_the_same_accuracies(digits, monkeypatch):
    kept = run(split_tasks(digits, tasks=5))
    monkeypatch.setattr(module, "CACHE", 0)
    np.testing.assert_array_equal(run(split_tasks(digits, tasks=5)).accuracy_matrix, kept.accuracy_matrix)


def test_mistakes_are_the_wrong_answers_with_their_own_pictures(digits):
    result = run(split_tasks(digits, tasks=5))
    wrong = result.confusion.sum() - np.trace(result.confusion)
    assert len(result.mistakes) == min(wrong, MISTAKES)
    shares = [mistake.confidence for mistake in result.mistakes]
    assert shares == sorted(shares, reverse=True) and 0.1 < shares[-1] < shares[0] < 1
    assert {mistake.measure for mistake in result.mistakes} == {"probability"}
    for mistake in result.mistakes:
        rows = (digits.x_test == mistake.picture).all((1, 2))
        assert mistake.label in digits.y_test[rows] and mistake.predicted != mistake.label


def test_progress_ends_at_the_last_example(digits):
    told = []
    evaluate(split_tasks(digits, tasks=5), ContinualClassifier(LAYERS), watch=lambda *step: told.append(step))
    counts = [(done, total) for what, done, total in told if what == "task 5 of 5: learning 8,9"]
    assert counts[-1][0] == counts[-1][1] > 0

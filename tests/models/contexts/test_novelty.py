"""What is new, and opens a context."""

import numpy as np

from indeependence import ContextualClassifier, ContinualClassifier, evaluate, load_dataset, permuted_tasks, split_tasks
from indeependence.models.contexts.gaussian import InputSums
from indeependence.models.contexts.novelty import LEAST, is_new, place_of
from tests.models.contexts.tasks_made_up import D, learned, task_of


def test_a_batch_is_new_only_if_each_row_of_it_is():
    known = [InputSums.empty(D).learn(task_of(kind)[0]) for kind in (0, 1)]
    new_rows, old_rows = task_of(2)[0], task_of(1, seed=1)[0]
    assert is_new(new_rows, known) and place_of(new_rows, known) == 2
    assert not is_new(old_rows, known) and place_of(old_rows, known) == 1
    assert not is_new(np.vstack([new_rows, old_rows[:1]]), known)
    assert not is_new(new_rows[: LEAST - 1], known) and is_new(new_rows[:1], [])


def test_auto_opens_a_context_for_each_permutation_and_none_for_new_classes():
    digits = load_dataset("digits")
    permuted = ContextualClassifier(contexts="auto", layers="drawn:40")
    evaluate(permuted_tasks(digits, tasks=4), permuted, measure="own")
    assert len(permuted.moments_.parts) == 4
    split, plain = ContextualClassifier("sparse:60", contexts="auto"), ContinualClassifier("sparse:60")
    scenario = split_tasks(digits, tasks=5)
    evaluate(scenario, split)
    assert len(split.moments_.parts) == 1
    sample = scenario.train[0].arrays()[0]
    plain.start(split.moments_.parts[0].encoder)
    for task in scenario.train:
        plain.partial_fit(*task.arrays())
    assert split.moments_.parts[0].sums.fingerprint == plain.moments_.fingerprint
    np.testing.assert_array_equal(split.predict(sample), plain.predict(sample))
    np.testing.assert_array_equal(split.predict_proba(sample), plain.predict_proba(sample))


def test_auto_returns_to_a_context_it_knows():
    model = learned(0, 1, contexts="auto")
    model.partial_fit(*task_of(0, seed=1))
    assert [part.inputs.count for part in model.moments_.parts] == [120, 60]

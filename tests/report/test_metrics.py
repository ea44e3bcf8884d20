"""Metrics against hand-checked tables, scikit-learn, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix
from sklearn.metrics import recall_score

from indeependence.errors import InputError
from indeependence.report import metrics

nan = np.nan
quick = settings(derandomize=True, max_examples=60, deadline=None)
fractions = st.floats(0, 1, allow_nan=False, width=32)


def matrices(min_size=1, square=False):
    sizes = st.integers(min_size, 6)
    shapes = sizes.map(lambda n: (n, n)) if square else st.tuples(sizes, sizes)
    return shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=fractions))


# Two or three tasks, numbers that can be checked by hand. b = 0.1 everywhere. None: not defined.
#   R, average accuracy, forgetting, backward transfer, forward transfer, learning accuracy
GOLDEN = {
    "nothing is lost": ([[0.9, 0.0], [0.9, 0.7]], 0.8, 0.0, 0.0, -0.1, 0.8),
    "half of the first task is lost": ([[1.0, 0.0], [0.5, 1.0]], 0.75, 0.5, -0.5, -0.1, 1.0),
    "the first task is lost": ([[1.0, 0.0], [0.0, 1.0]], 0.5, 1.0, -1.0, -0.1, 1.0),
    "the first task gets better": ([[0.6, 0.1], [0.8, 0.8]], 0.8, -0.2, 0.2, 0.0, 0.7),
    "the second task helps itself early": ([[0.8, 0.5], [0.8, 0.9]], 0.85, 0.0, 0.0, 0.4, 0.85),
    "the best lies in the middle": (
        [[0.6, 0.0, 0.0], [0.9, 0.8, 0.3], [0.7, 0.8, 0.9]],
        0.8,
        0.1,
        0.05,
        0.05,
        0.7666666667,
    ),
    "later tasks were not evaluated yet": (
        [[0.9, nan, nan], [0.8, 1.0, nan], [0.6, 0.9, 0.9]],
        0.8,
        0.2,
        -0.2,
        None,
        0.9333333333,
    ),
    "a single task": ([[0.9]], 0.9, 0.0, None, None, 0.9),
    "a stream with one test set": ([[0.5], [0.9], [0.8]], 0.8, 0.1, None, None, None),
    "one part and two test sets": ([[0.5, 0.7]], 0.6, 0.0, None, None, None),
    "two parts and three test sets": ([[0.5, 0.7, 1.0], [0.6, 0.6, 0.6]], 0.6, 0.1333333333, None, None, None),
}


@pytest.mark.parametrize(("R", "average", "lost", "backward", "forward", "learning"), GOLDEN.values(), ids=GOLDEN)
def test_hand_checked_cases(R, average, lost, backward, forward, learning):
    R = np.array(R)
    assert metrics.average_accuracy(R) == pytest.approx(average)
    assert metrics.forgetting(R) == pytest.approx(lost, abs=1e-9)
    for value, expected in [
        (metrics.backward_transfer(R), backward),
        (metrics.forward_transfer(R, np.full(R.shape[1], 0.1)), forward),
        (metrics.learning_accuracy(R), learning),
    ]:
        assert value is None if expected is None else value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("R", "expected"),
    [
        ([[0.9, 0.3], [0.7, 0.5]], (0.9 + 0.6) / 2),
        ([[0.6, nan, nan], [0.9, 0.8, nan], [0.7, 0.8, 0.9]], (0.6 + 0.85 + 0.8) / 3),
        ([[0.6, 0.0], [nan, 0.8], [0.7, 0.8]], None),
        ([[0.6, 0.0, 0.0], [nan, 0.8, 0.3], [0.7, 0.8, 0.9]], None),
        ([[0.5], [0.9], [0.7]], 0.7),
        ([[0.4]], 0.4),
    ],
)
def test_incremental_accuracy_is_the_mean_over_parts_of_the_accuracy_on_what_was_seen(R, expected):
    found = metrics.average_incremental_accuracy(np.array(R))
    assert found is None if expected is None else found == pytest.approx(expected)


def test_the_mean_of_those_seen_leaves_out_later_tasks_and_what_was_not_evaluated():
    square = np.array([[0.8, 0.0, 0.0], [nan, 0.6, 0.9], [0.3, 0.6, 0.9]])
    np.testing.assert_allclose(metrics.accuracy_on_seen(square), [0.8, 0.6, 0.6])
    never = np.array([[nan, 0.5], [0.3, 0.6]])
    np.testing.assert_allclose(metrics.accuracy_on_seen(never), [nan, 0.45])
    stream = np.array([[0.5, 0.7], [0.7, 0.9], [1.0, 1.0]])
    np.testing.assert_allclose(metrics.accuracy_on_seen(stream), [0.6, 0.8, 1.0])


@quick
@given(st.integers(1, 6), st.integers(1, 6), fractions)
def test_a_constant_matrix_forgets_and_transfers_nothing(T, S, accuracy):
    R = np.full((T, S), accuracy)
    assert metrics.forgetting(R) == pytest.approx(0, abs=1e-12)
    assert metrics.average_accuracy(R) == pytest.approx(accuracy)
    if T == S > 1:
        assert metrics.backward_transfer(R) == pytest.approx(0, abs=1e-12)
        assert metrics.forward_transfer(R, R[0]) == pytest.approx(0, abs=1e-12)


@quick
@given(matrices())
def test_every_metric_stays_within_its_bounds(R):
    assert 0 <= metrics.average_accuracy(R) <= 1
    assert -1 <= metrics.forgetting(R) <= 1
    for transfer in (metrics.backward_transfer(R), metrics.forward_transfer(R, R[0])):
        assert transfer is None or -1 <= transfer <= 1


@quick
@given(matrices(min_size=2, square=True))
def test_forgetting_is_at_least_what_backward_transfer_takes(R):
    assert metrics.forgetting(R) >= -metrics.backward_transfer(R) - 1e-12


@quick
@given(matrices(min_size=2, square=True))
def test_final_accuracy_is_learning_accuracy_plus_backward_transfer(R):
    T = len(R)
    sum_of_losses = metrics.backward_transfer(R) * (T - 1)
    assert metrics.average_accuracy(R) == pytest.approx(metrics.learning_accuracy(R) + sum_of_losses / T, abs=1e-9)


@quick
@given(matrices(), st.randoms(use_true_random=False))
def test_the_order_of_test_sets_does_not_matter_where_they_belong_to_no_part(R, random):
    if R.shape[0] == R.shape[1]:
        R = np.hstack([R, R[:, :1]])
    order = random.sample(range(R.shape[1]), R.shape[1])
    assert metrics.average_accuracy(R[:, order]) == pytest.approx(metrics.average_accuracy(R))
    assert metrics.forgetting(R[:, order]) == pytest.approx(metrics.forgetting(R), abs=1e-12)


@quick
@given(matrices(min_size=2, square=True), st.randoms(use_true_random=False))
def test_the_order_of_earlier_rows_does_not_matter_to_forgetting(R, random):
    order = [*random.sample(range(len(R) - 1), len(R) - 1), len(R) - 1]
    assert metrics.forgetting(R[order]) == metrics.forgetting(R)


@quick
@given(matrices(min_size=2))
def test_forgetting_equals_its_formula_written_as_loops(R):
    T, S = R.shape
    columns = range(S - 1) if T == S else range(S)
    lost = [max(R[t, i] for t in range(T - 1)) - R[T - 1, i] for i in columns]
    assert metrics.forgetting(R) == pytest.approx(sum(lost) / len(lost), abs=1e-12)


@quick
@given(matrices(min_size=2, square=True), fractions)
def test_what_was_not_evaluated_above_the_diagonal_leaves_all_but_forward_transfer(R, accuracy):
    unseen = np.triu_indices_from(R, k=1)
    zeros, gaps = R.copy(), R.copy()
    zeros[unseen], gaps[unseen] = 0, nan
    for metric in (metrics.average_accuracy, metrics.forgetting, metrics.backward_transfer, metrics.learning_accuracy):
        assert metric(gaps) == pytest.approx(metric(zeros), abs=1e-12)
    assert metrics.forward_transfer(gaps, R[0]) is None


@pytest.mark.parametrize(
    ("R", "message"),
    [
        (np.zeros(3), r"expected an accuracy matrix \[parts learned, test sets\], got shape \(3,\)"),
        (np.zeros((0, 2)), r"got shape \(0, 2\)"),
        ([[50.0, 99.0]], "expected accuracy from 0 to 1, got 50 to 99; divide percent by 100"),
        ([[0.5, -0.1]], "got -0.1 to 0.5"),
        ([[0.5, 0.5], [0.5, nan]], "expected an accuracy on every test set after the last part, got NaN"),
    ],
)
def test_what_is_no_accuracy_matrix_is_refused(R, message):
    for metric in (metrics.average_accuracy, metrics.forgetting, metrics.accuracy_on_seen, metrics.learning_accuracy):
        with pytest.raises(InputError, match=message):
            metric(R)


def test_forgetting_of_a_test_set_never_evaluated_before_is_refused():
    with pytest.raises(InputError, match="expected an accuracy on test set 2 from before the last part"):
        metrics.forgetting(np.array([[0.5, nan, nan], [0.5, nan, nan], [0.5, 0.5, 0.5]]))


def test_a_baseline_of_another_length_is_refused():
    with pytest.raises(InputError, match=r"expected one baseline for each of the 2 test sets, got shape \(3,\)"):
        metrics.forward_transfer(np.eye(2), np.zeros(3))


@quick
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40),
    st.permutations(range(5)),
    st.booleans(),
)
def test_the_confusion_matrix_agrees_with_scikit_learn(pairs, classes, as_text):
    y, predicted = np.array(pairs).T
    if as_text:
        y, predicted, classes = y.astype(str), predicted.astype(str), [str(c) for c in classes]
    found = metrics.confusion_matrix(y, predicted, classes)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, sklearn_confusion_matrix(y, predicted, labels=classes))
    recall = recall_score(y, predicted, labels=classes, average=None, zero_division=nan)
    np.testing.assert_allclose(metrics.per_class_accuracy(found), recall)


def test_no_examples_give_an_empty_confusion_matrix_and_no_accuracy():
    none = np.array([], dtype=np.int64)
    counts = metrics.confusion_matrix(none, none, [1, 2])
    np.testing.assert_array_equal(counts, np.zeros((2, 2)))
    np.testing.assert_array_equal(metrics.per_class_accuracy(counts), [nan, nan])


def test_labels_of_negative_and_large_numbers_are_told_apart():
    y = np.array([-5, 10**15, 3])
    np.testing.assert_array_equal(metrics.confusion_matrix(y, y, [3, -5, 10**15]), np.eye(3))


@pytest.mark.parametrize(
    ("y", "predicted", "classes", "message"),
    [
        ([1, 2], [1], [1, 2], "expected one prediction for each label, got 1 for 2"),
        ([1, 7], [1, 2], [1, 2], "expected every label to be one of the 2 classes, got .*7"),
        ([1, 2], [0, 2], [1, 2], "expected every prediction to be one of the 2 classes, got .*0"),
        ([1, 2], [1, 2], [1, 1, 2], r"expected every class once, got \[1, 1, 2\]"),
        (["1", "2"], ["1", "2"], [1, 2], "expected labels of the same type as the classes"),
        ([1, 2], [1, 2], ["1", "2"], "expected labels of the same type as the classes"),
    ],
)
def test_labels_that_do_not_fit_the_classes_are_refused(y, predicted, classes, message):
    with pytest.raises(InputError, match=message):
        metrics.confusion_matrix(np.array(y), np.array(predicted), classes)


def test_a_confusion_matrix_that_is_not_square_is_refused():
    with pytest.raises(InputError, match=r"expected a square confusion matrix \[C, C\], got shape \(2, 3\)"):
        metrics.per_class_accuracy(np.zeros((2, 3)))

"""Metrics are those of Avalanche and Mammoth, written here plainly, on matrices made by hand; others have no value."""

from dataclasses import replace

import numpy as np
import pytest

from indeependence.report import metrics
from indeependence.report.series import Series
from tests.report.results_made_up import a_result

HAND_MADE = [
    np.array([[0.9, 0.1, 0.2], [0.6, 0.8, 0.3], [0.7, 0.5, 0.95]]),
    np.array([[1.0, 0.5], [1.0, 1.0]]),
    np.array([[0.5, 0.0, 0.0, 0.0], [0.7, 0.6, 0.1, 0.0], [0.4, 0.9, 0.8, 0.2], [0.6, 0.7, 0.3, 1.0]]),
]


def of_mammoth(R, random):
    """Mammoth's utils.metrics: forgetting, backward and forward transfer of lists of accuracies after each task."""
    tasks, lost = len(R), []
    for i in range(tasks - 1):
        lost.append(max(R[t][i] for t in range(tasks - 1)) - R[-1][i])
    back = [R[-1][i] - R[i][i] for i in range(tasks - 1)]
    ahead = [R[i - 1][i] - random[i] for i in range(1, tasks)]
    return np.mean(lost), np.mean(back), np.mean(ahead)


def of_avalanche(R):
    """Avalanche's StreamForgetting, StreamBWT and StreamForwardTransfer: against the value right after learning."""
    first, last = {i: R[i][i] for i in range(len(R))}, R[-1]
    lost = [first[i] - last[i] for i in range(len(R) - 1)]
    return np.mean(lost), -np.mean(lost)


@pytest.mark.parametrize("R", HAND_MADE)
def test_they_are_those_of_mammoth_and_avalanche(R):
    random = np.full(len(R), 0.25)
    ours = metrics.forgetting(R), metrics.backward_transfer(R), metrics.forward_transfer(R, random)
    assert np.allclose(ours, of_mammoth(R.tolist(), random))
    lost, back = of_avalanche(R.tolist())
    assert np.isclose(metrics.backward_transfer(R), back) and np.isclose(-metrics.backward_transfer(R), lost)
    assert np.isclose(metrics.average_accuracy(R), np.mean(R[-1]))
    assert np.isclose(metrics.average_incremental_accuracy(R), np.mean([np.mean(R[t, : t + 1]) for t in range(len(R))]))
    assert np.isclose(metrics.learning_accuracy(R), np.mean([R[i][i] for i in range(len(R))]))
    joint = np.linspace(0.9, 1, len(R))
    assert np.isclose(metrics.intransigence(R, joint), np.mean(joint - np.diag(R)))


def test_what_has_no_meaning_has_no_value():
    result = a_result(3)
    assert result.forgetting is not None and result.forward_transfer is None
    shared = replace(result, setting="domain", baseline=np.full(3, 0.5))
    assert np.isclose(shared.forward_transfer, np.mean(np.diag(result.accuracy_matrix, 1)) - 0.5)
    stream = a_result(3, 1)
    assert stream.forgetting is None and Series("a stream", (stream, stream)).spread("forgetting") is None
    assert stream.to_json()["forgetting"] is None and stream.to_json()["forward_transfer"] is None
    with pytest.raises(metrics.InputError, match="one joint accuracy"):
        metrics.intransigence(np.eye(2), np.ones(3))


def test_anytime_accuracy_is_the_area_under_the_curve_over_examples():
    """Koh et al. 2022: the sum over measurements f(n) of f(n) times the examples since the last, by all examples."""
    R, n = HAND_MADE[0], [10, 30, 60]
    f = [0.9, (0.6 + 0.8) / 2, (0.7 + 0.5 + 0.95) / 3]
    assert np.isclose(metrics.anytime_accuracy(R, n), (10 * f[0] + 30 * f[1] + 60 * f[2]) / 100)
    assert np.isclose(metrics.anytime_accuracy(R, [7, 7, 7]), metrics.average_incremental_accuracy(R))
    assert metrics.anytime_accuracy(np.array([[np.nan], [0.5]]), [1, 1]) is None
    with pytest.raises(metrics.InputError, match="examples of each of the 3 parts"):
        metrics.anytime_accuracy(R, [10, 30])

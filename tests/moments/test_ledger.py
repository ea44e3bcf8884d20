"""Ledgers: the parts always add up to the whole, and what cannot be taken out exactly says so."""

import numpy as np
import pytest

from indeependence.errors import InputError
from indeependence.moments.ledger import Ledger

ROWS = np.array([[1, 2], [3, 4], [5, 6], [7, 8]], np.uint8)
LABELS = np.array(["a", "b", "a", "c"])


def empty(kind):
    return Ledger.empty(kind, "encoder", 2)


def learned(kind, *parts):
    ledger = empty(kind)
    for part in parts:
        ledger = ledger.learn([(ROWS[part], LABELS[part])])
    return ledger


def sum_of_parts(ledger):
    return Ledger.of(ledger.kind, ledger.parts, ledger.nothing).total.fingerprint


@pytest.mark.parametrize("kind", ["task", "class"])
def test_the_parts_add_up_to_the_whole_whatever_happens(kind):
    ledger = learned(kind, [0, 1], [2]) + learned(kind, [3])
    for now in (
        ledger,
        ledger.without_class("a"),
        ledger.without(learned(kind, [3]), task=3 if kind == "task" else None),
    ):
        assert sum_of_parts(now) == now.total.fingerprint


@pytest.mark.parametrize("kind", ["none", "class"])
def test_a_task_is_not_passed_over_where_none_is_kept(kind):
    with pytest.raises(InputError, match="this model keeps no sums by task"):
        learned(kind, [0, 1]).without(learned(kind, [1]), task=1)


def test_tasks_are_numbered_in_the_order_learned_and_keep_their_numbers():
    ledger = learned("task", [0], [1], [2])
    assert list(ledger.parts) == [1, 2, 3]
    assert list(ledger.without_task(2).parts) == [1, 3]
    assert list((ledger + learned("task", [3])).parts) == [1, 2, 3, 4]
    assert ledger.learn([(ROWS[3:], LABELS[3:])], task=2).parts[2].count == 2


def test_ledgers_of_two_kinds_leave_the_whole():
    mixed = learned("task", [0]) + learned("class", [1, 2, 3])
    assert mixed.kind == "none" and not mixed.parts
    assert mixed.total.fingerprint == learned("none", slice(None)).total.fingerprint


def test_without_a_ledger_a_class_is_dropped_by_its_column_and_counted():
    rest = learned("none", slice(None)).without_class("a")
    assert rest.total.labels == ("b", "c") and rest.total.dropped == 2


def test_by_task_a_class_that_is_alone_in_its_task_is_taken_out_exactly():
    exact = learned("task", [0, 2], [1, 3]).without_class("a")
    assert exact.total.fingerprint == learned("none", [1, 3]).total.fingerprint
    shared = learned("task", [0, 1], [2, 3]).without_class("a")
    assert shared.total.dropped == 2


def test_sums_of_one_class_are_taken_out_of_a_ledger_by_class():
    rest = learned("class", slice(None)) - learned("none", [0])
    assert rest.parts["a"].count == 1 and sum_of_parts(rest) == rest.total.fingerprint


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: empty("week"), "expected a ledger of kind none, task, class, got 'week'"),
        (lambda: learned("none", [0]).without_task(1), "keeps no sums by task: .* training with --ledger task"),
        (lambda: learned("task", [0]).without_task(2), "^no task 2; learned tasks: 1$"),
        (lambda: learned("class", [0]).without_class("b"), "class 'b': it was never learned; learned classes: a"),
        (lambda: learned("task", [0]) - learned("none", [0]), "by task: say from which one to remove them"),
        (lambda: learned("task", [0]).without(learned("none", [0]), task=7), "^no task 7"),
        (lambda: learned("task", [0], [2]).without(learned("none", [2]), task=1), "that were never learned"),
        (
            lambda: learned("class", slice(None)) - learned("none", [0, 1]),
            "sums by class: expected sums of one class, or a model with --ledger class",
        ),
    ],
)
def test_what_a_ledger_cannot_do_is_told(act, message):
    with pytest.raises(InputError, match=message):
        act()

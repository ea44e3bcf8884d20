"""Groups of classes: as even as they can be, in an order that is given or drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.data.class_groups import class_groups
from indeependence.data.scenarios import shuffled_classes, split_tasks
from tests.data.numbered import laws, numbered_pictures


@laws
@given(n_classes=st.integers(1, 30), data=st.data())
def test_groups_are_as_even_as_they_can_be_with_larger_ones_first(n_classes, data):
    tasks = data.draw(st.integers(1, n_classes))
    sizes = [len(group) for group in class_groups(np.arange(n_classes), tasks=tasks)]
    assert len(sizes) == tasks and sum(sizes) == n_classes
    assert sizes == sorted(sizes, reverse=True) and sizes[0] - sizes[-1] <= 1


@pytest.mark.parametrize("per_task, sizes", [(4, [4, 4, 2]), (5, [5, 5]), (10, [10]), ([5, 1, 1, 3], [5, 1, 1, 3])])
def test_classes_per_task_gives_the_sizes_and_overrides_tasks(per_task, sizes):
    groups = class_groups(np.arange(10), tasks=7, classes_per_task=per_task)
    assert [len(group) for group in groups] == sizes
    assert np.concatenate(groups).tolist() == list(range(10))


def test_a_class_order_may_be_given_as_text():
    scenario = split_tasks(numbered_pictures(4, 2), tasks=2, class_order=["30", "0", "20", "10"])
    assert [task.name for task in scenario.train] == ["30,0", "20,10"]
    assert scenario.train[0].classes.tolist() == [0, 30]


def test_shuffled_classes_are_all_classes_in_an_order_that_only_the_seed_decides():
    dataset = numbered_pictures(9, 1)
    orders = [shuffled_classes(dataset, seed).tolist() for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert all(sorted(order) == dataset.classes.tolist() for order in orders)

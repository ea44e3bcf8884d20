"""The classes of each task of a split."""

from collections.abc import Sequence

import numpy as np

from indeependence.errors import InputError, did_you_mean


def class_groups(
    classes: np.ndarray,
    *,
    tasks: int,
    classes_per_task: int | Sequence[int] | None = None,
    class_order: Sequence[object] | None = None,
) -> list[np.ndarray]:
    """Return the classes [C] in order, cut into one group for each task.

    Without `classes_per_task` the groups of `tasks` tasks are as even as possible, larger ones first. A number makes
    groups of that size (the last takes the rest), a sequence gives each size; `tasks` is then ignored. `class_order`
    names every class once, as the label itself or its text; the numbers 0…C−1 stand for the places of names among them,
    sorted. Raise `InputError` for sizes and orders that do not fit.

    >>> [group.tolist() for group in class_groups(np.arange(5), tasks=2, class_order=[4, 3, 2, 1, 0])]
    [[4, 3, 2], [1, 0]]
    """
    ordered = classes if class_order is None else _ordered(classes, class_order)
    sizes = _sizes(len(classes), tasks, classes_per_task)
    return np.split(ordered, np.cumsum(sizes)[:-1])


def even_sizes(count: int, parts: int) -> list[int]:
    """Return `parts` sizes that add up to `count`, as even as possible, larger first.

    >>> even_sizes(10, 4)
    [3, 3, 2, 2]
    """
    return [count // parts + (part < count % parts) for part in range(parts)]


def _ordered(classes: np.ndarray, class_order: Sequence[object]) -> np.ndarray:
    # By text, so that 3 on a command line is the class 3 of numbers as well as the class "3" of names.
    position = {str(label): index for index, label in enumerate(classes)}
    names = [str(label) for label in class_order]
    if set(names) == {str(place) for place in range(len(classes))} and not position.keys() & set(names):
        position = {str(place): place for place in range(len(classes))}
    unknown = [name for name in names if name not in position]
    if unknown:
        hint = did_you_mean(unknown[0], position)
        raise InputError(f"class order: no class {unknown[0]!r}; the classes are {', '.join(position)}{hint}")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"class order: class {twice!r} occurs twice; name every class once")
    missing = [name for name in position if name not in names]
    if missing:
        raise InputError(f"class order: {', '.join(missing)} missing; name every class once")
    return classes[[position[name] for name in names]]


def _sizes(count: int, tasks: int, classes_per_task: int | Sequence[int] | None) -> list[int]:
    if classes_per_task is None:
        if not 1 <= tasks <= count:
            raise InputError(f"expected 1 to {count} tasks for {count} classes, got {tasks}")
        return even_sizes(count, tasks)
    if isinstance(classes_per_task, int):
        if not 1 <= classes_per_task <= count:
            raise InputError(f"expected 1 to {count} classes a task, got {classes_per_task}")
        whole, rest = divmod(count, classes_per_task)
        return [classes_per_task] * whole + [rest] * (rest > 0)
    sizes = list(classes_per_task)
    if min(sizes, default=0) < 1 or sum(sizes) != count:
        raise InputError(
            f"classes per task must be 1 or more each and {count} together, got {sizes}; try --tasks N for even ones"
        )
    return sizes

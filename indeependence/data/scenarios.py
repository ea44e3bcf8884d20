"""From a data set to a sequence of tasks: split, permuted, rotated, noisy, or a stream without boundaries.

Settings are those of van de Ven, Tuytelaars & Tolias, "Three types of incremental learning" (2022): `class` (one
output for all classes ever seen), `task` (the task is known when testing, so only its own classes compete) and
`domain` (all tasks share one set of labels, their inputs differ).

The same seed gives the same tasks on every machine. The random numbers of a task come from the seed, the kind
of scenario and the task's number, so a task does not depend on how many follow it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from indeependence.data.checks import check_measurable
from indeependence.data.class_groups import class_groups, even_sizes
from indeependence.data.corruptions import add_gaussian, add_salt, rotate
from indeependence.data.datasets import Dataset
from indeependence.data.examples import Examples, Relabel, Transform
from indeependence.data.seeds import CLASSES, NOISE, PERMUTATION, ROWS, generator, sequence
from indeependence.errors import InputError


@dataclass(frozen=True)
class Scenario:
    """Tasks to learn one after another, and test sets, each of which is one column of the accuracy matrix."""

    name: str  # "split", "permuted", "rotated", "noisy" or "stream"
    setting: str  # "class", "task" or "domain"
    train: tuple[Examples, ...]
    test: tuple[Examples, ...]
    class_order: tuple[int | str, ...] | None = None  # in which the classes of a split come


def split_tasks(
    dataset: Dataset,
    *,
    tasks: int = 5,
    classes_per_task: int | Sequence[int] | None = None,
    class_order: Sequence[object] | None = None,
    setting: str = "class",
    seed: int = 0,
) -> Scenario:
    """Return tasks of some classes each, in the order of the labels or in `class_order`.

    Sizes are as in `class_groups`. In the domain setting a label becomes its position inside its task, so that
    all tasks, which must then be of one size, share the labels 0…k−1. Rows inside a task are shuffled by `seed`.
    Raise `InputError` for bad sizes, orders and settings, and for a task without test examples.

    >>> from indeependence.data.datasets import load_dataset
    >>> scenario = split_tasks(load_dataset("digits"), tasks=3)
    >>> [task.name for task in scenario.train]
    ['0,1,2,3', '4,5,6', '7,8,9']
    """
    _check_setting(setting)
    check_measurable(dataset.y_train, dataset.y_test)
    groups = class_groups(dataset.classes, tasks=tasks, classes_per_task=classes_per_task, class_order=class_order)
    if setting == "domain" and len({len(group) for group in groups}) > 1:
        sizes = ", ".join(str(len(group)) for group in groups)
        raise InputError(
            f"tasks of the domain setting share their labels and must be of one size, got {sizes}; "
            "choose --classes-per-task that divides them"
        )
    train, test = [], []
    for task, group in enumerate(groups):
        relabel = _renaming(group, np.arange(len(group))) if setting == "domain" else None
        name = ",".join(map(str, group))
        rows = np.flatnonzero(np.isin(dataset.y_train, group))
        shuffled = generator(seed, ROWS, task).permutation(rows)
        train.append(Examples(name, dataset.x_train, dataset.y_train, shuffled, relabel=relabel))
        rows = np.flatnonzero(np.isin(dataset.y_test, group))
        if not len(rows):
            raise InputError(f"task {name} has no test examples; put its classes in a task with others")
        test.append(Examples(name, dataset.x_test, dataset.y_test, rows, relabel=relabel))
    return Scenario("split", setting, tuple(train), tuple(test), tuple(np.concatenate(groups).tolist()))


def shuffled_classes(dataset: Dataset, seed: int) -> np.ndarray:
    """Return the classes [C] in an order drawn by `seed`, for `class_order`; raise `InputError` unless seed ≥ 0.

    >>> from indeependence.data.datasets import load_dataset
    >>> shuffled_classes(load_dataset("digits"), seed=1)
    array([7, 2, 4, 6, 1, 0, 3, 5, 9, 8])
    """
    return generator(seed, CLASSES, 0).permutation(dataset.classes)


def permuted_tasks(dataset: Dataset, *, tasks: int = 10, setting: str = "domain", seed: int = 0) -> Scenario:
    """Return tasks with all examples, as vectors [N, D] whose entries each task permutes in its own way.

    The first task is permuted, too. Pictures are flattened first. In the class and task settings each task has labels
    of its own, the text "task:label" with tasks from 1 ("2:7"); in the domain setting labels stay. Raise `InputError`
    unless tasks ≥ 1.

    >>> from indeependence.data.datasets import load_dataset
    >>> x, y = permuted_tasks(load_dataset("digits"), tasks=2).train[0].arrays()
    >>> x.shape, x.dtype
    ((1438, 64), dtype('uint8'))
    """
    length = int(np.prod(dataset.x_train.shape[1:]))
    names, transforms = [], []
    for task in range(tasks):
        permutation = generator(seed, PERMUTATION, task).permutation(length)
        names.append(f"permutation {task + 1}")
        transforms.append((partial(_permute, permutation=permutation),) * 2)
    return _altered("permuted", dataset, names, transforms, setting, seed)


def rotated_tasks(
    dataset: Dataset, *, tasks: int = 10, max_angle: float = 180.0, setting: str = "domain", seed: int = 0
) -> Scenario:
    """Return tasks with all pictures, turned counter-clockwise by max_angle · i / tasks degrees in task i = 0, 1, ….

    Labels are as in `permuted_tasks`. Raise `InputError` for vectors, and unless tasks ≥ 1 and `max_angle` is finite.

    >>> from indeependence.data.datasets import load_dataset
    >>> [task.name for task in rotated_tasks(load_dataset("digits"), tasks=5).test]
    ['0°', '36°', '72°', '108°', '144°']
    """
    if dataset.x_train.ndim < 3:
        raise InputError(f"only pictures can be rotated; {dataset.name} holds vectors: try the scenario permuted")
    if not np.isfinite(max_angle):
        raise InputError(f"expected a finite angle in degrees, got {max_angle}")
    angles = [max_angle * task / tasks for task in range(tasks)]
    transforms = [(partial(_rotate, degrees=angle),) * 2 for angle in angles]
    return _altered("rotated", dataset, [f"{angle:.4g}°" for angle in angles], transforms, setting, seed)


def noisy_tasks(
    dataset: Dataset,
    *,
    tasks: int = 5,
    max_noise: float = 0.5,
    kind: str = "salt",
    setting: str = "domain",
    seed: int = 0,
) -> Scenario:
    """Return tasks with all examples and with noise that grows evenly from 0 in the first to `max_noise` in the last.

    Noise of kind "salt" makes that share of the pixels white, "gaussian" has that share of the range 0…255 as
    standard deviation. It depends on seed, task and example alone. Labels are as in `permuted_tasks`. Raise
    `InputError` for inputs that are not 8-bit, other kinds, and unless tasks ≥ 1 and 0 ≤ max_noise ≤ 1.

    >>> from indeependence.data.datasets import load_dataset
    >>> [task.name for task in noisy_tasks(load_dataset("digits")).train]
    ['noise 0%', 'noise 12.5%', 'noise 25%', 'noise 37.5%', 'noise 50%']
    """
    add = {"salt": add_salt, "gaussian": add_gaussian}.get(kind)
    if add is None:
        raise InputError(f"expected noise of kind salt or gaussian, got {kind!r}")
    if not 0 <= max_noise <= 1:
        raise InputError(f"expected a noise level from 0 to 1, got {max_noise}")
    if dataset.x_train.dtype != np.uint8:
        raise InputError(f"only 8-bit inputs can be made noisy; {dataset.name} holds {dataset.x_train.dtype}")
    levels = [max_noise * task / max(tasks - 1, 1) for task in range(tasks)]
    names = [f"noise {100 * level:.4g}%" for level in levels]
    keys = [[_key(seed, NOISE, task, part) for part in (0, 1)] for task in range(tasks)]
    transforms = [
        tuple(partial(add, level=level, key=key) for key in pair) for level, pair in zip(levels, keys, strict=True)
    ]
    return _altered("noisy", dataset, names, transforms, setting, seed)


def stream_tasks(dataset: Dataset, *, parts: int = 10, order: str = "shuffled", seed: int = 0) -> Scenario:
    """Return one pass over all examples without task boundaries, cut where it is measured, and one test set.

    `order` is "shuffled", or "class" for one class after another, shuffled inside each. The sizes of parts differ by
    at most one example, larger first. Raise `InputError` for another order, and unless 1 ≤ parts ≤ number of examples.

    >>> from indeependence.data.datasets import load_dataset
    >>> scenario = stream_tasks(load_dataset("digits"), parts=4)
    >>> [len(part) for part in scenario.train], [len(column) for column in scenario.test]
    ([360, 360, 359, 359], [359])
    """
    check_measurable(dataset.y_train, dataset.y_test)
    if order not in ("shuffled", "class"):
        raise InputError(f"expected the order shuffled or class, got {order!r}")
    if not 1 <= parts <= len(dataset.y_train):
        raise InputError(f"expected 1 to {len(dataset.y_train)} parts, got {parts}")
    rows = generator(seed, ROWS, 0).permutation(len(dataset.y_train))
    if order == "class":
        rows = rows[np.argsort(dataset.y_train[rows], kind="stable")]
    pieces = np.split(rows, np.cumsum(even_sizes(len(rows), parts))[:-1])
    train = [Examples(f"part {part + 1}", dataset.x_train, dataset.y_train, piece) for part, piece in enumerate(pieces)]
    test = Examples("all", dataset.x_test, dataset.y_test, np.arange(len(dataset.y_test)))
    return Scenario("stream", "class", tuple(train), (test,))


def _altered(
    kind: str,
    dataset: Dataset,
    names: Sequence[str],
    transforms: Sequence[tuple[Transform, ...]],  # of each task, for training and for testing
    setting: str,
    seed: int,
) -> Scenario:
    """Return a scenario whose tasks all have every example, altered in the task's own way."""
    _check_setting(setting)
    check_measurable(dataset.y_train, dataset.y_test)
    if not names:
        raise InputError("expected 1 task or more, got none")
    train, test = [], []
    for task, (name, (for_train, for_test)) in enumerate(zip(names, transforms, strict=True)):
        relabel = None if setting == "domain" else _numbered(dataset.classes, task + 1)
        rows = generator(seed, ROWS, task).permutation(len(dataset.y_train))
        train.append(Examples(name, dataset.x_train, dataset.y_train, rows, for_train, relabel))
        rows = np.arange(len(dataset.y_test))
        test.append(Examples(name, dataset.x_test, dataset.y_test, rows, for_test, relabel))
    return Scenario(kind, setting, tuple(train), tuple(test))


def _permute(inputs: np.ndarray, rows: np.ndarray, *, permutation: np.ndarray) -> np.ndarray:
    return inputs.reshape(len(inputs), len(permutation))[:, permutation]


def _rotate(inputs: np.ndarray, rows: np.ndarray, *, degrees: float) -> np.ndarray:
    return rotate(inputs, degrees)


def _numbered(classes: np.ndarray, task: int) -> Relabel:
    return _renaming(classes, np.array([f"{task}:{label}" for label in classes]))


def _renaming(old: np.ndarray, new: np.ndarray) -> Relabel:
    order = np.argsort(old)
    return partial(_rename, old=old[order], new=new[order])


def _rename(labels: np.ndarray, *, old: np.ndarray, new: np.ndarray) -> np.ndarray:
    return new[np.searchsorted(old, labels)]


def _key(seed: int, *use: int) -> np.ndarray:
    return sequence(seed, *use).generate_state(2, np.uint64)


def _check_setting(setting: str) -> None:
    if setting not in ("class", "task", "domain"):
        raise InputError(f"expected the setting class, task or domain, got {setting!r}")

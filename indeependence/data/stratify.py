"""A test part drawn from every class."""

import numpy as np

from indeependence.errors import InputError


def stratified_rows(labels: np.ndarray, *, test_fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return ascending row numbers of a training and of a test part with the same share of every class.

    Of a class with n rows, `test_fraction * n` are drawn for the test part, rounded half up, but at least one for each
    part if n ≥ 2; a single row goes to the training part. Raise `InputError` unless 0 < test_fraction < 1 and seed ≥ 0.

    >>> train, test = stratified_rows(np.array([0, 0, 0, 0, 1, 1]), test_fraction=0.25, seed=0)
    >>> len(train), len(test)
    (4, 2)
    """
    if not 0 < test_fraction < 1:
        raise InputError(f"expected a test fraction between 0 and 1, got {test_fraction}")
    if seed < 0:
        raise InputError(f"expected a seed of 0 or more, got {seed}")
    is_test = np.zeros(len(labels), bool)
    for index, label in enumerate(np.unique(labels)):
        rows = np.flatnonzero(labels == label)
        wanted = int(test_fraction * len(rows) + 0.5)
        count = min(max(wanted, 1), len(rows) - 1)
        is_test[np.random.default_rng([seed, 0, index]).permutation(rows)[:count]] = True
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)

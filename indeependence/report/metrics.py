"""Figures of an accuracy matrix: accuracy, forgetting and transfer; and the accuracy of each class.

``R`` is the accuracy matrix, shape [T, S], fractions from 0 to 1: ``R[t, i]`` is the accuracy on test set
``i`` after learning part ``t``. It is square where every part has its own test set, and has one column where
parts of one stream share a test set. NaN means "not evaluated"; it may stand anywhere but in the last row.
Indices in the formulas count from 1, as in the papers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indeependence.errors import InputError

FORGETTING_FORMULA = "mean over earlier tasks i of max(R[t,i], t < T) - R[T,i]"
FORMULAS = {
    "average_accuracy": "mean over i of R[T,i]",
    "average_incremental_accuracy": "mean over t of a[t], the mean of R[t,i] over what was seen, i <= t",
    "anytime_accuracy": "sum over t of n[t] a[t] / sum over t of n[t], for parts of n[t] examples",
    "learning_accuracy": "mean over i of R[i,i]",
    "forgetting": FORGETTING_FORMULA,
    "backward_transfer": "mean over i < T of R[T,i] - R[i,i]",
    "forward_transfer": "mean over i > 1 of R[i-1,i] - b[i], the accuracy of guessing",
    "intransigence": "mean over i of J[i,i] - R[i,i], for J of joint training",
}  # R[t,i]: accuracy on test set i after part t of T


def average_accuracy(R: np.ndarray) -> float:
    """Return the mean accuracy over all test sets after the last part: mean over i of R[T, i].

    Raises `InputError` for anything that is no accuracy matrix, as the functions below do.

    >>> average_accuracy(np.array([[1.0, 0.0], [0.5, 0.75]]))
    0.625
    """
    return float(_checked(R)[-1].mean())


def accuracy_on_seen(R: np.ndarray) -> np.ndarray:
    """Return the mean accuracy after each part over test sets seen so far, shape [T]; NaN where none was evaluated.

    Those are the first t of a square matrix and all of any other.

    >>> accuracy_on_seen(np.array([[1.0, 0.0], [0.5, 0.75]]))
    array([1.   , 0.625])
    """
    R = _checked(R)
    seen = np.tri(len(R), dtype=bool) if _square(R) else np.ones(R.shape, dtype=bool)
    counted = seen & ~np.isnan(R)
    totals = np.where(counted, R, 0.0).sum(axis=1)
    return np.divide(totals, counted.sum(axis=1), out=np.full(len(R), np.nan), where=counted.any(axis=1))


def average_incremental_accuracy(R: np.ndarray) -> float | None:
    """Return the mean over all parts of the accuracy on the test sets seen so far; None where one was not evaluated.

    Source: Rebuffi et al., "iCaRL: incremental classifier and representation learning", 2017, section 4.

    >>> average_incremental_accuracy(np.array([[1.0, 0.0], [0.5, 0.75]]))
    0.8125
    """
    R = _checked(R)
    needed = R[np.tri(len(R), dtype=bool)] if _square(R) else R
    return None if np.isnan(needed).any() else float(accuracy_on_seen(R).mean())


def anytime_accuracy(R: np.ndarray, examples: Sequence[int] | np.ndarray) -> float | None:
    """Return the mean accuracy on what was seen, over the examples learned: Σ n[t] a[t] / Σ n[t]; None as in the last.

    ``examples``: n, shape [T], of each part. It is the area under the curve of accuracy against examples, measured
    after each part; for parts of one size, the average incremental accuracy. With the many parts of a stream it tells
    how good a model is at any time. Raises `InputError` unless there is one number of examples for each part.

    Source: Koh et al., "Online continual learning on class incremental blurry task configuration with anytime
    inference", 2022, section 4; as a mean over steps: Caccia et al., "New insights on reducing abrupt representation
    change in online continual learning", 2022, section 5.

    >>> anytime_accuracy(np.array([[1.0, 0.0], [0.5, 0.75]]), [300, 100])
    0.90625
    """
    R, n = _checked(R), np.asarray(examples, dtype=np.float64)
    if n.shape != (len(R),) or (n < 0).any() or not n.any():
        raise InputError(f"expected the number of examples of each of the {len(R)} parts, got {n.tolist()}")
    if average_incremental_accuracy(R) is None:
        return None
    return float(n @ accuracy_on_seen(R) / n.sum())


def forgetting(R: np.ndarray) -> float:
    """Return the mean loss of accuracy since its best, from -1 to 1 (below 0: it improved): `FORGETTING_FORMULA`.

    The mean runs over all test sets but the last of a square matrix, which cannot be forgotten yet,
    and over all of any other; 0 after a single part.

    Raises `InputError` if a test set was never evaluated before the last part.

    Source: Chaudhry et al., "Riemannian walk for incremental learning", 2018, section 3.

    >>> forgetting(np.array([[1.0, 0.0], [0.5, 0.75]]))
    0.5
    """
    R = _checked(R)
    return float(forgetting_per_task(R).mean()) if len(R) > 1 else 0.0


def forgetting_per_task(R: np.ndarray) -> np.ndarray:
    """Return the terms of `forgetting`, max over t < T of R[t, i] - R[T, i] for each i; empty after a single part.

    >>> forgetting_per_task(np.array([[0.9, 0.0, 0.0], [0.8, 1.0, 0.1], [0.6, 0.9, 0.9]]))
    array([0.3, 0.1])
    """
    R = _checked(R)
    if len(R) == 1:
        return np.zeros(0)
    columns = R[:, :-1] if _square(R) else R
    never = np.isnan(columns[:-1]).all(axis=0)
    if never.any():
        raise InputError(
            f"expected an accuracy on test set {np.argmax(never) + 1} from before the last part, got only NaN; "
            "evaluate every task after learning it"
        )
    return np.nanmax(columns[:-1], axis=0) - columns[-1]


def forgetting_course(R: np.ndarray) -> np.ndarray:
    """Return forgetting after each part, shape [T]; 0 after the first, NaN where a test set seen was not evaluated.

    >>> forgetting_course(np.array([[0.9, 0.0, 0.0], [0.8, 1.0, 0.1], [0.6, 0.9, 0.9]]))
    array([0. , 0.1, 0.2])
    """
    R = _checked(R)
    parts = [R[:t, :t] if _square(R) else R[:t] for t in range(1, len(R) + 1)]
    return np.array([np.nan if np.isnan(part[-1]).any() else forgetting(part) for part in parts])


def backward_transfer(R: np.ndarray) -> float | None:
    """Return the effect of later tasks on earlier ones: mean over i < T of R[T, i] - R[i, i], from -1 to 1.

    None where that is not defined: no square matrix, a single task, or an accuracy it needs not evaluated.

    Source: Lopez-Paz & Ranzato, "Gradient episodic memory for continual learning", 2017, equation 3.

    >>> backward_transfer(np.array([[1.0, 0.0], [0.5, 0.75]]))
    -0.5
    """
    R = _checked(R)
    return _mean_or_none((R[-1] - np.diag(R))[:-1]) if _square(R) else None


def forward_transfer(R: np.ndarray, baseline: np.ndarray) -> float | None:
    """Return the effect of earlier tasks on later ones: mean over i > 1 of R[i-1, i] - b[i], from -1 to 1.

    ``baseline``: b, shape [S], accuracy on each test set before any learning. None as in `backward_transfer`.

    Source: Lopez-Paz & Ranzato 2017, equation 4.

    >>> forward_transfer(np.array([[1.0, 0.75], [0.5, 0.75]]), np.array([0.5, 0.5]))
    0.25
    """
    R = _checked(R)
    b = np.asarray(baseline, dtype=np.float64)
    if b.shape != R.shape[1:]:
        raise InputError(f"expected one baseline for each of the {R.shape[1]} test sets, got shape {b.shape}")
    return _mean_or_none(np.diag(R, k=1) - b[1:]) if _square(R) else None


def learning_accuracy(R: np.ndarray) -> float | None:
    """Return the plasticity: the mean accuracy on tasks just learned, mean of R[i, i]; None as in `backward_transfer`.

    Source: Riemer et al., "Learning to learn without forgetting by maximizing transfer", 2019, section 5.

    >>> learning_accuracy(np.array([[1.0, 0.0], [0.5, 0.75]]))
    0.875
    """
    R = _checked(R)
    return _mean_or_none(np.diag(R)) if _square(R) else None


def intransigence(R: np.ndarray, joint: np.ndarray) -> float | None:
    """Return how much worse tasks are learned than by a model that has all data so far: mean over i of a[i] - R[i, i].

    ``joint``: a, shape [T], the accuracy on test set i of a model that learned tasks 1 to i together. None as in
    `backward_transfer`; below 0 where learning one after another is better.

    Source: Chaudhry et al. 2018, section 3.

    >>> intransigence(np.array([[0.75, 0.0], [0.5, 0.75]]), np.array([1.0, 1.0]))
    0.25
    """
    R = _checked(R)
    reference = np.asarray(joint, dtype=np.float64)
    if reference.shape != (len(R),):
        raise InputError(f"expected one joint accuracy for each of the {len(R)} tasks, got shape {reference.shape}")
    return _mean_or_none(reference - np.diag(R)) if _square(R) else None


def confusion_matrix(y: np.ndarray, predicted: np.ndarray, classes: Sequence | np.ndarray) -> np.ndarray:
    """Return counts [C, C] int64 of true class (row) and predicted class (column), in the order of ``classes``.

    ``y``, ``predicted``: labels, shape [N].

    Raises `InputError` for different lengths, repeated classes, or labels that are not among the classes.

    >>> confusion_matrix(np.array(["cat", "cat", "dog"]), np.array(["cat", "dog", "dog"]), ["cat", "dog"])
    array([[1, 1],
           [0, 1]])
    """
    names = np.asarray(classes)
    if len(np.unique(names)) != len(names):
        raise InputError(f"expected every class once, got {names.tolist()}")
    if np.shape(y) != np.shape(predicted):
        raise InputError(f"expected one prediction for each label, got {len(predicted)} for {len(y)}")
    true_index, predicted_index = _positions(y, names, "label"), _positions(predicted, names, "prediction")
    counts = np.bincount(true_index * len(names) + predicted_index, minlength=len(names) ** 2)
    return counts.reshape(len(names), len(names)).astype(np.int64)


def per_class_accuracy(confusion: np.ndarray) -> np.ndarray:
    """Return the share of each class that was recognised, shape [C]; NaN for a class without test examples.

    ``confusion``: [C, C] as from `confusion_matrix`.

    >>> per_class_accuracy(np.array([[3, 1], [0, 2]]))
    array([0.75, 1.  ])
    """
    counts = np.asarray(confusion)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise InputError(f"expected a square confusion matrix [C, C], got shape {counts.shape}")
    totals = counts.sum(axis=1)
    return np.divide(np.diag(counts), totals, out=np.full(len(counts), np.nan), where=totals > 0)


def _checked(R: np.ndarray) -> np.ndarray:
    R = np.asarray(R, dtype=np.float64)
    if R.ndim != 2 or R.size == 0:
        raise InputError(f"expected an accuracy matrix [parts learned, test sets], got shape {R.shape}")
    if np.any((R < 0) | (R > 1)):
        raise InputError(
            f"expected accuracy from 0 to 1, got {np.nanmin(R):g} to {np.nanmax(R):g}; divide percent by 100"
        )
    if np.isnan(R[-1]).any():
        raise InputError("expected an accuracy on every test set after the last part, got NaN; evaluate them all")
    return R


def _square(R: np.ndarray) -> bool:
    return R.shape[0] == R.shape[1]


def _mean_or_none(values: np.ndarray) -> float | None:
    return None if values.size == 0 or np.isnan(values).any() else float(values.mean())


def _positions(labels: np.ndarray, names: np.ndarray, what: str) -> np.ndarray:
    labels = np.asarray(labels)
    order = np.argsort(names)
    if labels.dtype.kind == "U" and names.dtype.kind != "U" or labels.dtype.kind != "U" and names.dtype.kind == "U":
        raise InputError(f"expected {what}s of the same type as the classes, got {labels.dtype} and {names.dtype}")
    index = order[np.searchsorted(names, labels, sorter=order).clip(max=len(names) - 1)]
    unknown = names[index] != labels
    if unknown.any():
        raise InputError(f"expected every {what} to be one of the {len(names)} classes, got {labels[unknown][0]!r}")
    return index

"""Learners that users give: estimators of scikit-learn with ``partial_fit``, and learners of their own."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.models.baselines.memory import Kept
from indeependence.models.baselines.scikit import Scikit
from indeependence.moments.moments import Label

SCORES = ("predict_joint_log_proba", "decision_function", "predict_log_proba", "predict_proba")


class Estimator(Scikit):
    """A classifier of scikit-learn's interface with ``partial_fit``, of which nothing else is known.

    Inputs are pixels or columns from 0 to 1. What it keeps are its arrays whose names end with an underscore.

    >>> from sklearn.naive_bayes import GaussianNB
    >>> Estimator([0, 1], GaussianNB()).about
    'GaussianNB, pixels or columns from 0 to 1, one pass'
    """

    def __init__(self, labels: Sequence[Label], estimator: Any, **options: Any):
        scoring = next((name for name in SCORES if hasattr(estimator, name)), "predict")
        about = f"{type(estimator).__name__}, pixels or columns from 0 to 1, one pass"
        super().__init__(labels, estimator, attributes=(), scoring=scoring, about=about, **options)

    def _scores(self, codes: np.ndarray) -> np.ndarray:
        if self.scoring == "predict":
            places = super()._scores(codes)[:, 1]  # labels are learned as places
            return np.eye(len(self.labels))[places.astype(np.intp)]
        return super()._scores(codes)

    @property
    def moments_(self) -> Kept:
        """Everything that is kept between tasks, as far as it stands in arrays."""
        kept = vars(self.fitted).items()
        return Kept(tuple(value for name, value in kept if name.endswith("_") and isinstance(value, np.ndarray)))


def as_learner(given: Any, labels: Sequence[Label], **options: Any) -> Any:
    """Return a learner as it is, and an estimator with ``partial_fit`` as one; raise `InputError` for anything else."""
    if hasattr(given, "restart") and hasattr(given, "learn"):
        return given
    if hasattr(given, "partial_fit") and hasattr(given, "predict") and not isinstance(given, type):
        return Estimator(labels, given, **options)
    what = given.__name__ if isinstance(given, type) else type(given).__name__
    raise InputError(
        f"expected a learner, with restart, learn and weights, or an estimator with partial_fit and predict, got {what}"
    )


def learner_named(text: str, labels: Sequence[Label], **options: Any) -> Any:
    """Return what ``module:factory`` makes, as a learner; a factory with a parameter ``labels`` gets all that may come.

    Modules are looked for in the present folder, too. Raise `InputError` for what cannot be imported or made.

    >>> learner_named("sklearn.naive_bayes:BernoulliNB", [0, 1]).about
    'BernoulliNB, pixels or columns from 0 to 1, one pass'
    """
    module, _, name = text.partition(":")
    if not module or not name:
        raise InputError(f"--with: expected module:factory, such as sklearn.naive_bayes:GaussianNB, got {text!r}")
    here = str(Path.cwd())
    try:
        sys.path.insert(0, here)
        factory = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise InputError(f"--with {text}: expected a module and a name in it ({error})") from error
    finally:
        sys.path.remove(here)
    if not callable(factory):
        raise InputError(f"--with {text}: expected a class or a function that makes a learner, got {factory!r}")
    try:
        takes = inspect.signature(factory).parameters
        made = factory(labels=list(labels)) if "labels" in takes else factory()
    except (TypeError, ValueError) as error:
        raise InputError(f"--with {text}: it was called and failed ({error})") from error
    return as_learner(made, labels, **options)

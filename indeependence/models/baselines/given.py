"""Learners that users give: estimators of scikit-learn with ``partial_fit``, Keras models, learners of their own."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.errors import InputError, did_you_mean
from indeependence.models.baselines.memory import Kept
from indeependence.models.baselines.scikit import Scikit
from indeependence.models.baselines.settings import Setting, checked
from indeependence.moments.moments import Label

SCORES = ("predict_joint_log_proba", "decision_function", "predict_log_proba", "predict_proba")
OF_FITS = {"epochs": Setting(1, 1), "batch_size": Setting(32, 1)}  # of a Keras model


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
        scores = super()._scores(codes)
        labels, name = len(self.labels), f"{type(self.estimator).__name__}.{self.scoring}"
        if self.scoring == "predict":
            places = scores[:, -1]  # labels are learned as places
            if len(places) != len(codes) or not np.isin(places, np.arange(labels)).all():
                raise InputError(f"{name}: expected one of the labels that it learned for each of {len(codes)} rows")
            return np.eye(labels)[places.astype(np.intp)]
        if len(scores) != len(codes):
            raise InputError(f"{name}: expected scores of {len(codes)} rows, got {len(scores)}")
        return scores

    @property
    def moments_(self) -> Kept:
        """Everything that is kept between tasks, as far as it stands in arrays."""
        kept = vars(self.fitted).items()
        return Kept(tuple(value for name, value in kept if name.endswith("_") and isinstance(value, np.ndarray)))


def as_learner(given: Any, labels: Sequence[Label], **options: Any) -> Any:
    """Return a learner as it is, and a compiled Keras model or an estimator with ``partial_fit`` as one.

    Raise `InputError` for anything else.
    """
    if hasattr(given, "restart") and hasattr(given, "learn"):
        return given
    if is_keras(given):
        from indeependence.models.baselines.keras_model import KerasLearner

        return KerasLearner(labels, given, **options)
    if hasattr(given, "partial_fit") and hasattr(given, "predict") and not isinstance(given, type):
        return Estimator(labels, given, **options)
    what = given.__name__ if isinstance(given, type) else type(given).__name__
    raise InputError(
        "expected a learner, with restart, learn and weights, a compiled Keras model, or an estimator with partial_fit "
        f"and predict, got {what}"
    )


def is_keras(given: Any) -> bool:
    """Return whether this is a model of Keras, which is loaded then."""
    return "keras" in sys.modules and isinstance(given, sys.modules["keras"].Model)


def learner_named(text: str, labels: Sequence[Label], settings: Mapping[str, str] | None = None, **options: Any) -> Any:
    """Return what ``module:factory`` makes, as a learner; a factory with a parameter ``labels`` gets all that may come.

    ``settings`` go to the factory by name, as numbers where they are; a Keras model's ``epochs`` and ``batch_size`` go
    to its fit if the factory has no such parameter. Modules are looked for in the present folder, too. Raise
    `InputError` for what cannot be imported or made.

    >>> learner_named("sklearn.naive_bayes:BernoulliNB", [0, 1], {"alpha": "2"}).estimator
    BernoulliNB(alpha=2)
    """
    factory = _imported(text)
    parameters = _parameters(factory)
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    values = {name: _literal(value) for name, value in (settings or {}).items()}
    own = {name: value for name, value in values.items() if name in parameters or takes_all}
    others = {name: value for name, value in values.items() if name not in own}
    try:
        made = factory(**({"labels": list(labels)} if "labels" in parameters else {}), **own)
    except Exception as error:  # of any kind: it is the user's
        _check_known(text, set(others) - set(OF_FITS), parameters)
        told = isinstance(error, TypeError) and not takes_all
        known = f"; it has {', '.join(parameters) or 'no settings'}" if told else ""
        raise InputError(f"{text}: it was called and failed ({type(error).__name__}: {error}){known}") from error
    of_fit = OF_FITS if is_keras(made) else {}
    _check_known(text, set(others) - set(of_fit), [*parameters, *of_fit])
    fit = checked(text, of_fit, {name: (settings or {})[name] for name in others})
    return as_learner(made, labels, **options, **({"fit": fit} if of_fit else {}))


def _check_known(text: str, unknown: Iterable[str], known: Iterable[str]) -> None:
    for name in sorted(unknown):
        raise InputError(f"{text}: no setting {name}{did_you_mean(name, known)}; it has {', '.join(known) or 'none'}")


def _imported(text: str) -> Callable[..., Any]:
    module, _, name = text.partition(":")
    if not module or not name:
        raise InputError(f"expected MODULE:NAME, such as sklearn.naive_bayes:GaussianNB, got {text!r}")
    here = str(Path.cwd())
    try:
        sys.path.insert(0, here)
        factory = getattr(importlib.import_module(module), name)
    except Exception as error:  # of any kind: it is the user's module
        raise InputError(f"{text}: expected a module and a name in it ({error or type(error).__name__})") from error
    finally:
        sys.path.remove(here)
    if not callable(factory):
        raise InputError(f"{text}: expected a class or a function that makes a learner, got {factory!r}")
    return factory


def _parameters(factory: Callable) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(factory).parameters
    except ValueError:  # written in C
        return {}


def _literal(text: str) -> Any:
    """Return a number, True, False or None that is written so, and any other text as it is."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text

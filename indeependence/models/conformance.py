"""Checks that every learner must pass, including one that you wrote yourself: `check_learner`."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import models
from indeependence.errors import InputError
from indeependence.models.learner import Batch, Learner
from indeependence.models.readout import predict
from indeependence.moments.moments import Label, sorted_labels

ORDER, FILE, MERGE, FORGET = PROMISES = ("order", "file", "merge", "forget")


@dataclass(frozen=True, eq=False)
class Trial:
    """A learner under test, and examples of three classes that are easy to separate."""

    learner: Learner
    labels: tuple[Label, ...]
    inputs: np.ndarray  # [N, ...] uint8
    targets: np.ndarray  # [N]

    def fresh(self) -> Any:
        """Return the learner as it was given, with nothing learned."""
        return copy.deepcopy(self.learner).restart(self.inputs)

    def batches(self, *rows: slice | np.ndarray) -> Iterator[Batch]:
        """Return batches of these rows, in this order."""
        return ((self.inputs[part], self.targets[part]) for part in rows)

    def learned(self, *rows: slice | np.ndarray) -> Any:
        """Return a learner that has learned these rows as one task, in batches."""
        return self.fresh().learn(self.batches(*rows))

    @property
    def halves(self) -> tuple[slice, slice]:
        """Two batches that together are all rows; each has every class."""
        return slice(0, len(self.inputs) // 2), slice(len(self.inputs) // 2, None)


def check_learner(
    learner: Learner, *, labels: Sequence[Label] = (0, 1, 2), shape: tuple[int, ...] = (6, 6)
) -> list[str]:
    """Check a learner that is not restarted yet, and return the names of the checks that it passed.

    ``labels`` are three that it can learn, ``shape`` is the shape of one input. What its attribute ``promises`` names
    is checked as well: "order" (the order and the batches of the examples change nothing), "file", "merge", "forget".
    Merging and forgetting must raise `InputError` unless they are promised.
    Raise `AssertionError` with the failed check, what was expected and what was found.

    >>> from indeependence import ContinualClassifier
    >>> check_learner(ContinualClassifier("8"))[:2]
    ['begins with nothing', 'codes keep to their rows']
    """
    kept = set(getattr(learner, "promises", ()))
    if kept - set(PROMISES):
        raise InputError(f"expected promises among {', '.join(PROMISES)}, got {min(kept - set(PROMISES))!r}")
    trial = Trial(learner, sorted_labels(labels), *_examples(sorted_labels(labels), shape))
    passed = []
    for name, (promise, check) in CHECKS.items():
        if promise is None or promise in kept:
            check(trial)
            passed.append(name)
    for promise in (MERGE, FORGET):
        if promise not in kept:
            _refused(f"{promise} without a promise", partial(_call, trial, promise))
            passed.append(f"refuses to {promise}")
    return passed


def _examples(labels: tuple[Label, ...], shape: tuple[int, ...]) -> Batch:
    """Return 90 pictures or vectors with a bright part for each class, in an order that mixes the classes."""
    rng = np.random.default_rng(0)
    size, places = int(np.prod(shape)), np.arange(90) % 3
    inputs = rng.integers(0, 60, (90, size))
    for place in range(3):
        part = slice(place * size // 3, (place + 1) * size // 3)
        inputs[places == place, part] += rng.integers(120, 190, (30, 1))
    return inputs.astype(np.uint8).reshape(90, *shape), np.array([labels[place] for place in places])


def _begins_with_nothing(trial: Trial) -> None:
    _same("stored examples at the start", trial.fresh().stored_examples, 0)


def _codes_keep_to_their_rows(trial: Trial) -> None:
    encoder = trial.fresh().encoder_
    whole = encoder(trial.inputs)
    _same("rows of codes", len(whole), len(trial.inputs))
    _same("codes of one input alone", encoder(trial.inputs[4:5]).tolist(), whole[4:5].tolist())
    _same("codes on one thread", encoder(trial.inputs, jobs=1).tolist(), whole.tolist())


def _knows_what_it_learned(trial: Trial) -> None:
    learner = trial.learned(*trial.halves)
    _same("labels of the readout", tuple(learner.weights.labels), trial.labels)
    codes = learner.encoder_(trial.inputs)
    _same("shape of the scores", learner.weights.scores(codes).shape, (len(codes), 3))
    right = float(np.mean(predict(learner.weights, codes) == trial.targets))
    _true(f"nine of ten examples that it learned, got {right:.2f}", right >= 0.9)


def _knows_only_what_it_saw(trial: Trial) -> None:
    seen = np.flatnonzero(np.isin(trial.targets, np.array(trial.labels[:2])))
    learner = trial.learned(seen)
    _same("labels after two classes", tuple(learner.weights.labels), trial.labels[:2])
    rest = np.flatnonzero(~np.isin(trial.targets, np.array(trial.labels[:2])))
    learner.learn(trial.batches(rest))
    _same("labels after a new class", tuple(learner.weights.labels), trial.labels)


def _is_repeatable(trial: Trial) -> None:
    first, second = (trial.learned(*trial.halves).moments_.fingerprint for _ in range(2))
    _same("fingerprint of the same learning", second, first)


def _restarts(trial: Trial) -> None:
    learner, fresh = trial.learned(*trial.halves), trial.fresh().moments_.fingerprint
    _true("another fingerprint after learning", learner.moments_.fingerprint != fresh)
    _same("fingerprint after a restart", learner.restart(trial.inputs).moments_.fingerprint, fresh)


def _reads_batches_once(trial: Trial) -> None:
    source = trial.batches(*trial.halves)
    trial.fresh().learn(source)
    _same("batches left of an iterator", list(source), [])


def _refuses_bad_input_unchanged(trial: Trial) -> None:
    learner = trial.learned(*trial.halves)
    before = learner.moments_.fingerprint
    wrong_shape = trial.inputs.reshape(len(trial.inputs), -1)[:, :-1]
    not_numbers = np.full(trial.inputs.shape, np.nan)
    for what, inputs in (("inputs of another shape", wrong_shape), ("inputs of NaN", not_numbers)):
        batches = [(trial.inputs[:4], trial.targets[:4]), (inputs, trial.targets)]
        _refused(what, partial(learner.learn, iter(batches)))
        _same(f"fingerprint after {what} were refused", learner.moments_.fingerprint, before)
    right = np.mean(predict(learner.weights, learner.encoder_(trial.inputs)) == trial.targets)
    _true("answers as before after a refusal", right >= 0.9)


def _order_changes_nothing(trial: Trial) -> None:
    expected = trial.learned(*trial.halves).moments_.fingerprint
    singles = [slice(row, row + 1) for row in range(len(trial.inputs))]
    for what, rows in (("halves the other way round", trial.halves[::-1]), ("rows one by one", singles[::-1])):
        _same(f"fingerprint of {what}", trial.learned(*rows).moments_.fingerprint, expected)


def _comes_back_from_its_file(trial: Trial) -> None:
    learner, second = trial.learned(trial.halves[0]), trial.halves[1]
    with tempfile.TemporaryDirectory() as folder:
        learner.save(Path(folder) / "model")
        again = models.open(Path(folder) / "model")
    _same("fingerprint from the file", again.moments_.fingerprint, learner.moments_.fingerprint)
    answers = [predict(one.weights, one.encoder_(trial.inputs)).tolist() for one in (learner, again)]
    _same("answers from the file", answers[1], answers[0])
    _true("facts", isinstance(again.facts(), dict))
    probabilities = again.predictor.probabilities(trial.inputs)
    _true("probabilities that add up to 1", np.allclose(probabilities.sum(1), 1))
    for one in (learner, again):
        one.learn(trial.batches(second), task=1)
    _same("fingerprint after learning on", again.moments_.fingerprint, learner.moments_.fingerprint)


def _merges(trial: Trial) -> None:
    one, other, both = (trial.learned(*rows) for rows in (trial.halves[:1], trial.halves[1:], trial.halves))
    _same("fingerprint of a merge", one.merge(other).moments_.fingerprint, both.moments_.fingerprint)


def _forgets(trial: Trial) -> None:
    one, both = trial.learned(trial.halves[0]), trial.learned(*trial.halves)
    gone = trial.halves[1]
    both.forget(trial.inputs[gone], trial.targets[gone])
    _same("fingerprint after forgetting", both.moments_.fingerprint, one.moments_.fingerprint)
    before = one.moments_.fingerprint
    _refused("examples to forget that were never learned", lambda: one.forget(trial.inputs, trial.targets))
    _same("fingerprint after forgetting was refused", one.moments_.fingerprint, before)


CHECKS: dict[str, tuple[str | None, Callable[[Trial], None]]] = {
    "begins with nothing": (None, _begins_with_nothing),
    "codes keep to their rows": (None, _codes_keep_to_their_rows),
    "knows what it learned": (None, _knows_what_it_learned),
    "knows only what it saw": (None, _knows_only_what_it_saw),
    "is repeatable": (None, _is_repeatable),
    "restarts": (None, _restarts),
    "reads batches once": (None, _reads_batches_once),
    "refuses bad input unchanged": (None, _refuses_bad_input_unchanged),
    "order changes nothing": (ORDER, _order_changes_nothing),
    "comes back from its file": (FILE, _comes_back_from_its_file),
    "merges": (MERGE, _merges),
    "forgets": (FORGET, _forgets),
}


def _call(trial: Trial, promise: str) -> None:
    learner = trial.learned(*trial.halves)
    if promise == MERGE:
        learner.merge(trial.learned(*trial.halves))
    else:
        learner.forget(trial.inputs, trial.targets)


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise AssertionError(f"expected {what} to be {str(expected)[:80]}, got {str(found)[:80]}")


def _true(what: str, holds: object) -> None:
    if not holds:
        raise AssertionError(f"expected {what}")


def _refused(what: str, act: Callable[[], object]) -> None:
    try:
        act()
    except InputError:
        return
    except Exception as error:
        raise AssertionError(f"expected an InputError for {what}, got {type(error).__name__}: {error}") from error
    raise AssertionError(f"expected an InputError for {what}, got none")

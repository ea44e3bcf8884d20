"""This project's model and other methods on the same tasks, in the same process and by the same loop."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from indeependence.data.scenarios import Scenario
from indeependence.errors import InputError
from indeependence.experiment.evaluation import evaluate
from indeependence.experiment.methods import Method, Settings, methods_of
from indeependence.experiment.unfinished import Unfinished
from indeependence.experiment.watching import Watch, unwatched
from indeependence.models.baselines.catalogue import KINDS, USUAL
from indeependence.models.baselines.memory import Kept
from indeependence.models.baselines.settings import name_of
from indeependence.models.learner import Learner
from indeependence.moments.moments import sorted_labels
from indeependence.report.comparison import Bytes, Entry, with_intransigence

log = logging.getLogger(__name__)
OURS = (InputError, OSError, MemoryError)  # errors that say themselves what is wrong


def compare(
    scenarios: Sequence[Scenario],
    names: Sequence[str] = USUAL,
    settings: Settings | None = None,
    *,
    kept: Unfinished | None = None,
    watch: Watch = unwatched,
    **about: Any,
) -> list[Entry]:
    """Evaluate each method on all ``scenarios``, with seeds from the settings' seed upwards, and return the results.

    What is done of them is ``kept`` and not done again. ``about`` goes to `evaluate`: the name of the data, options and
    command. Time counts from after the libraries of a method are loaded.

    >>> from indeependence import load_dataset, split_tasks
    >>> [entry] = compare([split_tasks(load_dataset("digits"), tasks=5)], ["lda"])
    >>> entry.name, entry.stored_examples, bool(entry.average_accuracy > 0.9)
    ('lda', 0, True)
    """
    settings = Settings() if settings is None else settings
    runs: dict[str, list[Entry]] = {}
    for number, scenario in enumerate(scenarios):
        labels = sorted_labels(label for part in scenario.train for label in part.classes.tolist())
        seeded = replace(settings, seed=settings.seed + number, scenario=scenario.name)
        methods = methods_of(names, labels, seeded)
        learners = [method.learner(scenario.train[0].part(0, 1).arrays()[0].shape[1:]) for method in methods]
        for method in methods:  # all that can be refused was refused before anything is learned
            learner, run = learners.pop(0), f"{method.name}, seed {seeded.seed}"
            told = None if kept is None else kept.result(run, Entry.of_json)
            entry = _entry(method, learner, scenario, run, kept, watch, about) if told is None else told
            if kept is not None and told is None:
                kept.keep(run, entry.to_json())
            runs.setdefault(method.name, []).append(entry)
    joined = [replace(entries[-1], results=tuple(one.results[0] for one in entries)) for entries in runs.values()]
    return with_intransigence(joined)


def _entry(
    method: Method,
    learner: Learner,
    scenario: Scenario,
    run: str,
    kept: Unfinished | None,
    watch: Watch,
    about: dict[str, Any],
) -> Entry:
    """Return what one method does on one scenario; raise `InputError` if a user's learner fails."""

    def named(what: str, done: int, total: int) -> None:
        watch(f"{method.name}: {what}", done, total)

    checkpoints = None if kept is None else kept.checkpoints(run)
    try:
        result = evaluate(scenario, learner, watch=named, checkpoints=checkpoints, **about)
    except Exception as error:
        if name_of(method.name) in KINDS or isinstance(error, OURS):
            raise
        raise _failed(method.name, error) from error
    return Entry(method.name, (result,), method.about(learner), held_by(learner), method.settings, method.given)


def _failed(name: str, error: Exception) -> InputError:
    """Return an error of a user's learner as one line, with the place where it was raised."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        log.debug("%s", line)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where, what = f"{Path(frame.filename).name}, line {frame.lineno}", f"{type(error).__name__}: {error}"
    return InputError(f"{name}: expected a learner that learns and answers, got {what} ({where}); -vv tells more")


def held_by(learner: Learner) -> Bytes:
    """Return the bytes of all that a learner needs to go on: parameters, statistics and stored examples."""
    kept = learner.moments_
    if isinstance(kept, Kept):
        return Bytes(
            *(sum(array.nbytes for array in part) for part in (kept.parameters, kept.statistics, kept.examples))
        )
    return Bytes(learner.encoder_.nbytes, kept.nbytes, 0)

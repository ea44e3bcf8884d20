"""This project's model and other methods on the same tasks, in the same process and by the same loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from indeependence.data.scenarios import Scenario
from indeependence.experiment.evaluation import evaluate
from indeependence.experiment.methods import Method, Settings, methods_of
from indeependence.experiment.watching import Watch, unwatched
from indeependence.models.baselines.catalogue import USUAL
from indeependence.models.baselines.memory import Kept
from indeependence.models.learner import Learner
from indeependence.moments.moments import sorted_labels
from indeependence.report.comparison import Bytes, Entry


def compare(
    scenarios: Sequence[Scenario],
    names: Sequence[str] = USUAL,
    settings: Settings | None = None,
    *,
    watch: Watch = unwatched,
    **about: Any,
) -> list[Entry]:
    """Evaluate each method on all ``scenarios``, with seeds from the settings' seed upwards, and return the results.

    ``about`` goes to `evaluate`: the name of the data, options and command. Time counts from after the libraries of a
    method are loaded.

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
            runs.setdefault(method.name, []).append(_entry(method, learners.pop(0), scenario, watch, about))
    return [replace(entries[-1], results=tuple(one.results[0] for one in entries)) for entries in runs.values()]


def _entry(method: Method, learner: Any, scenario: Scenario, watch: Watch, about: dict[str, Any]) -> Entry:
    def named(what: str, done: int, total: int) -> None:
        watch(f"{method.name}: {what}", done, total)

    result = evaluate(scenario, learner, watch=named, **about)
    return Entry(
        name=method.name,
        about=method.about(learner),
        results=(result,),
        bytes=held_by(learner),
        settings=method.settings,
        given=method.given,
    )


def held_by(learner: Learner) -> Bytes:
    """Return the bytes of all that a learner needs to go on: parameters, statistics and stored examples."""
    kept = learner.moments_
    if isinstance(kept, Kept):
        return Bytes(
            *(sum(array.nbytes for array in part) for part in (kept.parameters, kept.statistics, kept.examples))
        )
    return Bytes(learner.encoder_.nbytes, kept.nbytes, 0)
